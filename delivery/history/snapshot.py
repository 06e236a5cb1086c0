"""The files that hold facts, at any commit or in the work tree, and a commit's place in history.

`at_commit` reads git objects only: what is not committed does not exist for it. Judges nothing: `rules.read` does.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from delivery.history.git import NoHistory, git, line
from delivery.rules.read import FOLDER, PRODUCT, File, Link

PATHS = (FOLDER, PRODUCT)
_ORDINARY = ("100644", "100755")  # modes of plain files; else a symbolic link or a submodule


def at_commit(repo: Path, ref: str, paths: Sequence[str] = PATHS) -> Mapping[str, File]:
    """Path -> bytes of the files under these paths (folders or files) as this commit has them.

    Raises NoHistory: no repository, no commit yet, or no such ref.
    """
    listed = git(repo, "ls-tree", "-r", "-z", "--full-tree", commit_id(repo, ref), "--", *paths)
    entries = [entry.partition(b"\t") for entry in listed.split(b"\0") if entry]
    metas = [meta.split() for meta, _, _ in entries]  # mode, type, object
    data = blobs(repo, [meta[2] for meta in metas if meta[1] == b"blob"])
    return {
        path.decode(errors="surrogateescape"): file_of(mode.decode(), data.get(name, b""))
        for (mode, _, name), (_, _, path) in zip(metas, entries, strict=True)
    }


def in_worktree(repo: Path, paths: Sequence[str] = PATHS) -> Mapping[str, File]:
    """The same as they lie in the work tree: with what is new and not ignored, without what is deleted."""
    listed = git(repo, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name", "--", *paths)
    found = (path.decode(errors="surrogateescape") for path in listed.split(b"\0") if path)
    return {path: data for path in found if (data := _lying(repo, path)) is not None}


def commit_id(repo: Path, ref: str) -> str:
    """The full id of the commit that a ref names.

    Raises NoHistory.
    """
    try:
        return line(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except NoHistory:
        git(repo, "rev-parse")  # says it better if there is no repository at all
        if not git(repo, "rev-list", "--all", "--max-count=1"):
            raise NoHistory(f"{repo} has no commit yet; commit what you have, then try again") from None
        raise NoHistory(f"git knows no commit {ref} here; fetch it, or name another") from None


def branch(repo: Path) -> str | None:
    """The branch that is checked out; None when a commit is."""
    try:
        return line(repo, "symbolic-ref", "--short", "--quiet", "HEAD")
    except NoHistory:
        return None


def serial(repo: Path, ref: str) -> int:
    """How many commits lead to this one along first parents: it rises with every merge to a branch.

    Raises NoHistory, also in a shallow clone, which would count too few.
    """
    refuse_shallow(repo)
    return int(line(repo, "rev-list", "--count", "--first-parent", commit_id(repo, ref)))


def merge_base(repo: Path, one: str, other: str) -> str:
    """The id of the newest commit that both have behind them.

    Raises NoHistory, also where the two have nothing in common, or in a shallow clone.
    """
    refuse_shallow(repo)
    one_id, other_id = commit_id(repo, one), commit_id(repo, other)
    try:
        return line(repo, "merge-base", one_id, other_id)
    except NoHistory:
        raise NoHistory(f"{one} and {other} have no commit in common; fetch both from one repository") from None


def refuse_shallow(repo: Path) -> None:
    """Raises NoHistory in a clone that was cut short: what it says of the past would be wrong."""
    if line(repo, "rev-parse", "--is-shallow-repository") == "true":
        raise NoHistory(f"{repo} is a shallow clone and lacks history; run git fetch --unshallow")


def file_of(mode: str, data: bytes) -> File:
    """These bytes as the file that a tree's entry of this mode is."""
    return data if mode in _ORDINARY else Link(data)


def _lying(repo: Path, path: str) -> File | None:
    file = repo / path
    if file.is_symlink():
        return Link(str(file.readlink()).encode(errors="surrogateescape"))
    if any(parent.is_symlink() for parent in _between(repo, file)):
        return None  # git lists what it had there before; the link is listed by itself
    if file.is_dir():
        return Link(b"")  # a repository in the repository
    return file.read_bytes() if file.exists() else None


def _between(repo: Path, file: Path) -> Iterator[Path]:
    for parent in file.parents:
        if parent == repo:
            return
        yield parent


def blobs(repo: Path, names: Sequence[bytes]) -> Mapping[bytes, bytes]:
    """Object name -> bytes, by one git for all of them."""
    printed = git(repo, "cat-file", "--batch", given=b"".join(name + b"\n" for name in names))
    found, start = {}, 0
    for name in names:
        end = printed.index(b"\n", start)
        size = int(printed[start:end].split()[2])
        found[name] = printed[end + 1 : end + 1 + size]
        start = end + 1 + size + 1
    return found
