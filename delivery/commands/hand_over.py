"""Hands files that a task wrote to git: staged, or committed alone. Never touches what else is staged or changed."""

import subprocess
from collections.abc import Mapping
from typing import TypedDict

from delivery.commands.desk import ROOT, Usage, err, out
from delivery.history import snapshot
from delivery.history.git import NoHistory

EITHER = "--commit makes it true here, --pr asks others first; leave out one of them"


class How(TypedDict):
    """What becomes of an edit: committed, proposed, only shown; or, without any of them, staged."""

    commit: bool
    pr: bool
    dry_run: bool


def refuse_if_changed(path: str, lying: bytes | None) -> None:
    """A commit must hold what the task wrote and nothing else, so the file must lie here as HEAD has it.

    Raises Usage.
    """
    try:
        merged = snapshot.at_commit(ROOT, "HEAD", [path]).get(path)
    except NoHistory:
        merged = None
    if merged != lying:
        raise Usage(f"{path} has changes that are not committed; commit them first, or leave out --commit")


def hand_over(written: Mapping[str, bool], summary: str, why: str, *, commit: bool) -> int:
    """Stage these files, each with whether it is new, and with `commit` commit them under this subject.

    Returns an exit status.
    """
    names = " ".join(written)
    if _git("add", "--", *written):
        err.print(f"git did not stage {names}; it is written all the same", markup=False)
        return 1
    if not commit:
        ways = ((path, "git rm -f" if is_new else "git checkout HEAD --") for path, is_new in written.items())
        undo = " && ".join(f"{way} {path}" for path, way in ways)
        out.print(f"staged {names}; commit it, or take it back by {undo}", markup=False)
        return 0
    message = ["-m", summary, *(["-m", why] if why else [])]
    if _git("commit", "--quiet", "--only", *message, "--", *written):
        err.print(f"git did not commit; {names} is written and staged", markup=False)
        return 1
    out.print(f"committed: {summary}", markup=False)
    return 0


def _git(*arguments: str) -> int:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=False).returncode
