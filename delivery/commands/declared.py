"""What the program declares at one commit and at another, each by its own code, and what differs. No account is asked.

Where the code of a commit is not the one that runs here, its own runs in a tree of it: `python -m
delivery.commands.declared REPOSITORY STACK COMMIT FOLDER`, which prints the outcome as JSON. Not a task.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from delivery.commands import wished
from delivery.commands.desk import ROOT
from delivery.commands.wished import There, Wish
from delivery.engines.stack import EngineError, Outcome
from delivery.history.code import CODE
from delivery.history.git import git
from delivery.laptop import follow, planner
from delivery.laptop.places import Places
from delivery.rules.problem import Refused

_PATIENCE = 600  # seconds that another commit's code may take


def differences(name: str, base: str, head: str) -> Outcome:
    """What would become of a stack that is as `base` declares it; both are full ids of commits.

    Raises EngineError, which says of which of them it cannot be told, and why.
    """
    with TemporaryDirectory(prefix="espice-") as folder:
        _declared(name, base, Path(folder))
        return _declared(name, head, Path(folder))


def _declared(name: str, commit: str, folder: Path) -> Outcome:
    if not git(ROOT, "diff", "--name-only", commit, "--", *CODE):
        try:
            return _here(ROOT, name, commit, folder)
        except Refused as refused:
            raise _untold(name, commit, _why(refused)) from None
    tree = follow.export(ROOT, commit, Places(ROOT).trees)
    run = [sys.executable, "-m", "delivery.commands.declared", str(ROOT), name, commit, str(folder)]
    told = subprocess.run(run, check=False, cwd=tree, capture_output=True, text=True, timeout=_PATIENCE)
    if told.returncode:
        raise _untold(name, commit, told.stderr.strip().rpartition("\n")[2])
    return msgspec.json.decode(told.stdout, type=Outcome)


def _here(repo: Path, name: str, commit: str, folder: Path) -> Outcome:
    """By the code that runs here."""
    environment, kind = wished.named(name)
    wish = Wish.of_commit(repo, commit, environment)
    return planner.declared(wished.stack(wish, kind, There.nothing(wish)), folder)


def _untold(name: str, commit: str, why: str) -> EngineError:
    return EngineError(f"what {commit[:12]} declares of {name} cannot be told: {why}")


def _why(refused: Refused) -> str:
    return "; ".join(map(str, refused.problems))


def main(repo: str, name: str, commit: str, folder: str) -> None:
    """Say it."""
    replies, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no part of it
    try:
        outcome = _here(Path(repo), name, commit, Path(folder))
    except Refused as refused:
        sys.exit(_why(refused))
    replies.write(msgspec.json.encode(outcome).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
