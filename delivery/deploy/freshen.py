"""Makes what is live what everyone gets: caches let go of what they keep, until nothing old can come any more.

Why twice. An endpoint instance answers for `confirm_after` seconds without asking which catalog is live, so after a
write misses may still get old answers, and caches keep those for as long as any answer. The first purge makes the new
answers visible early. The second comes when no old answer can be on its way: `settle` seconds after the write. It is
the one that counts, and what is asked after it is what the deploy is judged by.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from delivery.engines.stack import EngineError

PATIENCE = 30.0  # seconds until the edge must show what is live
PAUSE = 0.05  # seconds between two questions

Ask = Callable[[], str]
"""Asks through the edge, once: why the answer is not the one that is live, as a sentence; empty if it is."""

Say = Callable[[str], None]


class PurgeRefused(EngineError):  # noqa: N818 - what happened
    """The edge did not let go; the text says why."""


class NotFresh(EngineError):  # noqa: N818 - what is live
    """It is live, but caches may still answer with what was live before; the text says for how long, and the mend."""


class Purge(Protocol):
    """Lets caches go of what they keep."""

    def __call__(self, prefixes: Sequence[str]) -> None:
        """Of every answer whose address begins with one of these: `updates.espice.app`, `downloads.espice.app/v1`.

        Raises PurgeRefused.
        """


@dataclass(frozen=True, slots=True)
class Edge:
    """The caches in front of one environment.

    `settle`: seconds after a write until no answer from before it can come any more, from a store that answers.
    `kept`: seconds that a cache keeps an answer at most. `again`: the command that repeats a purge.
    """

    purge: Purge
    prefixes: tuple[str, ...]
    settle: float
    kept: float
    again: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only rise, and waiting for them."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep


def freshen(
    edge: Edge,
    origin: Sequence[Ask],
    kept: Sequence[Ask],
    say: Say,
    *,
    written: float | None = None,
    clock: Clock = Clock(),
    patience: float = PATIENCE,
) -> None:
    """Purge, ask, wait, purge again, ask again.

    `origin` ask past the caches (by addresses that nobody asked before), `kept` ask as installations do. `written` is
    when the last write ended, by the same clock; now without it.

    Raises:
        NotFresh: a purge was refused, or what is live did not show in time.
    """
    began = clock.now() if written is None else written

    def spent() -> str:
        return f"{clock.now() - began:.1f} s after the write"

    _purge(edge)
    say(f"purged {' and '.join(edge.prefixes)}, {spent()}")
    _await(edge, origin, clock, patience)
    say(f"what is live is what the origin answers, {spent()}")
    if (left := began + edge.settle - clock.now()) > 0:
        say(f"waiting {left:.1f} s, until no answer from before can be on its way")
        clock.wait(left)
    _purge(edge)
    _await(edge, [*origin, *kept], clock, patience)
    say(f"purged again; what is live is what everyone gets, {spent()}")


def _purge(edge: Edge) -> None:
    try:
        edge.purge(edge.prefixes)
    except PurgeRefused as refused:
        raise NotFresh(_unpurged(edge, str(refused))) from None


def _await(edge: Edge, asks: Sequence[Ask], clock: Clock, patience: float) -> None:
    """Each question, until it is answered as it should be."""
    deadline = clock.now() + patience
    for ask in asks:
        while trouble := ask():
            if clock.now() >= deadline:
                raise NotFresh(f"what was written does not show within {patience:.0f} s: {trouble}; {_mend(edge)}")
            clock.wait(PAUSE)


def _unpurged(edge: Edge, why: str) -> str:
    longest = edge.settle + edge.kept
    return f"caches may answer for {longest:.0f} s more with what was live before: {why}; {_mend(edge)}"


def _mend(edge: Edge) -> str:
    return f"{edge.again} purges and asks again"
