"""Installations that ask for updates without a pause, each in a thread of its own, and what they were told.

They are the reference client, so what they do with an answer is what the real one does.
"""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from clients.reference.check import Update, check
from clients.reference.download import download
from clients.reference.errors import UpdaterError
from clients.reference.installation import Installation, espice_endpoints
from delivery.drills.kinds import Kind
from delivery.present.drill import Ask, Rung

PAUSE_S = 0.3  # between two checks of one installation
TIMEOUT_S = 2.0  # how long it waits for each rung of its ladder
_NUMBERS = itertools.count()  # for URLs that the edge has not seen: not even in another drill a moment ago


@dataclass(slots=True)
class Fleet:
    """One installation of each kind. `updates` and `downloads` are where they believe their hosts to be."""

    kinds: Sequence[Kind]
    updates: str
    downloads: str
    pubkey: str
    asks: list[Ask] = field(default_factory=list)  # grows while they ask; appending is safe between threads
    offers: dict[tuple[str, str], tuple[Installation, Update]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    _ending: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    @contextmanager
    def asking(self) -> Iterator["Fleet"]:
        """Everybody asks, until the end of the block."""
        threads = [threading.Thread(target=self._ask_on, args=(kind,), name=kind.name) for kind in self.kinds]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()

    def since(self, moment: float) -> list[Ask]:
        """The checks that began after this moment, in the order of their ends."""
        return [ask for ask in tuple(self.asks) if ask.began >= moment]

    def unsigned(self) -> list[str]:
        """Of all that was offered: what does not verify, in words. Everything is fetched once."""
        found = []
        for app, update in self.offers.values():
            try:
                download(app, update, app.timeout)
            except UpdaterError as error:
                found.append(f"{update.url} was offered as {update.version}, and does not verify: {error}")
        return found

    def _ask_on(self, kind: Kind) -> None:
        while not self._ending.wait(PAUSE_S):
            self.asks.append(self._ask(kind))

    def _ask(self, kind: Kind) -> Ask:
        began, app = self.now(), self._installation(kind)
        try:
            found = check(app)
        except UpdaterError:
            return Ask(began, self.now(), kind.name, Rung.nobody, None)
        rung = Rung.static if found.asked.startswith(self.downloads) else Rung.endpoint
        if not isinstance(found, Update):
            return Ask(began, self.now(), kind.name, rung, None)
        self.offers.setdefault((found.url, found.signature), (app, found))
        return Ask(began, self.now(), kind.name, rung, found.version, kind.wrong(found.version))

    def _installation(self, kind: Kind) -> Installation:
        its = kind.request
        target, _, arch = its.target.partition("-")
        said = (its.channel, its.cohort, its.manual, its.failed)
        endpoint, static = espice_endpoints(self.updates, self.downloads, *said)
        alone = "" if kind.near else f"&alone={next(_NUMBERS)}"  # which nobody reads, and the edge has not seen
        return Installation(
            its.version, target, arch, its.bundle, (endpoint + alone, static), self.pubkey, timeout=TIMEOUT_S
        )
