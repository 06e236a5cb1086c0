"""Which share of a channel was offered what, and when: a record for each change, from the catalogs that were live.

As Chrome's VersionHistory has it, whenever the share changes a record ends and another begins. A catalog rules from the
commit that made it live until the next one, so a time that was written and then held never came to pass, and a record
begins when its commit did even if its line names an earlier moment. Tells what happened and nothing of what is to come
(`agenda`). It is public: no sentence that people wrote for each other is in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import dropwhile, groupby, zip_longest
from typing import Any

from delivery.rules.catalog import Catalog, Offering
from delivery.rules.compile import COHORTS
from delivery.rules.precedence import precedence
from delivery.rules.timeline import Stage, in_force

KEY = "v1/history.json"  # where the feed lies on the downloads host
ALWAYS = datetime.min.replace(tzinfo=UTC)


class Why(StrEnum):
    """What made the share what it is."""

    step = "step"
    ramp = "ramp"
    held = "held"
    resumed = "resumed"  # after it was held or taken away
    instead = "instead"  # offered to all in place of a withdrawn version
    superseded = "superseded"
    stopped = "stopped"
    withdrawn = "withdrawn"


_AWAY = (Why.held, Why.superseded, Why.stopped, Why.withdrawn)


@dataclass(frozen=True, slots=True)
class Live:
    """A catalog, the commit it comes from, and since when it was live."""

    commit: str
    at: datetime
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class Ramp:
    """The share rises evenly from this many per mille until then, unless the record ends first."""

    start: int
    until: datetime


@dataclass(frozen=True, slots=True)
class State:
    """What is offered of a version: `permille` of the cohorts, or at the end of a ramp."""

    permille: int
    held: bool
    why: Why
    ramp: Ramp | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """From `start` until `end` (None: still) this was so; `commit` is the one that said it would be."""

    channel: str
    version: str
    targets: tuple[str, ...] | None  # None: all
    state: State
    start: datetime
    end: datetime | None
    commit: str


def ledger(history: Sequence[Live], now: datetime) -> tuple[Record, ...]:
    """What happened until now, newest first. The catalogs come in the order in which they were live."""
    history = [live for live in _in_order(history) if live.at <= now]
    schedules = [_schedules(live.catalog) for live in history]
    targets = {_name(each): each.targets for live in history for each in live.catalog.offerings}
    found: list[Record] = []
    for name, some in targets.items():
        pieces = _pieces(history, [schedule.get(name, ()) for schedule in schedules], now)
        found += _records(name, some, list(pieces))
    return tuple(sorted(found, key=_newest_first))


def feed(records: Iterable[Record], catalog: Catalog) -> dict[str, Any]:
    """The records as the public feed has them. Keys are added, never renamed or removed."""
    return {
        "product": catalog.product,
        "environment": catalog.environment,
        "releases": [_written(record) for record in records],
    }


# --- what one catalog plans for a rollout -------------------------------------------------------------------------

_Name = tuple[str, str]  # channel, version


@dataclass(frozen=True, slots=True)
class _Planned:
    at: datetime
    state: State


_NOTHING = _Planned(ALWAYS, State(0, False, Why.stopped))


def _schedules(catalog: Catalog) -> Mapping[_Name, tuple[_Planned, ...]]:
    withdrawn = {(each.channel, each.version) for each in catalog.withdrawals}
    instead = {(each.channel, each.instead) for each in catalog.withdrawals if each.instead}
    stopped = {
        (stop.channel, version)
        for stop in catalog.stops
        for version in ((None,) if not stop.versions else stop.versions)
    }
    ended = {
        (each.channel, each.supersedes): each.began for each in catalog.offerings if each.supersedes and each.began
    }
    found: dict[_Name, tuple[_Planned, ...]] = {}
    for offering in catalog.offerings:
        name = _name(offering)
        if name in stopped or (offering.channel, None) in stopped:
            found[name] = (_Planned(ALWAYS, State(0, False, Why.stopped)),)
        elif name in withdrawn:
            found[name] = (_Planned(ALWAYS, State(0, False, Why.withdrawn)),)
        elif name in instead:
            found[name] = tuple(_for_all(each) for each in _planned(offering.stages))
        else:
            found[name] = tuple(_until(_planned(offering.stages), ended.get(name)))
    return found


@lru_cache(maxsize=8192)
def _planned(stages: tuple[Stage, ...]) -> tuple[_Planned, ...]:
    """Asked for every rollout of every commit, and most say what they said before."""
    return tuple(_Planned(stage.at, _state(stage, stages[:number])) for number, stage in enumerate(stages))


def _state(stage: Stage, earlier: tuple[Stage, ...]) -> State:
    before = in_force(earlier, stage.at) if stage.over else None
    start = before.permille if before else 0
    if stage.over and stage.permille > start:
        return State(stage.permille, stage.held, Why.ramp, Ramp(start, stage.at + timedelta(seconds=stage.over)))
    return State(stage.permille, stage.held, Why.held if stage.held else Why.step)


def _for_all(planned: _Planned) -> _Planned:
    """While above 0 and not held, its percentage does not count."""
    is_open = planned.state.permille and not planned.state.held
    return _Planned(planned.at, State(COHORTS, False, Why.instead)) if is_open else planned


def _until(planned: Iterable[_Planned], end: datetime | None) -> Iterator[_Planned]:
    """Superseded from then on."""
    if end is None:
        yield from planned
        return
    yield from (each for each in planned if each.at < end)
    yield _Planned(end, State(0, False, Why.superseded))


# --- what became of the plans -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    at: datetime
    state: State
    commit: str


def _windows(
    history: Sequence[Live], plans: Sequence[tuple[_Planned, ...]], end: datetime
) -> Iterator[tuple[Live, tuple[_Planned, ...], datetime]]:
    """Each stretch of commits that left a rollout's plan as it was: its first, the plan, and when it was over."""
    firsts = [next(group) for _, group in groupby(zip(history, plans, strict=True), key=lambda pair: pair[1])]
    for (live, planned), later in zip_longest(firsts, firsts[1:]):
        yield live, planned, later[0].at if later else end


def _in_order(history: Iterable[Live]) -> Iterator[Live]:
    """No commit was live before the one it follows, whatever its clock said."""
    latest = ALWAYS
    for live in history:
        latest = max(latest, live.at)
        yield replace(live, at=latest)


def _pieces(history: Sequence[Live], plans: Sequence[tuple[_Planned, ...]], now: datetime) -> Iterator[_Piece]:
    """What was so from when on: of each catalog what falls into its own time."""
    origins: Mapping[_Planned, str] = {}
    for live, planned, end in _windows(history, plans, now + timedelta(microseconds=1)):
        origins = {each: origins.get(each, live.commit) for each in planned}
        begun = [each for each in planned if each.at <= live.at]
        later = [each for each in planned if live.at < each.at < end]
        first = begun[-1] if begun else _NOTHING
        yield _Piece(live.at, first.state, origins.get(first, live.commit))
        yield from (_Piece(each.at, each.state, origins[each]) for each in later)


def _records(name: _Name, targets: tuple[str, ...] | None, pieces: Sequence[_Piece]) -> Iterator[Record]:
    """Pieces that say the same are one record. What comes before the first offer is none."""
    lasting = [piece for piece, later in zip_longest(pieces, pieces[1:]) if later is None or piece.at < later.at]
    offered = dropwhile(lambda piece: not piece.state.permille, lasting)
    firsts = [next(group) for _, group in groupby(offered, key=lambda piece: piece.state)]
    before: State | None = None
    for piece, end in zip_longest(firsts, [later.at for later in firsts[1:]]):
        yield Record(*name, targets, _named(before, piece.state), piece.at, end, piece.commit)
        before = piece.state


def _named(before: State | None, state: State) -> State:
    resumed = before is not None and before.why in _AWAY and state.why is Why.step
    return replace(state, why=Why.resumed) if resumed else state


def _name(offering: Offering) -> _Name:
    return offering.channel, offering.version


def _newest_first(record: Record) -> tuple[Any, ...]:
    return -record.start.timestamp(), record.channel, precedence(record.version)


def _written(record: Record) -> dict[str, Any]:
    state, ramp = record.state, record.state.ramp
    return {
        "channel": record.channel,
        "version": record.version,
        "targets": "all" if record.targets is None else list(record.targets),
        "fraction": state.permille / COHORTS,
        "ramp": {"from": ramp.start / COHORTS, "until": _moment(ramp.until)} if ramp else None,
        "serving": {"start": _moment(record.start), "end": _moment(record.end)},
        "reason": state.why.value,
        "held": state.held,
        "commit": record.commit,
    }


def _moment(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None
