"""Which commits may follow one another where users are: a commit that went live stays behind every later one."""

from collections.abc import Mapping
from pathlib import Path

from delivery.history import snapshot
from delivery.history.git import NoHistory, line
from delivery.rules.read import File


def has(repo: Path, commit: str, other: str) -> bool:
    """Whether a commit is the other one or has it behind it; one that was never fetched it has not.

    Raises NoHistory in a shallow clone.
    """
    snapshot.refuse_shallow(repo)
    try:
        return snapshot.merge_base(repo, other, commit) == snapshot.commit_id(repo, other)
    except NoHistory:
        return False


def unmerged(repo: Path, commit: str, branch: str) -> str | None:
    """Why a commit is on no line that was reviewed: it is not on this branch; origin's, if there is an origin."""
    merged = f"origin/{branch}" if "origin" in line(repo, "remote").split() else branch
    if has(repo, merged, commit):
        return None
    return f"HEAD ({commit}) is not on {merged}; merge it, or if it is merged, git fetch"


def base(repo: Path, live: str | None, commit: str) -> Mapping[str, File]:
    """The files that a commit is checked against: those of the newest commit that it and the live one have in common.

    With nothing in common, or nothing live yet, it is what is merged already, so its own base.
    """
    try:
        common = snapshot.merge_base(repo, live, commit) if live else commit
    except NoHistory:
        common = commit
    return snapshot.at_commit(repo, common)
