"""The base's own code, asked what it answers from the base's facts: where rules or endpoint changed since."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from delivery.commands.answers import asked, understood
from delivery.commands.desk import ROOT, err
from delivery.deploy.steps import Prepared
from delivery.history.code import DECIDES
from delivery.history.git import git
from delivery.laptop import follow
from delivery.laptop.places import Places
from delivery.rules.across import Question, questions
from delivery.rules.compare import Answer
from delivery.rules.read import File

_PATIENCE = 600  # seconds


def answers(
    commit: str, files: Mapping[str, File], environment: str, before: Prepared, after: Prepared, now: datetime
) -> Mapping[Question, Answer] | None:
    """What the code of this commit answers; None where it is the code that runs here, or cannot be asked.

    That it cannot be asked is said: the plan then shows what the facts change, and not what the code does.
    """
    if not git(ROOT, "diff", "--name-only", commit, "--", *DECIDES):
        return None
    tree = follow.export(ROOT, commit, Places(ROOT).trees)
    asking = questions(before.table, after.table, now)
    told = _run(tree, asked(environment, files, asking))
    if told.returncode:
        last = told.stderr.strip().rpartition("\n")[2]
        err.print(f"the code of {commit[:12]} cannot be asked, so only the facts are compared: {last}", markup=False)
        return None
    return understood(asking, told.stdout)


def _run(tree: Path, text: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "delivery.commands.answers"]
    return subprocess.run(run, check=False, cwd=tree, input=text, capture_output=True, text=True, timeout=_PATIENCE)
