"""release as the build types it: a version's fact from the folder that a build leaves behind."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.artifacts import samples
from delivery.laptop import keys
from delivery.rules.read import read
from tests.unit.commands.desk import Desk

BUILT = ("--source-commit", "2591df7790c6774a2e2089450479311aecb14163", "--run", "https://ci.espice.app/1")


@pytest.fixture
def built(desk: Desk, tmp_path: Path) -> Path:
    """The folder that a build of 1.6.0 leaves behind."""
    files = {path: (desk.repo / path).read_bytes() for path in ("product.yaml", "releases/policy.yaml")}
    facts, _ = read(files)
    assert facts is not None
    made = samples.release(facts.product.value, "1.6.0", datetime(2026, 11, 22, tzinfo=UTC), "", keys.artifact_key())
    for target, bundles in made.artifacts.items():
        for bundle, artifact in bundles.items():
            (tmp_path / artifact.file).write_bytes(samples.build("ESpice", "1.6.0", target, bundle))
            if artifact.signature:
                (tmp_path / f"{artifact.file}.sig").write_text(artifact.signature)
    return tmp_path


def test_a_release_is_written_from_its_folder_and_started_by_a_verb(
    desk: Desk, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    notes = tmp_path_factory.mktemp("notes") / "1.6.0.md"
    notes.write_text("Undo works across sheets.\nFewer crashes.\n")
    typed = ("release", "1.6.0", "--from", str(built), "--notes", str(notes), *BUILT, "--minimum-os", "macos=12.0")
    said = desk.inv(*typed, "--commit")
    assert (said.status, said.err) == (0, "")
    assert "nobody is offered anything else" in said.out
    text = desk.read("releases/versions/1.6.0.yaml")
    assert text.startswith("# yaml-language-server: $schema=")
    assert 'minimum-os:\n  macos: "12.0"\n' in text
    assert "  Undo works across sheets.\n  Fewer crashes.\n" in text
    assert desk.inv("start", "beta", "1.6.0", "--evidence", "a full update from 1.5.0-beta.1").status == 0
    assert desk.changed() == "A  releases/rollouts/beta/1.6.0.yaml\n"


def test_a_wrong_folder_is_told_whole(desk: Desk, built: Path) -> None:
    (built / "ESpice_1.6.0_amd64.deb.sig").unlink()
    (built / "ESpice_1.6.0_x64.dmg").rename(built / "ESpice_1.5.9_x64.dmg")
    said = desk.inv("release", "1.6.0", "--from", str(built), "--notes", "README.md", *BUILT)
    name = built.name
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"{name}: has no dmg for darwin-x86_64; add ESpice_1.6.0_x64.dmg",
        f"{name}/ESpice_1.5.9_x64.dmg: is of 1.5.9 by its name, not of 1.6.0; take it out, or build it anew",
        f"{name}/ESpice_1.6.0_amd64.deb: has no signature beside it: ESpice_1.6.0_amd64.deb.sig; "
        "sign it with: tauri signer sign --app-version VERSION FILE",
        "3 problems",
    ]
    assert desk.changed() == ""


def test_no_folder_is_no_release(desk: Desk) -> None:
    said = desk.inv("release", "1.6.0", "--from", "no", "--notes", "README.md", *BUILT)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("--from no: is no folder")
