"""A copy of this repository with nothing running, in which tests type what people type."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.laptop.system import env, git


@dataclass(frozen=True)
class Said:
    """How a task ended, and what it printed for people and for scripts."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Desk:
    """A checkout and a terminal in it."""

    repo: Path

    def inv(self, *arguments: str, folder: str = ".", **variables: str) -> Said:
        """Type `./inv …`. No task may ever answer with a traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "invoke", "--search-root", str(self.repo), *arguments],
            cwd=self.repo / folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**env(), "PYTHONDONTWRITEBYTECODE": "1", **variables},
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def git(self, *arguments: str) -> str:
        return git(self.repo, *arguments)

    def changed(self) -> str:
        """What git sees that is not committed."""
        return self.git("status", "--porcelain")

    def read(self, path: str) -> str:
        return (self.repo / path).read_text()

    def write(self, path: str, text: str) -> None:
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def append(self, path: str, line: str) -> None:
        self.write(path, self.read(path) + line + "\n")


def timeless(text: str) -> str:
    """Without what another day, or another catalog, would say instead."""
    text = re.sub(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d UTC", "<time>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<at>", text)
    return re.sub(r"\b([0-9a-f]{40}|[0-9a-f]{12})\b", "<id>", text)
