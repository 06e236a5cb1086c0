"""The supervisor's side of its worker: starts it, sends it commits, hears its lines."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.laptop.places import Places
from delivery.laptop.processes import Recipe, launch


class WorkerDied(Exception):  # noqa: N818 - what happened
    """The worker ended in the middle of its work; the text says of what, and where its log is."""


@dataclass(frozen=True, slots=True)
class Job:
    """What `up` tells its worker once: the checkout, the ports by name, and the engine's name."""

    repo: Path
    ports: dict[str, int]
    engine: str

    @classmethod
    def read(cls, text: str) -> "Job":
        """From the JSON on the command line."""
        given = json.loads(text)
        return cls(Path(given["repo"]), dict(given["ports"]), given["engine"])

    def write(self) -> str:
        """The JSON for the command line."""
        return json.dumps({"repo": str(self.repo), "ports": self.ports, "engine": self.engine})


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that runs the code of one tree."""

    tree: Path
    recipe: Recipe
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, tree: Path, places: Places, ports: dict[str, int], engine: str) -> "Worker":
        """Start it; it imports while the caller goes on."""
        job = Job(places.repo, ports, engine)
        command = (sys.executable, "-m", "delivery.laptop.worker", job.write())
        recipe = Recipe("worker", command, places.log("worker"), {"PYTHONPATH": str(tree)}, tree)
        return cls(tree, recipe, launch(recipe, stdin=subprocess.PIPE, stdout=subprocess.PIPE))

    def alive(self) -> bool:
        """Whether it can take a commit."""
        return self.process.poll() is None

    def carry(self, commit: str, say: Callable[[str], None], *, again: bool = False) -> dict[str, Any]:
        """Have this commit carried out; its progress is said on the way.

        Raises WorkerDied.
        """
        assert self.process.stdin is not None  # noqa: S101 - both are pipes by construction
        assert self.process.stdout is not None  # noqa: S101
        try:
            self.process.stdin.write(json.dumps({"commit": commit, "again": again}).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise self._died() from None
        for line in self.process.stdout:
            message: dict[str, Any] = json.loads(line)
            if "say" in message:
                say(message["say"])
            elif "ready" not in message:
                return message
        raise self._died()

    def _died(self) -> WorkerDied:
        ended, log = self.process.wait(), self.recipe.log
        words = log.read_text(errors="replace").splitlines() if log.exists() else []
        last = next((line.strip() for line in reversed(words) if line.strip()), "it says nothing")
        why = f"ended by {signal.Signals(-ended).name}" if ended < 0 else last
        return WorkerDied(f"the worker died: {why}; see {log}")

    def close(self) -> None:
        """End of input: a worker at rest ends by itself."""
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except OSError:
                return  # it is gone already
