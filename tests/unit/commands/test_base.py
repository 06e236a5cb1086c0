"""What a change in a checkout is compared with."""

import subprocess
from pathlib import Path

import pytest

from delivery.commands import desk


def git(repo: Path, *arguments: str) -> str:
    who = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@espice.localhost"]
    return subprocess.run(
        ["git", *who, *arguments], cwd=repo, check=True, capture_output=True, text=True
    ).stdout.strip()


def committed(repo: Path, text: str) -> str:
    (repo / "product.yaml").write_text(text)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", text)
    return git(repo, "rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A clone in which somebody works, and the commit that its origin has."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    merged = committed(origin, "one")
    git(tmp_path, "clone", "-q", str(origin), "clone")
    monkeypatch.setattr(desk, "ROOT", tmp_path / "clone")
    return tmp_path / "clone", merged


def test_on_main_each_commit_is_a_merge_so_the_next_change_is_compared_with_head(clone: tuple[Path, str]) -> None:
    repo, _ = clone
    head = committed(repo, "two")
    assert desk.base("")[0] == head


def test_on_a_branch_all_its_commits_are_one_change_to_main(clone: tuple[Path, str]) -> None:
    repo, merged = clone
    git(repo, "checkout", "-q", "-b", "raise-stable")
    committed(repo, "two")
    assert desk.base("")[0] == merged


def test_a_named_commit_is_the_base(clone: tuple[Path, str]) -> None:
    repo, merged = clone
    committed(repo, "two")
    assert desk.base(merged)[0] == merged
