"""Follows git: the tree of code that belongs to a commit, and the commit's name for people.

The commit counts, never the working tree: what is not committed is not live. Facts are read from git objects; the
program's code runs from a tree exported from the commit and kept by the hash of that code, so commits that only
touch facts meet a warm worker.
"""

import io
import shutil
import zipfile
from pathlib import Path

from delivery.history.code import CODE, code_hash
from delivery.history.git import git, line


def export(repo: Path, commit: str, trees: Path) -> Path:
    """The folder with the code of this commit; exported once."""
    tree = trees / code_hash(repo, commit)
    if tree.exists():
        return tree
    present = git(repo, "ls-tree", "--name-only", commit, "--", *CODE).decode().split()
    half = tree.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(git(repo, "archive", "--format=zip", commit, "--", *present))) as archive:
        archive.extractall(half)
    half.rename(tree)  # only a whole tree has the name
    return tree


def subject(repo: Path, commit: str) -> str:
    """The commit's short id and first line."""
    return line(repo, "log", "-1", "--format=%h %s", commit)
