"""`./inv bless`: rewrites what tests expect to what rules and program say now. Knows no test; pytest does the work."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORLD = "tests/world"
INFRA = "tests/unit/infra"


def bless(pattern: str) -> int:
    """Rewrite the expectations whose names match (all without), and show what that changed. Returns pytest's status."""
    chosen = ["-k", pattern] if pattern else []
    status = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "--snapshot-update",
            WORLD,
            f"{INFRA}/test_preview.py",
            *chosen,
        ],
        env={**os.environ, "ESPICE_BLESS": "1"},
        cwd=ROOT,
        check=False,
    ).returncode
    print("what this changed (read it before you commit it):")
    subprocess.run(["git", "--no-pager", "diff", "--stat", "--", WORLD, INFRA], cwd=ROOT, check=False)
    return status
