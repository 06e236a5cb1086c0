"""Which versions have files that people may come to."""

import pytest

from delivery.rules.files import harmful, reachable
from tests.unit.rules.files import FULL, STOP, WITHDRAWAL, facts, files, rolled_out

STOPPED = 'stop: {channel: stable}\nat: "2026-11-24T09:00:00Z"\nreason: It loses work.\n'
WITHDRAWN = """\
withdraw: 1.3.0
channels: [stable]
at: "2026-11-24T09:00:00Z"
reason: It loses work.
downloads: %s
"""
LIFTED = 'lifted: {at: "2026-11-24T10:00:00Z", reason: It was nothing.}\n'


@pytest.mark.parametrize(
    ("more", "reached", "harm"),
    [
        ({}, {"1.3.0", "1.4.0"}, set()),
        ({STOP: STOPPED}, set(), set()),
        ({STOP: STOPPED.replace("stable", "stable, versions: [1.4.0]")}, {"1.3.0"}, set()),
        ({STOP: STOPPED + LIFTED}, {"1.3.0", "1.4.0"}, set()),
        ({WITHDRAWAL: WITHDRAWN % "keep"}, {"1.3.0", "1.4.0"}, set()),
        ({WITHDRAWAL: WITHDRAWN % "hide"}, {"1.3.0", "1.4.0"}, set()),
        ({WITHDRAWAL: WITHDRAWN % "gone"}, {"1.4.0"}, {"1.3.0"}),
        ({WITHDRAWAL: WITHDRAWN % "gone" + LIFTED}, {"1.3.0", "1.4.0"}, set()),
        ({WITHDRAWAL: WITHDRAWN % "gone"} | rolled_out("beta/1.3.0", FULL), {"1.3.0", "1.4.0"}, set()),
        ({WITHDRAWAL: WITHDRAWN % "gone", STOP: STOPPED}, set(), {"1.3.0"}),
    ],
    ids=[
        "rolled out",
        "all is stopped",
        "one is stopped",
        "stopped no more",
        "files are kept",
        "files are hidden, and links work",
        "files are gone",
        "files are gone no more",
        "another channel offers it",
        "withdrawn and stopped",
    ],
)
def test_whoever_may_be_offered_a_version_may_come_to_its_files(
    more: dict[str, str], reached: set[str], harm: set[str]
) -> None:
    found = facts(files(more))
    assert (reachable(found), harmful(found)) == (reached, harm)
