"""From files to what an apply writes: everything wrong is said at once, and what is made hangs together."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.deploy import steps
from delivery.rules.plan import Effect
from delivery.rules.problem import Refused, Severity
from tests.unit.rules.files import DONE, NEW, NOW, PRODUCT, ROLLOUT, STABLE, TEXTS, WITHDRAWAL, files, with_lines

ROOT = Path(__file__).parents[3]
RAISED = with_lines('at: "2026-11-25T12:00:00Z", percent: 25')


def own_files() -> dict[str, bytes]:
    """The repository's own facts."""
    found = [ROOT / "product.yaml", *(ROOT / "releases").rglob("*.yaml")]
    return {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in found}


def refused(given: Mapping[str, bytes], base: Mapping[str, bytes] | None = None, environment: str = "laptop") -> str:
    """What preparing these files is answered with, as people read it."""
    with pytest.raises(Refused) as caught:
        steps.prepare(given, base, environment, NOW)
    return str(caught.value)


def test_files_that_cannot_be_read_are_all_named_at_once() -> None:
    broken = files({STABLE: "channel: [\n", ROLLOUT: TEXTS[ROLLOUT] + "  - {at: tomorrow, percent: ten}\n"})
    _, problems = steps.examine(broken, None, NOW)
    assert sorted({(problem.path, problem.line) for problem in problems}) == [(STABLE, 2), (ROLLOUT, 8)]
    assert [problem.field for problem in problems] == ["", "steps.3.at", "steps.3.percent"]


def test_a_stray_file_does_not_hide_what_else_is_wrong() -> None:
    left = {path: data for path, data in files().items() if path != DONE} | {"releases/notes.txt": b"x"}
    _, told = steps.examine(left, files(), NOW)
    assert [problem.path for problem in told if problem.severity is Severity.error] == ["releases/notes.txt", DONE]


def test_rules_that_are_broken_in_several_files_are_all_named_at_once() -> None:
    broken = {**with_lines('at: "2026-11-25T12:00:00Z", percent: 30'), WITHDRAWAL: b""}
    broken[WITHDRAWAL] = (
        b'withdraw: 1.3.0\nchannels: [beta]\nat: "2026-11-24T08:15:00Z"\nreason: it was not there\ndownloads: hide\n'
    )
    assert refused(broken, files()).splitlines() == [
        f"{ROLLOUT}:8: steps.3.percent: 30 is not on the ladder of stable; write 1, 10, 25, 50 or 100",
        f"{WITHDRAWAL}:2: channels.0: withdraws nothing: 1.3.0 was never rolled out on beta; "
        "write where it was: stable",
    ]


def test_what_is_merged_is_held_against_the_base() -> None:
    removed = {path: data for path, data in files().items() if path != ROLLOUT}
    assert steps.examine(removed, removed, NOW)[1] == ()
    assert ROLLOUT in refused(removed, files())


def test_a_base_that_cannot_be_read_does_not_stop_its_own_mending() -> None:
    assert steps.prepare(files(), files({STABLE: "channel: ["}), "laptop", NOW).warnings == ()


def test_warnings_pass_and_are_kept() -> None:
    prepared = steps.prepare(files(), files(), "laptop", NOW)
    assert all(problem.severity is Severity.warning for problem in prepared.warnings)


def test_the_catalog_is_a_pure_function_of_the_facts() -> None:
    first, again = (steps.prepare(files(), None, "laptop", now) for now in (NOW, datetime(2027, 1, 1, tzinfo=UTC)))
    assert (first.data, first.sha256) == (again.data, again.sha256)
    assert first.sha256 == hashlib.sha256(first.data).hexdigest()


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_what_the_demo_key_signed_is_refused_by_name_elsewhere_than_on_a_laptop(environment: str) -> None:
    own = own_files()
    prepared = steps.prepare(own, own, "laptop", datetime.now(UTC))
    signed = {
        artifact.file
        for release in prepared.catalog.releases.values()
        for bundles in release.artifacts.values()
        for artifact in bundles.values()
        if artifact.signature
    }
    said = refused(own, own, environment).splitlines()
    assert {line.split(": ")[2].split(" is signed by ")[0] for line in said} == signed
    assert all(
        line.endswith(
            "is signed by key 571C4ECA40B224A1 (the demo key of delivery/laptop/keys), which "
            f"{environment} does not trust; sign it with a key that product.yaml trusts in {environment}"
        )
        for line in said
    )


def test_one_artifact_of_a_foreign_key_is_enough_to_be_refused() -> None:
    assert f"{NEW}:" in refused(files(), files(), "production")
    trusted = files({PRODUCT: TEXTS[PRODUCT].replace("trusted-in: [laptop]", "trusted-in: [laptop, production]")})
    assert steps.prepare(trusted, trusted, "production", NOW).catalog.environment == "production"


def test_a_comparison_says_what_the_change_does() -> None:
    before, after = (steps.prepare(given, files(), "laptop", NOW) for given in (files(), RAISED))
    assert steps.compare(before, before, NOW).effect is Effect.none
    assert steps.compare(before, after, NOW).effect is Effect.wider
    assert steps.compare(after, before, NOW).effect is Effect.narrower


def test_a_publication_has_the_catalog_the_head_and_a_manifest_for_every_way_down() -> None:
    prepared = steps.prepare(files(), None, "laptop", NOW)
    made = steps.publication(prepared, b"the head", "https://downloads.espice.localhost", NOW)
    assert (made.catalog, made.head) == (prepared.data, b"the head")
    assert sorted(made.manifests) == [
        "v1/notices.json",
        *(
            f"v1/update/{channel}/linux/x86_64/{bundle}.json"
            for channel in ("beta", "stable")
            for bundle in ("appimage", "deb", "unknown")
        ),
    ]
    assert json.loads(made.manifests["v1/update/stable/linux/x86_64/appimage.json"])["version"] == "1.3.0"
