"""The first-parent line, read from real repositories."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.history import mainline, snapshot
from delivery.history.git import NoHistory
from delivery.history.mainline import Commit
from tests.unit.history.conftest import Repository

FACT = "releases/channels/beta.yaml"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=UTC)


def commit(repo: Repository, files: dict[str, str | bytes], moment: datetime, subject: str = "a change") -> str:
    """Write these files and commit everything at this moment."""
    repo.write(files)
    repo.git("add", "--all")
    done_at(repo, moment, "commit", "--quiet", "--allow-empty", "--message", subject)
    return repo.git("rev-parse", "HEAD")


def done_at(repo: Repository, moment: datetime, *arguments: str) -> None:
    when = f"{int(moment.timestamp())} +0100"
    env = {**os.environ, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": f"{int(at(1).timestamp())} +0000"}
    subprocess.run(["git", *arguments], cwd=repo.path, env=env, capture_output=True, check=True)


def test_only_commits_that_change_facts_are_on_the_line_oldest_first(repo: Repository) -> None:
    first = commit(repo, {FACT: "one\n"}, at(9))
    commit(repo, {"delivery/x.py": "pass\n", "releases/README.md": "words\n"}, at(10))
    second = commit(repo, {"product.yaml": "two\n", FACT: "three\n"}, at(11), "Say ünïcödé\n\nand why")
    found = mainline.entries(repo.path, "HEAD")
    assert [(entry.commit, entry.paths) for entry in found] == [
        (Commit(first, at(9), "A Person", "a change"), (FACT,)),
        (Commit(second, at(11), "A Person", "Say ünïcödé"), ("product.yaml", FACT)),
    ]


def test_a_merge_is_one_change_made_when_it_was_merged(repo: Repository) -> None:
    commit(repo, {FACT: "one\n"}, at(9))
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, {FACT: "two\n"}, at(10))
    commit(repo, {"releases/channels/stable.yaml": "three\n"}, at(11))
    repo.git("checkout", "--quiet", "main")
    commit(repo, {"README.md": "unrelated\n"}, at(11, 30))
    done_at(repo, at(12), "merge", "--quiet", "--no-ff", "-m", "Merge pull request #12 from espice/side", "side")
    last = mainline.entries(repo.path, "HEAD")[-1]
    assert (last.commit.at, last.commit.pull_request) == (at(12), 12)
    assert last.paths == (FACT, "releases/channels/stable.yaml")


def test_the_files_of_each_entry_are_those_of_its_commit(repo: Repository) -> None:
    commit(repo, {FACT: "one\n", "product.yaml": "p\n", "releases/ä b\tc.yaml": b"\0\xff"}, at(9))
    (repo.path / FACT).unlink()
    (repo.path / "releases/channels").mkdir(exist_ok=True)
    (repo.path / "releases/channels/link.yaml").symlink_to("nowhere")
    commit(repo, {"product.yaml": ""}, at(10))
    repo.git("mv", "product.yaml", "releases/product.yaml")
    commit(repo, {}, at(11))
    found = mainline.entries(repo.path, "HEAD")
    assert len(found) == 3
    for entry, files in zip(found, mainline.files(repo.path, found), strict=True):
        there = snapshot.at_commit(repo.path, entry.commit.id)
        assert files == there
        assert {path: type(data) for path, data in files.items()} == {path: type(data) for path, data in there.items()}


def test_entries_with_the_same_facts_have_one_digest(repo: Repository) -> None:
    commit(repo, {FACT: "one\n"}, at(9))
    commit(repo, {FACT: "two\n"}, at(10))
    commit(repo, {FACT: "one\n", "README.md": "x\n"}, at(11))
    one, two, three = (entry.digest for entry in mainline.entries(repo.path, "HEAD"))
    assert one == three != two


def test_what_was_at_the_tip_at_a_moment(repo: Repository) -> None:
    first = commit(repo, {FACT: "one\n"}, at(9))
    second = commit(repo, {"README.md": "no fact\n"}, at(11))
    assert mainline.as_of(repo.path, "HEAD", at(9)) == first
    assert mainline.as_of(repo.path, "HEAD", at(10, 59)) == first
    assert mainline.as_of(repo.path, "HEAD", at(11)) == second
    assert mainline.as_of(repo.path, "HEAD", at(23)) == second


def test_a_commit_on_a_branch_was_not_at_the_tip_before_it_was_merged(repo: Repository) -> None:
    first = commit(repo, {FACT: "one\n"}, at(9))
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, {FACT: "two\n"}, at(10))
    repo.git("checkout", "--quiet", "main")
    done_at(repo, at(12), "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    assert mainline.as_of(repo.path, "HEAD", at(11)) == first


def test_a_moment_before_the_beginning(repo: Repository) -> None:
    commit(repo, {FACT: "one\n"}, at(9))
    with pytest.raises(
        NoHistory, match=r"^HEAD has no commit as old as 2026-11-25T08:00:00Z; name a later time, or a commit$"
    ):
        mainline.as_of(repo.path, "HEAD", at(8))


def test_a_shallow_clone_is_refused(repo: Repository, tmp_path: Path) -> None:
    commit(repo, {FACT: "one\n"}, at(9))
    commit(repo, {FACT: "two\n"}, at(10))
    shallow = tmp_path / "shallow"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(shallow))
    for ask in (mainline.entries, lambda path, ref: mainline.as_of(path, ref, at(9))):
        with pytest.raises(NoHistory, match=r"is a shallow clone and lacks history; run git fetch --unshallow$"):
            ask(shallow, "HEAD")


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Merge pull request #12 from espice/side", 12),
        ("Raise stable to 25 % (#7)", 7),
        ("Mend #7", None),
        ("Say (#7) why", None),
    ],
)
def test_the_pull_request_is_read_from_the_subject(subject: str, number: int | None) -> None:
    assert Commit("", at(9), "A Person", subject).pull_request == number


def test_no_facts_ever(repo: Repository) -> None:
    commit(repo, {"README.md": "x\n"}, at(9))
    assert mainline.entries(repo.path, "HEAD") == ()
