"""Commits, merges and moves of branches by git's plumbing: no work tree, index or HEAD is needed for any of it.

Only `advance` touches a work tree: the one that has a branch checked out which moves, and whose files must follow it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.history.git import NoHistory, asked, git, log, refusal
from delivery.history.snapshot import commit_id
from delivery.proposals.forge import ForgeError, Moved

_USAGE = 129  # git's exit status for an option it does not know
_CONFLICT = 1  # and that of merge-tree for a merge that people must make
_NOBODY = {  # who makes what no ref names: git may know no user here, and should not have to
    f"GIT_{part}_{key}": value
    for part in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "espice"), ("EMAIL", "proposals@espice.app"))
}
_EXECUTABLE = "100755"
_ORDINARY = "100644"


class Conflict(ForgeError):  # noqa: N818 - named for what was found
    """Both changed the same lines of these files; of none where only their folders are in each other's way."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = paths
        where = ", ".join(paths) or "its folders"
        super().__init__(f"both it and main changed {where}; make the change again, on main as it is now")


@dataclass(frozen=True, slots=True)
class Move:
    """One ref that goes from one commit to another; None where it is not there yet, or shall be no more."""

    ref: str
    old: str | None
    new: str | None


def commit(
    repo: Path, parent: str, files: Mapping[str, bytes], message: str, *kept: str, by: Mapping[str, str] | None = None
) -> str:
    """The id of a new commit on `parent` with these files added or replaced; no ref names it yet.

    By git's user, or whom git's variables in `by` name. A file that was executable stays so. The commits `kept` become
    parents too, so that git forgets neither. Raises NoHistory, also where a path is none, or is a file in one place
    and a folder in another.
    """
    base = commit_id(repo, parent)
    with TemporaryDirectory(prefix="espice-") as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        git(repo, "read-tree", base, environment=index)
        git(repo, "update-index", "--add", *_entries(repo, base, files), environment=index)
        tree = git(repo, "write-tree", environment=index).decode().strip()
    return commit_tree(repo, tree, message, base, *kept, by=by)


def commit_tree(repo: Path, tree: str, message: str, *parents: str, by: Mapping[str, str] | None = None) -> str:
    """The id of a new commit of this tree, by git's user or whom git's variables in `by` name; no ref names it yet.

    Raises NoHistory.
    """
    said = [word for parent in parents for word in ("-p", parent)]
    return git(repo, "commit-tree", *said, "-F", "-", tree, given=message.encode(), environment=by).decode().strip()


def merge(repo: Path, main: str, head: str, message: str) -> str:
    """The id of a merge commit of both, main as its first parent, by git's user; no ref names it yet.

    Raises Conflict, and NoHistory where they have nothing in common.
    """
    ours, theirs = commit_id(repo, main), commit_id(repo, head)
    return commit_tree(repo, _merged_tree(repo, ours, theirs), message, ours, theirs)


def merge_result(repo: Path, main: str, head: str, message: str) -> str:
    """The same by nobody, to be looked at: the same two make the same commit, whoever merges them and whenever.

    Needs no user of git. Raises Conflict, NoHistory.
    """
    ours, theirs = commit_id(repo, main), commit_id(repo, head)
    at = max(map(int, log(repo, "%ct", "--no-walk", ours, theirs).split()))
    return commit_tree(repo, _merged_tree(repo, ours, theirs), message, ours, theirs, by=nobody(at))


def nobody(at: int) -> Mapping[str, str]:
    """No person, at this moment (seconds since 1970): whoever makes the same commit so gets the very same."""
    return {**_NOBODY, **dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"@{at} +0000")}


def _merged_tree(repo: Path, ours: str, theirs: str) -> str:
    done = asked(repo, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
    if done.returncode == _USAGE:
        raise ForgeError("this git cannot merge without a work tree; install git 2.38 or newer")
    if done.returncode not in (0, _CONFLICT):
        raise refusal(repo, "merge-tree", done)
    tree, *conflicts = _words(done.stdout)
    if done.returncode == _CONFLICT:
        raise Conflict(tuple(conflicts))
    return tree


def reverted(repo: Path, onto: str, commit: str, before: str, message: str) -> str:
    """The id of a commit on `onto` that takes back what `commit` changed since `before`; no ref names it yet.

    By git's user, merged as `merge` merges. Raises Conflict, NoHistory.
    """

    def alone(ref: str, *parents: str) -> str:
        return commit_tree(repo, f"{commit_id(repo, ref)}^{{tree}}", "", *parents, by=_NOBODY)

    base = alone(commit)
    return commit_tree(repo, _merged_tree(repo, alone(onto, base), alone(before, base)), message, commit_id(repo, onto))


def paths(repo: Path, base: str, head: str) -> tuple[str, ...]:
    """The files that differ between two commits, those that only one has among them. Raises NoHistory."""
    two = commit_id(repo, base), commit_id(repo, head)
    return tuple(_words(git(repo, "diff-tree", "-r", "-z", "--name-only", *two)))


def advance(repo: Path, why: str, *moves: Move) -> None:
    """Move all of these refs at once, or none. Where one is checked out, its work tree and index follow it.

    Raises Moved where one of them is not at its `old` any more, ForgeError where files that people changed are in the
    way, NoHistory.
    """
    try:
        _advance(repo, why, moves)
    except (ForgeError, NoHistory) as error:
        now = tips(repo, *(move.ref for move in moves))
        if lost := [move.ref for move in moves if now.get(move.ref) != move.old]:
            raise Moved(f"{_short(lost[0])} has moved in the meantime; read it again, then try again") from None
        if "File exists" in str(error):
            raise Moved(str(error)) from None  # somebody holds git's lock: they move it just now
        raise


def own(repo: Path, at: str, wanted: str) -> tuple[str, ...]:
    """The commits of a branch at `at` that `wanted` lacks, the newest first. Raises NoHistory."""
    return tuple(git(repo, "rev-list", commit_id(repo, at), f"^{commit_id(repo, wanted)}").decode().split())


def is_like(repo: Path, one: str, two: str) -> bool:
    """Whether the same person made both commits, and they change the same files. Raises NoHistory."""
    who = log(repo, "%an <%ae> %cn <%ce>", "--no-walk", one, two).splitlines()
    return len(set(who)) == 1 and paths(repo, f"{one}^", one) == paths(repo, f"{two}^", two)


def taken(branch: str) -> ForgeError:
    """A branch that is somebody's."""
    what = "is a branch here that holds commits of its own and is no proposal's"
    return ForgeError(f"{branch} {what}; rename it by git branch -m, then try again")


def tips(repo: Path, *refs: str) -> Mapping[str, str]:
    """Ref -> what it is at, of these refs and of those under them that are there. Raises NoHistory."""
    said = git(repo, "for-each-ref", "--format=%(refname) %(objectname)", *refs).decode().splitlines()
    return {ref: at for ref, _, at in (each.partition(" ") for each in said)}


def _advance(repo: Path, why: str, moves: Sequence[Move]) -> None:
    """The files first: they are what may refuse, and go back where the refs then do not move."""
    wanted = b"".join(map(_instruction, moves))
    followed: list[tuple[Path, Move]] = []
    try:
        for tree, ref in _work_trees(repo):
            for move in (each for each in moves if each.ref == ref):
                _follow(tree, move)
                followed.append((tree, move))
        git(repo, "update-ref", "--create-reflog", "-m", why, "--stdin", "-z", given=wanted)
    except BaseException:
        for tree, move in followed:
            if tips(repo, move.ref).get(move.ref) != move.new:
                git(tree, "read-tree", "-m", "-u", *_from_to(move.new, move.old))
        raise


def _follow(tree: Path, move: Move) -> None:
    """Take a work tree and its index from where its branch is to where it goes; what people changed there stays."""
    if move.new is None:
        raise ForgeError(f"{_short(move.ref)} is checked out in {tree}; switch to another branch there, then try again")
    asked(tree, "update-index", "-q", "--refresh")  # else a file that was only touched counts as changed
    done = asked(tree, "read-tree", "-m", "-u", *_from_to(move.old, move.new))
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        mend = "commit or stash what you changed there, then try again"
        raise ForgeError(f"the files in {tree} cannot follow {_short(move.ref)}: {said}; {mend}")


def _work_trees(repo: Path) -> Iterator[tuple[Path, str]]:
    """Each that is there and has a branch, and the branch's ref."""
    tree = ""
    for word in _words(git(repo, "worktree", "list", "--porcelain", "-z")):
        key, _, value = word.partition(" ")
        tree = value if key == "worktree" else tree
        if key == "branch" and Path(tree).is_dir():
            yield Path(tree), value


def _instruction(move: Move) -> bytes:
    """As update-ref reads it."""
    verb = "create" if move.old is None else "delete" if move.new is None else "update"
    return b"".join(os.fsencode(word) + b"\0" for word in (f"{verb} {move.ref}", *_from_to(move.new, move.old)))


def _entries(repo: Path, base: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """The files as update-index takes them."""
    modes = _modes(repo, base)
    for path, data in files.items():
        name = git(repo, "hash-object", "-w", "--stdin", given=data).decode().strip()
        mode = modes.get(path, _ORDINARY)
        yield "--cacheinfo"
        yield f"{mode if mode == _EXECUTABLE else _ORDINARY},{name},{path}"


def _modes(repo: Path, base: str) -> Mapping[str, str]:
    listed = _words(git(repo, "ls-tree", "-r", "-z", "--full-tree", "--format=%(objectmode) %(path)", base))
    return {path: mode for mode, _, path in (each.partition(" ") for each in listed)}


def _from_to(*commits: str | None) -> Iterator[str]:
    return filter(None, commits)


def _words(printed: bytes) -> list[str]:
    return [os.fsdecode(word) for word in printed.split(b"\0") if word]


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/")
