"""The supervisor's side of the site: a child that builds and publishes it behind the rest, and what it says of that.

The child never holds anything up: `up` looks at what it said, and tells it which commit is live.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from delivery.laptop.places import Places
from delivery.laptop.processes import Recipe, launch
from delivery.site.data import Hosts

NAME = "site-builder"
ABSENT: Mapping[str, Any] = {"state": "absent", "commit": None, "key": None, "why": None}


def hosts_on(ports: Mapping[str, int]) -> Hosts:
    """The public hosts of a laptop with these ports, as its endpoint names them."""
    return Hosts(**{name: f"http://127.0.0.1:{ports[name]}" for name in ("site", "updates", "downloads")})


@dataclass(slots=True)
class Site:
    """The child, from the tree of code that it runs, and the last that it said. `state` is what `status` shows."""

    tree: Path
    process: subprocess.Popen[bytes]
    recipe: Recipe
    state: Mapping[str, Any] = field(default_factory=lambda: ABSENT)
    _said: SimpleQueue[dict[str, Any]] = field(default_factory=SimpleQueue)

    @classmethod
    def start(cls, tree: Path, places: Places, ports: Mapping[str, int], before: Mapping[str, Any]) -> Site:
        """Start it; it waits for a commit. `before` is what the one before it said last."""
        job = json.dumps({"repo": str(places.repo), "ports": dict(ports)})
        command = (sys.executable, "-m", "delivery.laptop.site_builder", job)
        recipe = Recipe(NAME, command, places.log(NAME), {"PYTHONPATH": str(tree)}, tree)
        begun = cls(tree, launch(recipe, stdin=subprocess.PIPE, stdout=subprocess.PIPE), recipe, before)
        Thread(target=begun._hear, daemon=True).start()
        return begun

    def tell(self, commit: str) -> None:
        """Let it build this commit's site next."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe by construction
        try:
            self.process.stdin.write(json.dumps({"commit": commit}).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return  # it is gone, which `look` sees

    def look(self, say: Callable[[str], None]) -> bool:
        """Pass on what it said since; whether its state is another now."""
        before = self.state
        with suppress(Empty):
            while True:
                message = self._said.get_nowait()
                if "say" in message:
                    say(f"site: {message['say']}")
                else:
                    self.state = message["site"]
        return before != self.state

    def _hear(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - a pipe by construction
        for line in self.process.stdout:
            self._said.put(json.loads(line))
        why = f"what builds the site ended; see {self.recipe.log}, and commit its mend"
        self._said.put({"say": why})
        self._said.put({"site": {**self.state, "state": "failed", "why": why}})
