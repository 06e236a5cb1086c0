"""The processes of the laptop: started, watched, restarted when they die, and ended, every one of them.

Each runs in a session of its own, so that Ctrl-C reaches only the supervisor, which then ends them in order.
A supervisor that was killed leaves processes behind; the next `up` ends those first (they are known by pid and
start time, so a stranger that got the same pid is left alone).
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

GRACE = 5.0  # seconds between asking a process to end and ending it
PAUSE = 1.0  # seconds before a dead process is started again


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to start a process."""

    name: str
    command: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


@dataclass(slots=True)
class Running:
    """A started process."""

    recipe: Recipe
    process: subprocess.Popen[bytes]
    died: float | None = None
    restarts: int = 0

    def to_json(self) -> dict[str, Any]:
        """For status: name, pid, start time, state."""
        alive = self.process.poll() is None
        return {
            "name": self.recipe.name,
            "pid": self.process.pid,
            "started": started(self.process.pid),
            "alive": alive,
            "restarts": self.restarts,
            "log": str(self.recipe.log),
        }


class Processes:
    """All processes of one laptop, by name."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}

    def start(self, recipe: Recipe) -> Running:
        """Start it; one of that name that runs already is an error of the caller."""
        assert recipe.name not in self._running, recipe.name  # noqa: S101
        running = Running(recipe, launch(recipe))
        self._running[recipe.name] = running
        return running

    def adopt(self, recipe: Recipe, process: subprocess.Popen[bytes]) -> Running:
        """Watch over a process that somebody else started and talks to; it is not restarted here."""
        running = Running(recipe, process)
        self._running[recipe.name] = running
        return running

    def names(self) -> tuple[str, ...]:
        """In the order of their start."""
        return tuple(self._running)

    def get(self, name: str) -> Running | None:
        """The process of this name."""
        return self._running.get(name)

    def end(self, *names: str) -> None:
        """Ask these to end together, wait, and end those that do not."""
        ending = [self._running.pop(name).process for name in names if name in self._running]
        end_all(ending)

    def end_all(self) -> None:
        """End every process, the last started first."""
        self.end(*reversed(self.names()))

    def revive(self, *, skip: Iterable[str] = ()) -> tuple[str, ...]:
        """Start again what has died, a second after it was noticed; say which."""
        revived = []
        for name, running in self._running.items():
            if name in skip or running.process.poll() is None:
                continue
            running.died = running.died or time.monotonic()
            if time.monotonic() - running.died >= PAUSE:
                _sweep(running.process.pid)
                running.process, running.died = launch(running.recipe), None
                running.restarts += 1
                revived.append(name)
        return tuple(revived)

    def to_json(self) -> list[dict[str, Any]]:
        """For status."""
        return [running.to_json() for running in self._running.values()]


def launch(recipe: Recipe, **pipes: Any) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, what it prints going to its log."""
    recipe.log.parent.mkdir(parents=True, exist_ok=True)
    with recipe.log.open("ab") as log:
        return subprocess.Popen(
            recipe.command,
            env={**os.environ, **recipe.env},
            cwd=recipe.cwd,
            stdin=pipes.get("stdin", subprocess.DEVNULL),
            stdout=pipes.get("stdout", log),
            stderr=log,
            start_new_session=True,
        )


def end_all(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """End these processes and whatever they started."""
    families = [family(process.pid) for process in processes]
    for process in processes:
        if process.poll() is None:
            process.terminate()
    members = [member for each in families for member in each]
    _, alive = psutil.wait_procs(members, timeout=GRACE)
    for member in alive:
        member.kill()
    psutil.wait_procs(alive, timeout=GRACE)  # until their ports are free again
    for process in processes:
        process.wait()
        _sweep(process.pid)


def end_leftovers(report: Mapping[str, Any]) -> tuple[str, ...]:
    """End the processes that a killed supervisor left behind; say which."""
    left = [entry for entry in report.get("processes", ()) if entry["started"] == started(entry["pid"]) is not None]
    members = [member for entry in left for member in family(entry["pid"])]
    for member in members:
        member.kill()
    psutil.wait_procs(members, timeout=GRACE)  # until their ports are free again
    return tuple(str(entry["name"]) for entry in left)


def started(pid: int) -> float | None:
    """When the process of this pid began, in seconds since the epoch; None if there is none, or only its remains."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time(), 2)
    except psutil.NoSuchProcess:
        return None


def reload(pid: int) -> None:
    """Ask a process to read its configuration again, and wait until its children that had the old one have ended."""
    former = psutil.Process(pid).children()
    os.kill(pid, signal.SIGHUP)
    psutil.wait_procs(former, timeout=GRACE)


def _sweep(pid: int) -> None:
    """End what a process that is gone had started: without a parent, only its session still tells whose it was."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter where only a zombie is left
        os.killpg(pid, signal.SIGKILL)


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started; none if there is none of this pid."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
