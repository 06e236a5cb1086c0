"""Who stands behind a commit of main, in real repositories."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.history.audit import Merged, merged
from delivery.history.git import NoHistory
from delivery.history.trailers import Trailers, write
from tests.unit.history.conftest import Repository


def at(hour: int) -> datetime:
    return datetime(2026, 11, 25, hour, tzinfo=UTC)


def commit(repo: Repository, message: str, hour: int, author: str = "A Person", *, merged: int = 0) -> str:
    """A commit that this person wrote in this hour, put where it is in a later one if `merged`."""
    done(repo, hour, merged or hour, author, "commit", "--quiet", "--allow-empty", "--message", message)
    return repo.git("rev-parse", "HEAD")


def merge(repo: Repository, branch: str, message: str, hour: int) -> str:
    done(repo, hour, hour, "A Merger", "merge", "--quiet", "--no-ff", "--message", message, branch)
    return repo.git("rev-parse", "HEAD")


def done(repo: Repository, written: int, committed: int, author: str, *arguments: str) -> None:
    who = {
        "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_DATE": at(written).isoformat(),
        "GIT_COMMITTER_NAME": "The Forge",
        "GIT_COMMITTER_DATE": at(committed).isoformat(),
    }
    subprocess.run(["git", *arguments], cwd=repo.path, env={**os.environ, **who}, capture_output=True, check=True)


def test_a_commit_on_main_stands_for_itself(repo: Repository) -> None:
    only = commit(repo, "Begin", 9, merged=10)
    assert merged(repo.path, "HEAD") == (Merged(only, at(10), at(9), "The Forge", ("A Person",), Trailers(), (), ()),)


def test_a_merge_names_who_wrote_and_asked_and_agreed(repo: Repository) -> None:
    commit(repo, "Begin", 1)
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, write("Raise", Trailers(requested_by=("A Person <person@espice.app>",))), 3)
    commit(repo, "Mend it", 4, "Another Person")
    repo.git("checkout", "--quiet", "main")
    said = Trailers(7, approved_by=("A Reviewer",), reviewed_by=("A Reader",))
    last = merge(repo, "side", write("Raise stable to 25 %", said), 6)
    found = merged(repo.path, "HEAD")[-1]
    assert found == Merged(
        last,
        at(6),
        at(3),
        "The Forge",
        ("Another Person", "A Person"),
        said,
        ("A Person <person@espice.app>",),
        (),
    )


def test_what_a_branch_says_of_approvals_is_not_believed(repo: Repository) -> None:
    commit(repo, "Begin", 1)
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, write("Raise", Trailers(7, approved_by=("The Owner",))), 3)
    repo.git("checkout", "--quiet", "main")
    merge(repo, "side", "Merge branch side", 6)
    assert merged(repo.path, "HEAD")[-1].trailers == Trailers()


def test_what_a_branch_took_over_from_main_is_not_its_own(repo: Repository) -> None:
    commit(repo, "Begin", 1)
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, "Raise", 5, "Another Person")
    repo.git("checkout", "--quiet", "main")
    commit(repo, "Hold", 3)
    repo.git("checkout", "--quiet", "side")
    merge(repo, "main", "Merge main", 6)
    repo.git("checkout", "--quiet", "main")
    merge(repo, "side", "Merge side", 7)
    found = merged(repo.path, "HEAD")
    assert [(each.authors, each.written) for each in found] == [
        (("A Person",), at(1)),
        (("A Person",), at(3)),
        (("Another Person",), at(5)),
    ]


def test_reverts_name_the_merge_that_brought_in_what_they_revert(repo: Repository) -> None:
    commit(repo, "Begin", 1)
    repo.git("checkout", "--quiet", "-b", "side")
    inner = commit(repo, "Raise", 2)
    repo.git("checkout", "--quiet", "main")
    outer = merge(repo, "side", "Merge side", 3)
    repo.git("checkout", "--quiet", "-b", "back")
    commit(repo, f'Revert "Raise"\n\nThis reverts commit {inner}.', 4)
    repo.git("checkout", "--quiet", "main")
    back = merge(repo, "back", "Merge back", 5)
    again = commit(repo, f'Revert "Merge back"\n\nThis reverts commit {back[:12]}, reversing\nchanges.', 6)
    commit(repo, f"Nothing\n\nThis reverts commit {'0' * 40}.", 7)
    found = {each.id: each.reverts for each in merged(repo.path, "HEAD")}
    assert (found[back], found[again]) == ((outer,), (back,))
    assert list(found.values())[-1] == ()


def test_a_shallow_clone_is_refused(repo: Repository, tmp_path: Path) -> None:
    commit(repo, "Begin", 1)
    commit(repo, "More", 2)
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    with pytest.raises(NoHistory, match=r"is a shallow clone and lacks history; run git fetch --unshallow$"):
        merged(tmp_path / "shallow", "HEAD")
