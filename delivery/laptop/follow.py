"""Follows git: which commit is checked out, and the tree of code that belongs to it.

The commit counts, never the working tree: what is not committed is not live. Facts are read from git objects; the
program's code runs from a tree exported from the commit and kept by the hash of that code, so commits that only
touch facts meet a warm worker.
"""

import hashlib
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

CODE = ("delivery", "infra", "Pulumi.yaml", "requirements/all.txt")


class NotACommit(Exception):  # noqa: N818 - reads as what is wrong
    """The checkout has no commit to follow; the text says how to mend it."""


def head(repo: Path) -> str:
    """The id of the commit that is checked out."""
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
        cwd=repo,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        raise NotACommit(f"{repo} has no commit yet; git commit what you have, then try again")
    return found.stdout.strip()


def code_hash(repo: Path, commit: str) -> str:
    """A name for the code of this commit: equal for commits that differ in facts only."""
    listing = subprocess.run(["git", "ls-tree", commit, "--", *CODE], cwd=repo, capture_output=True, check=True).stdout
    return hashlib.sha256(listing).hexdigest()[:16]


def export(repo: Path, commit: str, trees: Path) -> Path:
    """The folder with the code of this commit; exported once."""
    tree = trees / code_hash(repo, commit)
    if tree.exists():
        return tree
    present = subprocess.run(
        ["git", "ls-tree", "--name-only", commit, "--", *CODE], cwd=repo, capture_output=True, text=True, check=True
    ).stdout.split()
    packed = subprocess.run(
        ["git", "archive", "--format=zip", commit, "--", *present], cwd=repo, capture_output=True, check=True
    ).stdout
    half = tree.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(half)
    half.rename(tree)  # only a whole tree has the name
    return tree


def subject(repo: Path, commit: str) -> str:
    """The commit's short id and first line, for people."""
    return subprocess.run(
        ["git", "log", "-1", "--format=%h %s", commit], cwd=repo, capture_output=True, text=True, check=True
    ).stdout.strip()
