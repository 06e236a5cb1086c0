"""Makes what is live what everyone gets: caches let go of what they keep, until nothing old can come any more.

Why twice. An instance of the endpoint answers for some seconds without asking which catalog is live, so for that long
after a write the origin may still give old answers, and caches keep those as long as any other. The first purge makes
new answers visible early. The second comes when no old answer that a cache may keep can be on its way any more
(`Edge.settle`): it is the one that counts, and by what is asked after it a deploy is judged.
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
"""Asks once, through the edge or past it: why the answer is not what is live, as a clause; empty if it is."""

Say = Callable[[str], None]


class PurgeRefused(EngineError):  # noqa: N818 - what happened
    """The edge did not let go; the text says why."""


class NotFresh(EngineError):  # noqa: N818 - what is live
    """It is live, but not everyone gets it; the text says why, for how long at most, and how to mend it."""


class Purge(Protocol):
    """Lets caches go of what they keep."""

    def __call__(self, prefixes: Sequence[str]) -> None:
        """Of every answer whose address begins with one of these: `updates.espice.app`, `downloads.espice.app/v1`.

        Raises PurgeRefused.
        """


@dataclass(frozen=True, slots=True)
class Edge:
    """The caches in front of one environment.

    `settle`: seconds after a write until no answer from before it that may be kept can come any more.
    `kept`: seconds that a cache keeps an answer at most. `again`: the command that purges once more.
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


REAL = Clock()


def freshen(
    edge: Edge,
    origin: Sequence[Ask],
    kept: Sequence[Ask],
    say: Say,
    *,
    clock: Clock = REAL,
    patience: float = PATIENCE,
) -> None:
    """Purge, ask, wait, purge again, ask again; to be called when the write has ended.

    `origin` ask by addresses that no cache has, `kept` as installations ask.

    Raises:
        NotFresh: a purge was refused, or what is live did not show in time.
    """
    written = clock.now()
    show(edge, origin, clock=clock, patience=patience)
    say(f"purged {' and '.join(edge.prefixes)}; the origin answers anew after {clock.now() - written:.1f} s")
    settle(edge, written, [*origin, *kept], clock=clock, patience=patience)
    say(f"purged again; everyone gets what is live after {clock.now() - written:.1f} s")


def show(edge: Edge, origin: Sequence[Ask], *, clock: Clock = REAL, patience: float = PATIENCE) -> None:
    """The first purge: from here on somebody who asks for the first time gets what is live. Raises NotFresh."""
    _purge(edge)
    _await(edge, origin, clock, patience)


def settle(edge: Edge, written: float, asks: Sequence[Ask], *, clock: Clock = REAL, patience: float = PATIENCE) -> None:
    """The second purge, not before nothing old is on its way: from here on everyone does.

    `written`: when the write ended, by this clock. Raises NotFresh.
    """
    clock.wait(max(0.0, written + edge.settle - clock.now()))
    _purge(edge)
    _await(edge, asks, clock, patience)


def _purge(edge: Edge) -> None:
    try:
        edge.purge(edge.prefixes)
    except PurgeRefused as refused:
        longest = edge.settle + edge.kept
        raise NotFresh(
            f"it is live, but caches may give what was live before for {longest:.0f} s more: {refused}; {edge.again}"
        ) from None


def _await(edge: Edge, asks: Sequence[Ask], clock: Clock, patience: float) -> None:
    """Each question, again and again until nothing is wrong with its answer."""
    deadline = clock.now() + patience
    for ask in asks:
        while trouble := ask():
            if clock.now() >= deadline:
                raise NotFresh(f"it is written, but does not show within {patience:.0f} s: {trouble}; {edge.again}")
            clock.wait(PAUSE)
