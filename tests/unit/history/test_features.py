"""What an endpoint understands, by the code of a commit."""

import subprocess
from pathlib import Path

import pytest

from delivery.history.features import CATALOG, understood
from delivery.rules.catalog import FEATURES

ROOT = Path(__file__).resolve().parents[3]


def commit(repo: Path, source: str) -> None:
    """A repository with only this file."""
    file = repo / CATALOG
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    who = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@espice.localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "What the endpoint reads"]):
        subprocess.run(["git", *command], cwd=repo, check=True)


def test_the_code_of_this_repository_says_what_it_has(tmp_path: Path) -> None:
    commit(tmp_path, (ROOT / CATALOG).read_text())
    assert understood(tmp_path, "HEAD") == FEATURES


@pytest.mark.parametrize("source", ["", "FEATURES = ALL\n", "FEATURES = frozenset()\n"])
def test_code_that_does_not_say_is_taken_to_say_nothing(tmp_path: Path, source: str) -> None:
    commit(tmp_path, source)
    assert understood(tmp_path, "HEAD") is None


def test_code_is_read_and_never_run(tmp_path: Path) -> None:
    commit(tmp_path, 'raise SystemExit("run")\nFEATURES = frozenset({"barriers"})\n')
    assert understood(tmp_path, "HEAD") == {"barriers"}
