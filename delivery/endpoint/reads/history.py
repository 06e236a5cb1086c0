"""Who was offered more or less, and when: the public history as the live stack writes it, and what is halted since.

The history is made from git, which is not here. So the live stack puts the same bytes that lie on the downloads host
beside the catalog, where this process may read already. They are looked at when somebody asks, and not signed: nothing
is decided by them. So nobody waits for them either, beyond what an update check would wait for the store.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Literal

import msgspec
from flask import Response
from msgspec import Meta

from delivery.endpoint.operations import TAGGED, Operation, Parameter, Reply, refused
from delivery.endpoint.reads import asked
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.responses import refusal, value
from delivery.endpoint.reads.standing import When, is_halt
from delivery.endpoint.source import PATIENCE_S
from delivery.endpoint.store import Fetched, ObjectStore, StoreError
from delivery.rules.catalog import Stopped

KEY = "catalog/history.json"  # beside the head
USUAL, MOST = 200, 2000  # records at once
PAUSE = timedelta(seconds=10)  # between looks at the store


@dataclass(frozen=True, slots=True)
class Serving:
    """From `start` until `end`; an end of null: still so."""

    start: When
    end: When | None


class Ramp(msgspec.Struct, frozen=True, rename={"from_": "from"}):  # a dataclass cannot be renamed for JSON
    """The fraction rises evenly from this one until then, unless the record ends first."""

    from_: float
    until: When


@dataclass(frozen=True, slots=True)
class Record:
    """For this long this fraction (0 to 1) of the channel was offered this version.

    `commit` is the one of the facts that decided it; null while only the emergency brake says so.
    """

    channel: str
    version: str
    targets: Literal["all"] | tuple[str, ...]
    fraction: float
    ramp: Ramp | None
    serving: Serving
    reason: str
    held: bool
    commit: str | None


@dataclass(frozen=True, slots=True)
class History:
    """The newest record first."""

    product: str
    environment: str
    releases: tuple[Record, ...]


HISTORY = Operation(
    path="/v1/history",
    name="history",
    summary="Who was offered more or less, and when",
    description=(
        "A record for each change of what share of a channel is offered a version, the newest first. All of it, as far "
        "as it is merged, lies on the downloads host as v1/history.json."
    ),
    tag="Releases",
    parameters=(
        asked.CHANNEL,
        Parameter("version", "query", "Only of this version.", "1.4.0"),
        Parameter("limit", "query", "How many records at most.", str(USUAL), Annotated[int, Meta(ge=1, le=MOST)]),
    ),
    answers={
        HTTPStatus.OK: Reply("The history.", History, headers=TAGGED),
        HTTPStatus.BAD_REQUEST: refused("The limit is no number within its bounds."),
        HTTPStatus.NOT_FOUND: asked.UNKNOWN,
        HTTPStatus.SERVICE_UNAVAILABLE: refused("The history, or any head that may be believed, cannot be had now."),
    },
    cors=True,
)


class Shelf:
    """The last history that could be read. Threads may share it.

    It looks in a thread of its own, as `Source` does: a server has one thread that answers, and a store that is slow
    must not take it away. Who begins a look waits a little for it, everybody else not at all.
    """

    def __init__(self, store: ObjectStore, budget: float) -> None:
        self._store, self._budget = store, budget
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, "history")
        self._running: Future[None] | None = None
        self._looked_at: datetime | None = None
        self._etag: str | None = None
        self._history: History | None = None

    def history(self, now: datetime) -> History | None:
        """As it is, or was when the store last gave it; None if it never did."""
        if begun := self._begin(now):
            wait([begun], self._budget if self._history else PATIENCE_S)
        return self._history

    def _begin(self, now: datetime) -> Future[None] | None:
        """A look, where one is due and none is under way."""
        with self._lock:
            if self._running and not self._running.done():
                return None
            if self._looked_at is not None and abs(now - self._looked_at) < PAUSE:
                return None
            self._looked_at = now
            self._running = self._thread.submit(self._look)
            return self._running

    def _look(self) -> None:
        try:
            found = self._store.get(KEY, self._etag)
            if isinstance(found, Fetched):
                self._history = msgspec.json.decode(found.data, type=History)
                self._etag = found.etag
        except (StoreError, msgspec.MsgspecError):
            return  # the last one is as true as it was


def view(shelf: Shelf, moment: Moment) -> Response:
    """HISTORY."""
    channel, version = map(asked.queried, ("channel", "version"))
    if channel:
        asked.channel(moment, channel)
    if version:
        asked.version(moment, version)
    limit = asked.number("limit", USUAL, MOST)
    history = shelf.history(moment.now)
    if history is None:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the history cannot be had now; the downloads host has it, too")
    halts = [each for each in moment.catalog.stops if is_halt(each)]
    found = (
        record
        for record in under(halts, history.releases)
        if channel in (None, record.channel) and version in (None, record.version)
    )
    return value(replace(history, releases=tuple(found)[:limit]), moment.live, moment.now, moment.until())


def under(halts: Iterable[Stopped], records: Iterable[Record]) -> tuple[Record, ...]:
    """The records, with those that a halt ended ended, and what came after them."""
    halts = sorted(halts, key=lambda halt: halt.at)
    found = (each for record in records for each in _halted(record, halts))
    return tuple(sorted(found, key=lambda record: record.serving.start, reverse=True))


def _halted(record: Record, halts: Iterable[Stopped]) -> Iterator[Record]:
    """What is still so ends with the first halt that is for it: it, and what came to pass since."""
    halt = next((each for each in halts if _is_for(each, record)), None)
    if halt is None or record.serving.end is not None or not record.fraction:
        yield record
        return
    at = max(halt.at, record.serving.start)
    if record.serving.start < at:
        yield replace(record, serving=Serving(record.serving.start, at))
    stopped = {"fraction": 0.0, "ramp": None, "reason": "stopped", "held": False, "commit": None}
    yield replace(record, serving=Serving(at, None), **stopped)  # type: ignore[arg-type] # each is of its field's type


def _is_for(halt: Stopped, record: Record) -> bool:
    return halt.channel == record.channel and (halt.versions is None or record.version in halt.versions)
