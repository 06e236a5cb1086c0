"""Where a version stands on a channel at one moment: how many are offered it, why no more, and what comes next.

Pure. Tells by the compiled candidates, as `decide` does; it only has to find one, for all targets have alike ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta

from delivery.rules.brake import OVERRIDE_KEY
from delivery.rules.catalog import Catalog, Offering, Stopped, Withdrawn
from delivery.rules.compile import COHORTS, Candidate, Table

When = Annotated[datetime, Meta(tz=True)]  # as documents have it: with its zone, which is UTC
State = Literal["not-started", "partial", "everyone", "held", "stopped", "withdrawn", "superseded"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a rollout does next: this percentage at that time, or (`gate`) at the earliest then, after a check."""

    percent: float
    at: When
    gate: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`percent` of the installations on these targets are offered it; `since` when it stands like this.

    `halted`: stopped by the emergency brake, ahead of the merge that will say so.
    """

    channel: str
    state: State
    percent: float
    targets: tuple[str, ...]
    since: When | None
    reason: str | None
    halted: bool
    next: Step | None


@dataclass(frozen=True, slots=True)
class Rollout:
    """An offering with its candidate (None where nothing of it is signed), and what says otherwise of it.

    `removal` took it away; `instead` is since when it is for everybody, in place of a withdrawn version.
    """

    offering: Offering
    candidate: Candidate | None
    targets: tuple[str, ...]
    removal: Stopped | Withdrawn | None
    instead: datetime | None

    @property
    def superseded(self) -> datetime | None:
        """When a newer version takes its place, if that was said."""
        ended = self.candidate.superseded if self.candidate else None
        return datetime.fromtimestamp(ended[0], UTC) if ended else None


class Rollouts:
    """Those of the table that was asked about last: many questions come between two deploys.

    Threads may share it; two of them, at worst, find the same.
    """

    def __init__(self) -> None:
        self._last: tuple[Table, tuple[Rollout, ...]] | None = None

    def of(self, table: Table) -> tuple[Rollout, ...]:
        """Every rollout, in the catalog's order."""
        last = self._last
        if last is None or last[0] is not table:
            last = self._last = table, rollouts(table)
        return last[1]


def rollouts(table: Table) -> tuple[Rollout, ...]:
    """Every rollout, in the catalog's order."""
    found: dict[tuple[str, str], Candidate] = {}
    for (channel, _, _), cell in table.cells.items():
        for candidate in cell.candidates:
            found.setdefault((channel, candidate.version), candidate)
    catalog = table.catalog
    removals: tuple[Stopped | Withdrawn, ...] = (*catalog.withdrawals, *catalog.stops)
    said = {each.fact: each for each in removals}
    return tuple(_rollout(each, found.get((each.channel, each.version)), catalog, said) for each in catalog.offerings)


def standing(rollout: Rollout, now: datetime) -> Standing:
    """Where it stands."""
    state, percent, since = _state(rollout, now)
    removal = rollout.removal
    return Standing(
        channel=rollout.offering.channel,
        state=state,
        percent=percent,
        targets=rollout.targets,
        since=since,
        reason=removal.reason if removal else None,
        halted=isinstance(removal, Stopped) and is_halt(removal),
        next=_next(rollout.offering, now) if state in ("not-started", "partial") else None,
    )


def is_halt(stop: Stopped) -> bool:
    """Whether the brake says so, and no merged fact yet."""
    return stop.fact.startswith(f"{OVERRIDE_KEY}:")


def reached_all(rollout: Rollout, now: datetime) -> datetime | None:
    """Since when everybody on its targets was first offered it; None while that did not come to pass."""
    stages = rollout.candidate.stages if rollout.candidate else ()
    moments = [stage.at for stage in stages if stage.permille == COHORTS]
    if rollout.instead:
        moments += [max(stage.at, rollout.instead) for stage in stages if stage.permille]
    first = min(moments, default=None)
    ended = rollout.removal.at if rollout.removal else rollout.superseded
    return first if first and first <= now and (ended is None or first < ended) else None


def _rollout(
    offering: Offering, candidate: Candidate | None, catalog: Catalog, said: Mapping[str, Stopped | Withdrawn]
) -> Rollout:
    built = catalog.releases[offering.version].artifacts
    targets = tuple(name for name in sorted(built) if offering.targets is None or name in offering.targets)
    removal = said[candidate.removed[1]] if candidate and candidate.removed else None
    instead = said[candidate.instead].at if candidate and candidate.instead else None
    return Rollout(offering, candidate, targets, removal, instead)


def _state(rollout: Rollout, now: datetime) -> tuple[State, float, datetime | None]:
    """The state, the percentage that is offered it, and since when."""
    if rollout.removal:
        return "stopped" if isinstance(rollout.removal, Stopped) else "withdrawn", 0, rollout.removal.at
    if rollout.superseded and rollout.superseded <= now:
        return "superseded", 0, rollout.superseded
    stage = rollout.candidate.stage(now.timestamp()) if rollout.candidate else None
    if stage is None or (stage.permille == 0 and not stage.held):
        return "not-started", 0, None
    if stage.held:
        return "held", stage.percent, stage.at
    if stage.permille == COHORTS or rollout.instead:
        return "everyone", 100, reached_all(rollout, now)
    return "partial", stage.percent, max(each.at for each in rollout.offering.stages if each.at <= now)


def _next(offering: Offering, now: datetime) -> Step | None:
    """A ramp counts by its end."""
    later = next((stage for stage in offering.stages if stage.ends > now), None)
    if later:
        return Step(later.percent, later.ends, None)
    waiting = next(iter(offering.waiting), None)
    return Step(waiting.percent, waiting.at, waiting.gate) if waiting else None
