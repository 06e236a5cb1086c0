"""Commits, merges and moves of branches that need no work tree, and the work trees that follow all the same."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.history import snapshot
from delivery.history.git import NoHistory, git
from delivery.proposals import branches
from delivery.proposals.branches import Conflict, Move
from delivery.proposals.forge import ForgeError, Moved
from tests.examples import examples
from tests.unit.history.conftest import Repository

MAIN = "refs/heads/main"
FILES = {"releases/one.yaml": b"1\n", "releases/two.yaml": b"2\n", "product.yaml": b"product: espice\n", "run": b"#!\n"}
# Folders and files have names of their own, so that no path is a folder of another.
FOLDERS = st.lists(st.sampled_from(["releases", "new", "\u00fc b", "-x"]), max_size=2)
NAMES = st.sampled_from(["one.yaml", "two.yaml", "run", "a,b", "a\tb", 'a"b', "\n", "*", "-z", "\u202e", " "])
PATHS = st.builds(lambda folders, name: "/".join([*folders, name]), FOLDERS, NAMES)
MESSAGES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def full(path: Path) -> Repository:
    repository = Repository(path)
    repository.write(FILES)
    (repository.path / "run").chmod(0o755)
    (repository.path / "link").symlink_to("run")
    repository.commit()
    return repository


@pytest.fixture(name="repo")
def _repo(tmp_path: Path) -> Repository:
    return full(tmp_path / "repo")


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that only gains objects, with something staged and something changed in its work tree."""
    repository = full(tmp_path_factory.mktemp("shared") / "repo")
    repository.write({"releases/one.yaml": "changed\n", "staged": "staged\n"})
    repository.git("add", "staged")
    return repository


def state(repository: Repository) -> tuple[str | bytes, ...]:
    """All that a person would see move."""
    git = repository.git
    index = (repository.path / ".git/index").read_bytes()
    tree = "".join(f"{file} {file.read_bytes()!r}" for file in sorted(repository.path.glob("[!.]*/*")))
    return git("for-each-ref"), git("symbolic-ref", "HEAD"), git("rev-parse", "HEAD"), index, tree


def tree(repository: Repository, commit: str) -> Mapping[str, tuple[str, str]]:
    """Path -> mode and blob."""
    listed = repository.git("ls-tree", "-r", "-z", commit).split("\0")
    return {
        path: (meta.split()[0], meta.split()[2]) for meta, _, path in (each.partition("\t") for each in listed) if path
    }


# --- commits -------------------------------------------------------------------------------------------------------


@examples(25)
@given(files=st.dictionaries(PATHS, st.binary(max_size=64), max_size=4))
def test_a_commit_has_these_files_and_nothing_else_changes(shared: Repository, files: Mapping[str, bytes]) -> None:
    before, seen = tree(shared, "main"), state(shared)
    made = branches.commit(shared.path, "main", files, "what")
    assert snapshot.at_commit(shared.path, made, ()) == {**snapshot.at_commit(shared.path, "main", ()), **files}
    after = tree(shared, made)
    assert {path: each for path, each in after.items() if path not in files} == {
        path: each for path, each in before.items() if path not in files
    }
    assert {path: mode for path, (mode, _) in after.items() if path in files} == {
        path: before[path][0] if path in before else "100644" for path in files
    }
    assert shared.git("rev-parse", f"{made}^@") == shared.git("rev-parse", "main")
    assert state(shared) == seen
    changed = {path for path, data in files.items() if FILES.get(path) != data}
    assert set(branches.paths(shared.path, "main", made)) == changed


@examples(15)
@given(message=MESSAGES)
def test_a_commit_says_its_message_as_it_is(shared: Repository, message: str) -> None:
    made = branches.commit(shared.path, "main", {}, message)
    _, _, said = git(shared.path, "cat-file", "commit", made).decode().partition("\n\n")
    assert said == message


def test_a_commit_is_by_gits_user(repo: Repository) -> None:
    made = branches.commit(repo.path, "main", {"releases/one.yaml": b"3\n"}, "what\n\nwhy\n")
    assert repo.git("log", "-1", "--format=%an <%ae>", made) == "A Person <person@espice.app>"


def test_a_link_in_the_way_becomes_the_file(repo: Repository) -> None:
    made = branches.commit(repo.path, "main", {"link": b"a file\n"}, "what")
    assert repo.git("ls-tree", "--format=%(objectmode) %(objecttype)", made, "link") == "100644 blob"
    assert repo.git("show", f"{made}:run") == "#!"


@pytest.mark.parametrize(
    "path", ["../one.yaml", ".git/config", "releases/../one.yaml", "/one.yaml", "", "releases/.GIT/x"]
)
def test_what_is_no_path_in_the_repository_is_refused(repo: Repository, path: str) -> None:
    with pytest.raises(NoHistory, match=r"git update-index refused: error: Invalid path"):
        branches.commit(repo.path, "main", {path: b"1"}, "what")


@pytest.mark.parametrize("files", [{"run/one.yaml": b""}, {"releases": b""}, {"new": b"", "new/one.yaml": b""}])
def test_a_file_that_would_be_a_folder_too_is_refused(repo: Repository, files: Mapping[str, bytes]) -> None:
    with pytest.raises(NoHistory, match="as both a file and as a directory"):
        branches.commit(repo.path, "main", files, "what")


def test_a_parent_that_is_none_is_told(repo: Repository) -> None:
    with pytest.raises(NoHistory) as error:
        branches.commit(repo.path, "elsewhere", {}, "what")
    assert str(error.value) == "git knows no commit elsewhere here; fetch it, or name another"


# --- merges --------------------------------------------------------------------------------------------------------


def test_a_merge_has_what_both_changed_and_no_ref_names_it(repo: Repository) -> None:
    ours = branches.commit(repo.path, "main", {"releases/one.yaml": b"ours\n"}, "ours")
    theirs = branches.commit(repo.path, "main", {"releases/two.yaml": b"theirs\n", "new": b"new\n"}, "theirs")
    before = state(repo)
    made = branches.merge_result(repo.path, ours, theirs, "Merge\n\nboth\n")
    assert repo.git("log", "-1", "--format=%P%n%B", made) == f"{ours} {theirs}\nMerge\n\nboth"
    assert branches.paths(repo.path, ours, made) == ("new", "releases/two.yaml")
    assert branches.paths(repo.path, theirs, made) == ("releases/one.yaml",)
    assert state(repo) == before


def test_a_merge_to_look_at_is_the_same_for_everybody_and_needs_no_user_of_git(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = branches.commit(repo.path, "main", {"new": b"new\n"}, "ahead")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
    mine = branches.merge_result(repo.path, "main", head, "Merge")
    repo.git("config", "log.showSignature", "true")
    for key in ("name", "email"):
        repo.git("config", "--unset", f"user.{key}")
    monkeypatch.setenv("HOME", str(repo.path))
    repo.git("config", "user.useConfigOnly", "true")
    with pytest.raises(NoHistory, match="auto-detection is disabled"):
        branches.merge(repo.path, "main", head, "Merge")
    assert branches.merge_result(repo.path, "main", head, "Merge") == mine
    dates = repo.git("log", "-1", "--format=%ct", head)
    assert repo.git("log", "-1", "--format=%an %ae %at %cn %ce %ct", mine) == (
        f"espice proposals@espice.app {dates} espice proposals@espice.app {dates}"
    )


def test_a_merge_of_what_is_ahead_is_a_merge_all_the_same(repo: Repository) -> None:
    head = branches.commit(repo.path, "main", {"new": b"new\n"}, "ahead")
    made = branches.merge_result(repo.path, "main", head, "Merge")
    assert repo.git("log", "-1", "--format=%P", made).split() == [repo.git("rev-parse", "main"), head]
    assert branches.paths(repo.path, head, made) == ()


def test_a_conflict_names_each_file_once(repo: Repository) -> None:
    mine, yours = (
        branches.commit(repo.path, "main", {"releases/one.yaml": data, "new \u00fc": data, "run": b"#!\n"}, "what")
        for data in (b"mine\n", b"yours\n")
    )
    with pytest.raises(Conflict) as error:
        branches.merge_result(repo.path, mine, yours, "Merge")
    assert error.value.paths == ("new \u00fc", "releases/one.yaml")
    assert str(error.value) == (
        "both it and main changed new \u00fc, releases/one.yaml; make the change again, on main as it is now"
    )


def test_what_has_nothing_in_common_is_not_merged(repo: Repository) -> None:
    other = branches.commit_tree(repo.path, repo.git("rev-parse", "main^{tree}"), "another beginning")
    with pytest.raises(NoHistory, match="refusing to merge unrelated histories"):
        branches.merge_result(repo.path, "main", other, "Merge")


def test_an_older_git_says_which_is_needed(repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, older = shutil.which("git"), tmp_path / "bin/git"
    older.parent.mkdir()
    older.write_text(f'#!/bin/sh\ncase "$*" in *merge-tree*) exit 129;; esac\nexec {real} "$@"\n')
    older.chmod(0o755)
    monkeypatch.setenv("PATH", str(older.parent), prepend=":")
    with pytest.raises(ForgeError) as error:
        branches.merge_result(repo.path, "main", "main", "Merge")
    assert str(error.value) == "this git cannot merge without a work tree; install git 2.38 or newer"


# --- moves ---------------------------------------------------------------------------------------------------------


def test_refs_move_together_and_say_why(repo: Repository) -> None:
    old = repo.git("rev-parse", "main")
    new = branches.commit(repo.path, "main", {"new": b"new\n"}, "what")
    branches.advance(repo.path, "because", Move(MAIN, old, new), Move("refs/heads/releases/x", None, new))
    assert branches.tips(repo.path, "refs/heads") == {MAIN: new, "refs/heads/releases/x": new}
    branches.advance(repo.path, "enough", Move("refs/heads/releases/x", new, None))
    assert branches.tips(repo.path, "refs/heads") == {MAIN: new}
    assert repo.git("reflog", "-1", "--format=%gs", "main") == "because"


def test_where_one_has_moved_none_moves_and_the_files_stay(repo: Repository) -> None:
    old = repo.git("rev-parse", "main")
    new = branches.commit(repo.path, "main", {"new": b"new\n", "releases/one.yaml": b"3\n"}, "what")
    repo.git("branch", "side", new)
    repo.write({"releases/two.yaml": "mine\n"})
    with pytest.raises(Moved) as error:
        branches.advance(repo.path, "because", Move(MAIN, old, new), Move("refs/heads/side", old, new))
    assert str(error.value) == "side has moved in the meantime; read it again, then try again"
    assert branches.tips(repo.path, "refs/heads") == {MAIN: old, "refs/heads/side": new}
    assert repo.git("status", "--porcelain") == "M releases/two.yaml"


@pytest.mark.parametrize(("old", "new"), [(None, "new"), ("new", "old"), ("new", None)])
def test_what_is_not_where_it_was_seen_has_moved(repo: Repository, old: str | None, new: str | None) -> None:
    commits = {None: None, "old": repo.git("rev-parse", "main"), "new": branches.commit(repo.path, "main", {}, "what")}
    repo.git("checkout", "--quiet", "--detach")
    with pytest.raises(Moved):
        branches.advance(repo.path, "because", Move(MAIN, commits[old], commits[new]))
    assert branches.tips(repo.path, MAIN) == {MAIN: str(commits["old"])}


def test_every_work_tree_of_the_branch_follows_and_no_other(repo: Repository, tmp_path: Path) -> None:
    old = repo.git("rev-parse", "main")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.git("worktree", "add", "--quiet", str(tmp_path / "a b"), "main")
    repo.git("worktree", "add", "--quiet", "-b", "gone", str(tmp_path / "gone"))
    shutil.rmtree(tmp_path / "gone")
    new = branches.commit(repo.path, "main", {"releases/one.yaml": b"3\n"}, "what")
    branches.advance(repo.path, "because", Move(MAIN, old, new), Move("refs/heads/gone", old, new))
    assert (tmp_path / "a b/releases/one.yaml").read_bytes() == b"3\n"
    assert (repo.path / "releases/one.yaml").read_bytes() == FILES["releases/one.yaml"]
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("-C", str(tmp_path / "a b"), "status", "--porcelain") == ""


def test_a_file_that_was_only_touched_is_not_in_the_way(repo: Repository) -> None:
    os.utime(repo.path / "releases/one.yaml", (0, 0))
    old = repo.git("rev-parse", "main")
    new = branches.commit(repo.path, "main", {"releases/one.yaml": b"3\n"}, "what")
    branches.advance(repo.path, "because", Move(MAIN, old, new))
    assert (repo.path / "releases/one.yaml").read_bytes() == b"3\n"


@pytest.mark.parametrize(
    ("staged", "says"),
    [
        (True, "error: Entry 'releases/one.yaml' would be overwritten by merge. Cannot merge."),
        (False, "error: Entry 'releases/one.yaml' not uptodate. Cannot merge."),
    ],
)
def test_a_changed_file_in_the_way_moves_nothing(repo: Repository, staged: bool, says: str) -> None:
    old = repo.git("rev-parse", "main")
    new = branches.commit(repo.path, "main", {"releases/one.yaml": b"3\n", "releases/two.yaml": b"3\n"}, "what")
    repo.write({"releases/one.yaml": "mine\n"})
    if staged:
        repo.git("add", "--all")
    before = state(repo)
    with pytest.raises(ForgeError) as error:
        branches.advance(repo.path, "because", Move(MAIN, old, new))
    assert str(error.value) == (
        f"the files in {repo.path} cannot follow main: {says}; commit or stash what you changed there, then try again"
    )
    assert state(repo)[:3] == before[:3]
    assert repo.git("status", "--porcelain").split() == ["M", "releases/one.yaml"]


def test_a_new_file_of_somebodys_own_is_not_overwritten(repo: Repository) -> None:
    old = repo.git("rev-parse", "main")
    new = branches.commit(repo.path, "main", {"new": b"theirs\n"}, "what")
    repo.write({"new": "mine\n"})
    with pytest.raises(ForgeError, match="Untracked working tree file 'new' would be overwritten"):
        branches.advance(repo.path, "because", Move(MAIN, old, new))
    assert (repo.path / "new").read_text() == "mine\n"
    assert branches.tips(repo.path, MAIN) == {MAIN: old}
