"""Which paths of a commit are its code, and a name for them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from delivery.history.git import git

CODE = ("delivery", "infra", "policies", "runbooks", "engine/go.mod", "Pulumi.yaml", "requirements/all.txt")
DECIDES = ("delivery/rules", "delivery/endpoint")  # of it, what can answer the same facts differently


def code_hash(repo: Path, commit: str) -> str:
    """A name for the code of this commit: equal for commits that differ in facts only. Raises NoHistory."""
    return hashlib.sha256(git(repo, "ls-tree", commit, "--", *CODE)).hexdigest()[:16]


def changed(repo: Path, before: str, after: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The files under these paths (files or folders) that differ between two commits. Raises NoHistory."""
    listed = git(repo, "diff", "--name-only", "--no-renames", "-z", before, after, "--", *paths)
    return tuple(map(_text, _parts(listed)))


def edited(repo: Path) -> tuple[str, ...]:
    """The files of the code that lie here otherwise than HEAD has them. Raises NoHistory."""
    listed = git(repo, "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z", "--", *CODE)
    return tuple(_text(entry[3:]) for entry in _parts(listed))


def _parts(listed: bytes) -> list[bytes]:
    return [part for part in listed.split(b"\0") if part]


def _text(path: bytes) -> str:
    return path.decode(errors="surrogateescape")
