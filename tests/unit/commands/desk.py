"""A copy of this repository with nothing running, in which tests type what people type."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from pathlib import Path
from pkgutil import iter_modules
from unittest.mock import patch

from invoke import Collection, Program

import tasks
from delivery import commands
from tests.laptop.system import env, git

TASKS = Collection.from_module(tasks)
MODULES = [import_module(f"{commands.__name__}.{found.name}") for found in iter_modules(commands.__path__)]


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

    def inv(self, *arguments: str) -> Said:
        """Type `./inv …`, in this process, which has everything loaded already."""
        out, err = StringIO(), StringIO()
        with standing_in(self.repo), redirect_stdout(out), redirect_stderr(err):
            try:
                Program(namespace=TASKS, binary="inv").run(["inv", *arguments])
                status = 0
            except SystemExit as ended:
                status = int(ended.code or 0)
        return Said(status, out.getvalue(), err.getvalue())

    def terminal(self, *arguments: str, folder: str = ".", **variables: str) -> Said:
        """Type it in a process of its own, as people do. No task may ever answer with a traceback."""
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
        return self.git("status", "--porcelain", "--untracked-files=all")

    def read(self, path: str) -> str:
        return (self.repo / path).read_text()

    def write(self, path: str, text: str) -> None:
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def append(self, path: str, line: str) -> None:
        self.write(path, self.read(path) + line + "\n")


@contextmanager
def standing_in(repo: Path) -> Iterator[None]:
    """The commands work on this checkout instead of the one that their code lies in."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, env()))
        for module in MODULES:
            if hasattr(module, "ROOT"):
                stack.enter_context(patch.object(module, "ROOT", repo))
        yield


def timeless(text: str) -> str:
    """Without what another day, or another catalog, would say instead."""
    text = re.sub(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d UTC( \([^)]*\))?", "<time>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<at>", text)
    return re.sub(r"\b([0-9a-f]{40}|[0-9a-f]{12})\b", "<id>", text)
