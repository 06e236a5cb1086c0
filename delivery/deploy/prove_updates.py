"""Whole updates through <channel>-next: check, download, and everything that is asked of the bytes before they run.

That is what a release must have gone through before its first step above 0.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import requests

from clients.reference.wire import USER_AGENT
from delivery.artifacts.verify import verify
from delivery.deploy.asks import TIMEOUT
from delivery.deploy.prove_answers import Live, Unanswered, Wrong, asked, meant, tried
from delivery.engines.making import Progress, Tell
from delivery.rules.compile import NEXT
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Artifact
from delivery.rules.precedence import precedence

SILENCE = 30.0  # seconds without a byte after which a download is given up
LONGEST = 900.0  # seconds that one may take in all
MOST = 1_500_000_000  # bytes of all updates, two minutes at 100 Mbit/s: beyond that, first bundles only
CHUNK = 2**18  # bytes
NEWEST_OS = "999999"  # newer than any minimum: each update is for somebody


@dataclass(frozen=True, slots=True)
class Journey:
    """An update to be done: who asks on <channel>-next, and the artifact that the facts say it gets."""

    request: Request
    version: str
    artifact: Artifact

    @property
    def channel(self) -> str:
        """Whose rollout it is."""
        return self.request.channel.removesuffix(NEXT)

    def __str__(self) -> str:
        asked = self.request
        return f"{asked.channel}, {asked.target} {asked.bundle}, {asked.version} to {self.version}"


@dataclass(frozen=True, slots=True)
class Barred:
    """A rollout of which nobody can be given an update there, and the rule that bars it."""

    channel: str
    target: str
    bundle: str
    version: str
    reason: str


def journeys(live: Live, now: datetime) -> Iterator[Journey | Barred]:
    """On each channel, target and bundle: to the newest version, from the oldest that is offered it."""
    shipped = sorted(live.table.catalog.releases, key=precedence)
    for (channel, target, bundle), cell in sorted(live.table.cells.items()):
        if cell.newest is None:
            continue
        of_all = Request(channel + NEXT, target, bundle, "0.0.0", os=NEWEST_OS)
        asks = [replace(of_all, version=version) for version in (*shipped, of_all.version)]
        said = [(ask, decide(live.table, ask, now)) for ask in asks]
        offers = ((ask, each) for ask, each in said if isinstance(each, Offer) and each.version == cell.newest)
        found = next(offers, None)
        if found:
            yield Journey(found[0], cell.newest, found[1].artifact)
        else:
            barred = next((str(each.reason) for _, each in said if not isinstance(each, Offer)), "barrier")
            yield Barred(channel, target, bundle, cell.newest, barred)


def affordable(live: Live, those: Sequence[Journey], most: int) -> tuple[Journey, ...]:
    """All of them; where they are more than `most` bytes, those of each target's first bundle."""
    if sum(each.artifact.size for each in those) <= most:
        return tuple(those)
    return tuple(each for each in those if each.request.bundle == live.table.targets[each.request.target].updates[0])


@dataclass(slots=True)
class Updates:
    """Updates under way into a folder. `tell` hears how many bytes came, of all together."""

    live: Live
    folder: Path
    tell: Tell
    total: int
    done: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, live: Live, folder: Path, tell: Tell, those: Sequence[Journey]) -> Updates:
        """For these."""
        return cls(live, folder, tell, sum(each.artifact.size for each in those))

    def update(self, journey: Journey, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> tuple[Wrong, ...]:
        """Everything that is wrong with it; nothing where an installation there is updated."""
        app, offer = self.live.installation(journey.request), meant(self.live, journey.request, now())
        where = app.url(app.endpoints[0])
        try:
            found = asked(app)
        except Unanswered as error:
            return (Wrong(where, str(error), f"an offer of {journey.version}"),)
        if found is None or offer is None or found != offer:
            says = f"{found.version} from {found.url}" if found else "nothing"
            return (Wrong(where, f"offers {says}", f"{offer.version} from {offer.url}" if offer else "nothing"),)
        file = self.folder / f"{journey.channel}-{journey.request.target}-{journey.request.bundle}"
        try:
            tried(lambda: self._fetch(found.url, journey.artifact.size, file))
        except Unanswered as error:
            return (Wrong(found.url, str(error), f"{journey.artifact.size} bytes of {journey.version}"),)
        keys, data = self.live.product.artifact_keys(self.live.environment), file.read_bytes()
        file.unlink()
        flaws = verify(journey.artifact, journey.version, journey.request.bundle, data, keys)
        return tuple(Wrong(found.url, each.what, f"what the fact of {journey.version} says") for each in flaws)

    def end(self) -> None:
        """Let downloads that are under way end now."""
        self.ended.set()

    def _fetch(self, url: str, size: int, file: Path) -> None:
        """No more than one byte beyond its size. Raises requests.RequestException."""
        began, came = time.monotonic(), 0
        said = {"User-Agent": USER_AGENT, "Accept": "application/octet-stream", "Accept-Encoding": "identity"}
        with requests.get(url, headers=said, stream=True, timeout=(TIMEOUT, SILENCE)) as reply, file.open("wb") as to:
            if reply.status_code != requests.codes.ok:
                raise requests.RequestException(f"answers with status {reply.status_code}")
            for part in reply.iter_content(CHUNK):
                to.write(part)
                came += len(part)
                self._came(len(part))
                if self.ended.is_set() or time.monotonic() - began > LONGEST:
                    raise requests.Timeout(f"{came} bytes came in {time.monotonic() - began:.0f} s")
                if came > size:
                    return

    def _came(self, count: int) -> None:
        with self._lock:
            self.done += count
            self.tell(Progress("kB of updates", self.done // 1000, self.total // 1000))
