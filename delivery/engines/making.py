"""Makes a program by somebody else's build tool: followed while it runs, and whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):  # noqa: N818 - what failed is the tool
    """A tool ended badly; the text is the last thing it said."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is; `total` is 0 while nobody knows it."""

    what: str
    done: int = 0
    total: int = 0


Tell = Callable[[Progress], None]


@contextmanager
def half(beside: Path) -> Iterator[Path]:
    """A folder beside this one, gone afterwards whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix=".half-", dir=beside.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: Sequence[str], folder: Path, follow: Callable[[Iterator[str]], None], **variables: str) -> list[str]:
    """Run a tool in a folder; what it prints on the side is followed. Returns its output's lines.

    Whatever ends this ends the tool and all that it started. Raises Failed.
    """
    said: list[str] = []

    def lines(pipe: Iterator[str]) -> Iterator[str]:
        for line in pipe:
            said.append(line.strip())
            yield line

    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **variables},
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            assert process.stderr is not None  # noqa: S101 - a pipe by construction
            follow(lines(iter(process.stderr)))
            if process.wait():
                raise Failed(next((line for line in reversed(said) if line), "without a word"))
        except BaseException:
            _end(process)
            raise
        output.seek(0)
        return output.read().splitlines()


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
