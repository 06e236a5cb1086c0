"""Every drill, one after the other on one laptop of its own: the ladder holds, whatever breaks."""

import sys
from collections.abc import Iterator

import pytest

from delivery.drills.every import DRILLS
from delivery.drills.rehearse import LINUX, rehearse
from delivery.drills.scratch import scratch
from delivery.drills.subject import Subject
from delivery.present.drill import told
from tests.laptop.system import copy_of_this_repository

WATCHED_S = 0.5  # each stage at least; it lasts until everybody was asked anyway


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """Started once; each drill leaves it as it was."""
    with scratch(copy_of_this_repository(tmp_path_factory.mktemp("drilled")), print) as running:
        yield running


@pytest.mark.timeout(600)  # some apply the whole platform twice
@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_goes_as_expected_nobody_is_offered_what_must_not_be_and_all_recover(
    subject: Subject, name: str
) -> None:
    if DRILLS[name].needs_linux and sys.platform != "linux":
        pytest.skip(LINUX)
    report = rehearse(DRILLS[name], subject, WATCHED_S, print)
    print("\n".join(told(report)))  # how long recovery took, for whoever reads the log
    assert report.problems == ()
    assert report.wrong() == 0
    assert report.recovered is not None
