"""Which catalog answers now: looks at the store when a request asks and the last look is too old.

Driven by requests, because a Lambda's threads freeze between them. One look at a time; it runs in a thread of its own,
so that an answer waits no longer than its budget, and a look that takes longer still bears fruit for a later one.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from delivery.endpoint.log import Log, to_stderr
from delivery.endpoint.look import Known, Live, look
from delivery.endpoint.settings import Settings
from delivery.endpoint.store import ObjectStore

PATIENCE_S = 1.5  # how long an answer waits when there is nothing to answer from: clients should fail over fast
LATE = 2  # times confirm_after since what is answered from was confirmed: from then on nothing may keep an answer
PAUSE_S = 1.0  # between looks that fail, so that an outage costs one look a second and not one a request


@dataclass(frozen=True, slots=True)
class Unavailable:
    """There is no catalog that may be answered from. The reason may be shown in public."""

    reason: str


class Source:
    """The catalog of one process. Threads may share it. `loaded` is called when another one answers from now on."""

    def __init__(
        self,
        store: ObjectStore,
        settings: Settings,
        log: Log = to_stderr,
        loaded: Callable[[], object] = lambda: None,
    ) -> None:
        self._store, self._settings, self._log, self._loaded = store, settings, log, loaded
        self._known = Known()
        self._looked_at: datetime | None = None
        self._look: Future[None] | None = None
        self._began = 0.0  # the look that is under way
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, "look")
        self.looks = self.troubled = 0  # how often it looked, and how often that was of no use

    @property
    def known(self) -> Known:
        """What the last look left behind, for readiness."""
        return self._known

    @property
    def store(self) -> ObjectStore:
        """Where it looks: documents that decide nothing are read from there, too."""
        return self._store

    def current(self, now: datetime) -> Live | Unavailable:
        """What to answer from at this moment; looks at the store first where the last look is too old."""
        return self.answering(now)[0]

    def answering(self, now: datetime) -> tuple[Live | Unavailable, bool]:
        """The same, and whether just that is late: of one look, for the next may end meanwhile."""
        mine, running = self._begin(now)
        before, late = self._standing(now)
        if running is None or (isinstance(before, Live) and not mine and not late):
            return before, late  # fresh, or another thread is looking meanwhile
        patience = self._settings.budget if isinstance(before, Live) else PATIENCE_S
        # Counted from the look's beginning: who waited for the server's only thread has waited already.
        wait([running], max(0.0, self._began + patience - monotonic()))
        return self._standing(now)

    def _standing(self, now: datetime) -> tuple[Live | Unavailable, bool]:
        known = self._known
        return standing(known, self._settings, now), is_late(known, self._settings, now)

    def is_late(self, now: datetime) -> bool:
        """Whether what the last look left behind is late."""
        return is_late(self._known, self._settings, now)

    def _begin(self, now: datetime) -> tuple[bool, Future[None] | None]:
        """The look that is under way, and whether this call began it."""
        if is_fresh(self._known, self._settings, now):
            return False, None
        with self._lock:
            if self._look and not self._look.done():
                return False, self._look
            if is_fresh(self._known, self._settings, now) or _within(self._looked_at, PAUSE_S, now):
                return False, None
            self._looked_at, self._began = now, monotonic()
            self._look = self._thread.submit(self._run, now)
            return True, self._look

    def _run(self, now: datetime) -> None:
        # Confirmed as of when the look began: it may be frozen half-way, and end an hour later.
        before = self._known
        try:
            self._known = look(self._store, self._settings, before, now)
        except Exception as error:
            self._known = replace(before, trouble=f"the look failed: {type(error).__name__}")
        known, off = self._known, _clock(self._known, now)
        if known.live is not before.live:
            self._loaded()
        self.looks, self.troubled = self.looks + 1, self.troubled + bool(off or known.trouble)
        if (known.live, known.trouble, off is None) != (before.live, before.trouble, _clock(before, now) is None):
            self._log({"event": "look", **_said(known), "trouble": off or known.trouble})


def standing(known: Known, settings: Settings, now: datetime) -> Live | Unavailable:
    """Whether what is known may answer at this moment."""
    if (wrong := _clock(known, now)) is not None:  # it would say what is to be offered on another day
        return Unavailable(wrong)
    if known.live is None:
        return Unavailable(known.trouble or "no head was seen yet")
    if now >= known.live.head.expires:
        return Unavailable(f"the head of serial {known.live.head.serial} expired")
    if not _within(known.confirmed_at, settings.give_up_after, now):
        return Unavailable(f"the head was not confirmed for {settings.give_up_after:.0f} seconds")
    return known.live


def is_late(known: Known, settings: Settings, now: datetime) -> bool:
    """Whether what is known was not confirmed for so long that no cache may keep an answer from it.

    So a halt, too, is in every cache after LATE * confirm_after and the longest time that an answer is kept, though an
    instance slept, or the store is slow or away.
    """
    return known.confirmed_at is not None and not _within(known.confirmed_at, LATE * settings.confirm_after, now)


def _clock(known: Known, now: datetime) -> str | None:
    """What is wrong with this machine's clock, if anything."""
    off = known.clocks.off(now) if known.clocks else None
    return f"this machine's clock is off by {timedelta(seconds=round(off.total_seconds()))}" if off else None


def _said(known: Known) -> Mapping[str, int | None]:
    """What is answered from, in numbers for the log."""
    live = known.live
    override = live.override.number if live and live.override else None
    return {"serial": live.head.serial if live else None, "override": override}


def is_fresh(known: Known, settings: Settings, now: datetime) -> bool:
    """Whether to answer without a look."""
    return _within(known.confirmed_at, settings.confirm_after, now) and isinstance(standing(known, settings, now), Live)


def _within(then: datetime | None, seconds: float, now: datetime) -> bool:
    """True when less than this many seconds lie between: either way, as a clock may be set back."""
    return then is not None and abs((now - then).total_seconds()) < seconds
