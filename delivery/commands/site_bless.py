"""`./inv site bless`: takes the looks of the site's pages for right. Knows no test; pytest does the work."""

import os
import subprocess
import sys

from rich.box import SIMPLE_HEAD
from rich.table import Table

from delivery.commands.desk import ROOT, command, err, out
from delivery.history.git import git
from delivery.site.browser import NoBrowser, needed

LOOKS = "tests/site/test_looks.py"
BASELINES = "tests/site/baselines"
_SAID = {"A": "new", "M": "changed", "D": "gone"}


@command
def bless() -> int:
    """Draw every page, keep what looks otherwise, and say which. Returns pytest's status; 1 without a browser."""
    try:
        needed()
    except NoBrowser as missing:
        err.print(str(missing), markup=False)
        return 1
    status = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "-n0", LOOKS],
        env={**os.environ, "ESPICE_BLESS": "1"},
        cwd=ROOT,
        check=False,
    ).returncode
    changed = _changed()
    if not changed:
        out.print("no page looks otherwise than it did at the last commit")
        return status
    table = Table("picture", "since the last commit", box=SIMPLE_HEAD)
    for name, what in changed:
        table.add_row(name, what)
    out.print(table)
    out.print(f"look at them in {BASELINES} before you commit them", markup=False)
    return status


def _changed() -> list[tuple[str, str]]:
    """Names of pictures that are not as HEAD has them, and how they differ."""
    told = git(ROOT, "status", "--porcelain", "--untracked-files=all", "--no-renames", "-z", "--", BASELINES).decode()
    return [
        (entry[3:].removeprefix(f"{BASELINES}/"), _SAID.get(entry[:2].replace("?", "A").strip()[:1], "changed"))
        for entry in told.split("\0")
        if entry
    ]
