"""What was seen of each component over time, small enough to lie in one object and to be read by a page.

A look counts once in each tier: for a day in slots of ten minutes, for a week in hours, for 90 days in days (UTC).
A slot that is over keeps four numbers. Where nobody looked there is no slot: nothing is known of that time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

FORMAT = 1
SAID_MOST = 160  # characters of what a bad look says
PATIENCE_MS = 10_000  # what took longer took no longer than this
_STEP = 1.1  # times are kept in buckets, each a tenth above the one before: a percentile is true to 5 %


class Unreadable(ValueError):  # noqa: N818 - what it is
    """What lies there is no status of this format; the text says why."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one component: whether a visitor could use what came, how long that took, and what was wrong."""

    component: str
    good: bool
    milliseconds: int
    said: str = ""


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """How many looks fell into a span of time, how many were good, and how long the good ones took, in ms.

    `index` is the number of whole spans since 1970. Without a good look there are no times.
    """

    index: int
    looks: int
    good: int
    p50: int | None
    p95: int | None


class Tier(msgspec.Struct, frozen=True):
    """The slots of one width in seconds, oldest first; `times` is how often the newest one took how long, by bucket."""

    span: int
    slots: tuple[Slot, ...] = ()
    times: dict[int, int] = {}


class Last(msgspec.Struct, frozen=True):
    """The last look, and since when looks have been as good, or as bad."""

    at: datetime
    since: datetime
    good: bool
    milliseconds: int
    said: str


class Component(msgspec.Struct, frozen=True):
    """What was seen of one component."""

    component: str
    last: Last
    recent: Tier
    hours: Tier
    days: Tier


class Status(msgspec.Struct, frozen=True):
    """All that the status page reads. Keys are added, never renamed or removed."""

    at: datetime
    components: tuple[Component, ...] = ()
    format: int = FORMAT


KEPT: Mapping[str, tuple[timedelta, int]] = {
    "recent": (timedelta(minutes=10), 144),
    "hours": (timedelta(hours=1), 168),
    "days": (timedelta(days=1), 90),
}
"""By the tier's name: how wide a slot is, and how many spans back from the newest one are kept."""


def after(status: Status | None, looks: Iterable[Look], at: datetime) -> Status:
    """What is known after these looks, one a component, which began at `at` (with a time zone)."""
    before = {each.component: each for each in status.components} if status else {}
    seen = {each.component: _seen(before.get(each.component), each, at) for each in looks}
    newest = max(at, status.at) if status else at
    return Status(newest.astimezone(UTC), tuple(component for _, component in sorted({**before, **seen}.items())))


def to_bytes(status: Status) -> bytes:
    """As it lies in the bucket."""
    return msgspec.json.encode(status)


def from_bytes(data: bytes) -> Status:
    """What lies in the bucket. Raises Unreadable."""
    try:
        status = msgspec.json.decode(data, type=Status)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"it is no status: {error}") from None
    if status.format != FORMAT:
        raise Unreadable(f"it has format {status.format}, and this code knows {FORMAT}")
    return status


def _seen(before: Component | None, look: Look, at: datetime) -> Component:
    tiers = {name: _counted(_tier(before, name), look, at, kept) for name, (_, kept) in KEPT.items()}
    return Component(look.component, _last(before.last if before else None, look, at), **tiers)


def _tier(before: Component | None, name: str) -> Tier:
    found: Tier = getattr(before, name) if before else Tier(int(KEPT[name][0].total_seconds()))
    return found


def _last(before: Last | None, look: Look, at: datetime) -> Last:
    if before and before.at > at:
        return before
    since = before.since if before and before.good == look.good else at
    return Last(at, since, look.good, look.milliseconds, look.said[:SAID_MOST])


def _counted(tier: Tier, look: Look, at: datetime, kept: int) -> Tier:
    """A look that comes late is counted where it belongs; the times of a slot that is over stay what they were."""
    index = int(at.timestamp()) // tier.span
    slots = {each.index: each for each in tier.slots}
    newest = max(slots, default=index - 1)
    slot = slots.get(index) or Slot(index, 0, 0, None, None)
    counted = replace(slot, looks=slot.looks + 1, good=slot.good + look.good)
    times = tier.times if index <= newest else {}
    if index >= newest:
        times = _timed(times, look)
        counted = replace(counted, p50=percentile(times, 0.5), p95=percentile(times, 0.95))
    slots[index] = counted
    oldest = max(index, newest) - kept
    return Tier(tier.span, tuple(slots[each] for each in sorted(slots) if each > oldest), times)


def _timed(times: Mapping[int, int], look: Look) -> dict[int, int]:
    if not look.good:
        return dict(times)
    bucket = round(math.log(min(max(look.milliseconds, 1), PATIENCE_MS), _STEP))
    return {**times, bucket: times.get(bucket, 0) + 1}


def percentile(times: Mapping[int, int], share: float) -> int | None:
    """The time that this share of the looks did not exceed, in ms; None where there are none."""
    wanted, passed = share * sum(times.values()), 0
    for bucket in sorted(times):
        passed += times[bucket]
        if passed >= wanted:
            return max(1, round(_STEP**bucket))
    return None
