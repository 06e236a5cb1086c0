"""simulate as it is typed: on a real repository of small facts."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands import simulate as task
from tests.unit.commands.desk import standing_in
from tests.unit.rules.worlds import NOON, files, step, world

FROM = f"{NOON:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Path]:
    repo = tmp_path / "repo"
    facts = world({"stable/1.3.0": [step(100, -500)], "stable/1.4.0": [step(10), step(100, 24)]})
    for path, data in files(facts).items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_bytes(data)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "facts"]):
        who = ["-c", "user.name=A Person", "-c", "user.email=person@espice.app", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=repo, check=True)
    with standing_in(repo):
        yield repo


def typed(
    *,
    commit: str = "HEAD",
    since: str = FROM,
    days: str = "2",
    installs: str = "500",
    failure: tuple[str, ...] = (),
    seed: str = "1",
    plot: str = "",
    as_json: bool = False,
) -> int:
    return task.simulate(commit, since, days, installs, failure, seed, plot, as_json)


@pytest.mark.usefixtures("repository")
def test_it_prints_a_table_whose_numbers_are_whole_however_narrow_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert typed() == 0
    said = capsys.readouterr().out
    assert "500 installations through the facts of" in said
    assert "Wed 2026-11-25 12:00 to Fri 2026-11-27 12:00 UTC" in said
    assert [line.split()[:3] for line in said.splitlines() if line.endswith("GB  ")] == [
        ["Wed", "25", "Nov"],
        ["Thu", "26", "Nov"],
    ]
    assert "…" not in said


@pytest.mark.usefixtures("repository")
def test_json_says_it_hour_by_hour(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(as_json=True, failure=("1.4.0=1",)) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["commit"]) == 40
    assert found["start"] == "2026-11-25T12:00:00+00:00"
    assert sum(found["failures"]["1.4.0"]) > 200
    assert "1.4.0" not in found["adoption"] or max(found["adoption"]["1.4.0"]) < 50  # only newcomers


@pytest.mark.slow  # loads matplotlib
@pytest.mark.usefixtures("repository")
def test_it_draws_where_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fleet.svg"
    assert typed(plot=str(file)) == 0
    assert b"stable/1.4.0" in file.read_bytes()
    assert capsys.readouterr().err.splitlines()[-1] == f"drew {file}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"plot": "a.pdf"}, "--plot a.pdf: is neither an .svg nor a .png file; name one"),
        ({"plot": "nowhere/a.png"}, "--plot nowhere/a.png: there is no folder nowhere; make it first"),
        ({"failure": ("1.4.0=3",)}, "--failure 1.4.0=3: says no share from 0 to 1; write it like 1.4.0=0.03"),
        (
            {"failure": ("9.0.0=0.1",)},
            "--failure 9.0.0=0.1: there is no version 9.0.0; releases/versions/ has all there are",
        ),
        ({"installs": "0"}, "--installs 0: is not a whole number from 1 to 10000000"),
        ({"days": "ten"}, "--days ten: is not a whole number from 1 to 366"),
        ({"since": "soon"}, "--from soon: is no UTC time with seconds; write it like 2026-11-25T14:00:00Z"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_is_typed_wrong_is_said(
    wrong: dict[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed(**wrong) == 2  # type: ignore[arg-type] # some are tuples
    assert capsys.readouterr().err.strip() == said


@pytest.mark.usefixtures("repository")
def test_a_commit_that_git_does_not_know_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(commit="nope") == 1
    assert capsys.readouterr().err.strip() == "git knows no commit nope here; fetch it, or name another"
