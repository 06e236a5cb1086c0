"""Builds the site of the commit that is live and publishes it into the laptop's bucket; runs from that commit's code.

A child of `up`, spoken to in lines of JSON: {"commit": id} comes in; {"say": text} goes out while it works, and
{"site": {state, commit, key, why}} whenever that changed. Between commits it looks whether time alone made another
site: a page may be due, or a step of a rollout. Beside that it measures for the status page.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Literal

from delivery.deploy.objects import Bucket
from delivery.engines.making import Progress
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.laptop.moto import Moto
from delivery.laptop.site import hosts_on
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.read import PRODUCT, read
from delivery.site import publish
from delivery.site.build import BuildFailed, Built, build, wanted
from delivery.site.measure import measure
from delivery.site.node import NoNode
from infra.names import Names

LOOK_EVERY = 5.0  # seconds between two looks at what time alone changes
TRY_EVERY = 120.0  # seconds until what lacked is asked for again
SAY_EVERY = 5.0  # seconds between two words about the same step
MEASURE_EVERY = 30.0  # seconds between two looks for the status page

State = Literal["absent", "building", "live", "failed", "missing"]


@dataclass(frozen=True, slots=True)
class Said:
    """How the site stands. `commit` and `key` are of what is live, `why` is why nothing newer is."""

    state: State = "absent"
    commit: str | None = None
    key: str | None = None
    why: str | None = None


@dataclass(slots=True)
class Builder:
    """Knows what is live, and what was tried last."""

    repo: Path
    ports: dict[str, int]
    send: Callable[[dict[str, Any]], None]
    said: Said = field(default_factory=Said)
    tried: str | None = None  # the key of what was built last, or failed to
    again_at: float = 0.0

    def look(self, commit: str) -> None:
        """Build and publish what this commit's site is now, unless that is live or failed already."""
        began = time.monotonic()
        try:
            asked = wanted(self.repo, commit, "laptop", hosts_on(self.ports), datetime.now(UTC))
            if asked.key == self.tried and (self.said.state != "missing" or began < self.again_at):
                return
            self.tried = asked.key
            self._say("building", None)
            built = build(self.repo, asked, _Progress(self.send))
            self._publish(built)
        except NoNode as missing:
            self.again_at = time.monotonic() + TRY_EVERY
            self._fail("missing", str(missing))
        except (BuildFailed, NoHistory) as failed:
            self._fail("failed", str(failed))
        except EngineError as failed:  # the bucket's: what was built is published as soon as that answers
            self.tried = None
            self._fail("failed", str(failed))
        except Refused as refused:
            self._fail("failed", "\n".join(map(str, refused.problems)))
        else:
            self.said = Said("live", commit, built.key)
            self.send({"site": asdict(self.said)})
            where = hosts_on(self.ports).site
            self.send({"say": f"live at {where}/, {time.monotonic() - began:.1f} s after it was begun"})

    def _publish(self, built: Built) -> None:
        found = snapshot.at_commit(self.repo, built.commit, [PRODUCT])
        product, problems = parse(PRODUCT, found.get(PRODUCT, b""), Product)
        if product is None:
            raise Refused(problems)
        ready = publish.Build.read(built.folder, built.key, built.commit)
        publish.publish(ready, self._shelf(product.value), lambda *_: True, datetime.now(UTC), _Progress(self.send))

    def measure(self) -> bool:
        """Look at each component once, for the status page; False while no site is live that could show it."""
        if (commit := self.said.commit) is None:
            return False
        try:
            facts, _ = read(snapshot.at_commit(self.repo, commit))
            if facts is not None:  # else `look` says why
                measure(facts, "laptop", hosts_on(self.ports), self._shelf(facts.product.value))
        except (EngineError, NoHistory, Refused) as error:
            self.send({"say": f"not measured: {error}"})
        return True

    def _shelf(self, product: Product) -> Bucket:
        return Moto(f"http://127.0.0.1:{self.ports['aws']}").objects(Names.of(product, "laptop").site)

    def _say(self, state: State, why: str | None) -> None:
        said = Said(state, self.said.commit, self.said.key, why)
        if said != self.said:
            self.said = said
            self.send({"site": asdict(said)})

    def _fail(self, state: State, why: str) -> None:
        if self.said.why != why:
            kept = f"; what was live stays live ({self.said.commit[:9]})" if self.said.commit else ""
            self.send({"say": f"{state}{kept}: {why}"})
        self._say(state, why)


@dataclass(slots=True)
class _Progress:
    """A line for each step, and one now and then within it."""

    send: Callable[[dict[str, Any]], None]
    what: str = ""
    at: float = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.what == self.what and now - self.at < SAY_EVERY:
            return
        self.what, self.at = progress.what, now
        of = f" of {progress.total}" if progress.total else " s" if progress.done else ""
        self.send({"say": f"{progress.what} {progress.done or ''}{of}".rstrip()})


def main() -> None:
    """Serve until standard input ends; then this and all that it started ends at once, even within a build."""
    replies = sys.stdout
    sys.stdout = sys.stderr  # what libraries print belongs into the log

    def send(message: dict[str, Any]) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    commits: SimpleQueue[str] = SimpleQueue()
    Thread(target=_hear, args=(commits,), daemon=True).start()
    job = json.loads(sys.argv[1])
    builder = Builder(Path(job["repo"]), dict(job["ports"]), send)
    commit = commits.get()
    Thread(target=_measure, args=(builder,), daemon=True).start()
    while True:
        builder.look(commit)
        with suppress(Empty):
            commit = commits.get(timeout=LOOK_EVERY)
            while not commits.empty():
                commit = commits.get()
            builder.tried = None  # the bucket may have lost it meanwhile; what was built is not built again


def _measure(builder: Builder) -> None:
    while True:
        time.sleep(MEASURE_EVERY if builder.measure() else LOOK_EVERY)


def _hear(commits: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        commits.put(json.loads(line)["commit"])
    os.killpg(os.getpgid(0), signal.SIGKILL)  # it leads a session of its own, with all that it started


if __name__ == "__main__":
    main()
