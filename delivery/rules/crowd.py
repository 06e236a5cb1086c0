"""The installations of a simulation: one number of each kind for each, and the chances of their days.

What is drawn, and how much of it, never depends on what they are offered: so two simulations of one seed differ by
their facts alone. Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from delivery.rules.compile import COHORTS, SYSTEMS, CellKey
from delivery.rules.fleet import OLDEST, STATES_NONE, Fleet

HOUR = 3600
NONE = -1  # no version
WITHOUT = COHORTS  # the number of those that have no cohort

Numbers = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Checks:
    """Who checks for updates in an hour, when, whether by hand, and each one's luck with an update (0 to 1)."""

    who: Numbers
    at: Moments
    manual: Flags
    luck: Moments

    def between(self, since: float, until: float) -> "Checks":
        """Those in a part of the hour."""
        part = (since <= self.at) & (self.at < until)
        return Checks(self.who[part], self.at[part], self.manual[part], self.luck[part])


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """When a machine that is due is on: as in `Fleet.activity`, hour by hour, for each time zone.

    `grown` is by zone and hour how many checks a machine would have made that is always due (the cumulative hazard).
    It grows by 1 on average from when a machine is due until it checks. All zones lie on one scale, `apart` each.
    """

    first: float
    grown: Moments
    apart: float

    @classmethod
    def of(cls, fleet: Fleet, first: float, end: float) -> "Rhythm":
        hours = range(int((end - first) / HOUR) + 1)
        chances = np.array([[_activity(fleet, first + HOUR * hour, zone) for hour in hours] for zone in fleet.zones])
        growth = -np.log1p(-np.clip(chances, 0, 0.999))
        grown = np.hstack((np.zeros((len(fleet.zones), 1)), np.cumsum(growth, axis=1)))
        apart = float(grown.max()) + 1
        return cls(first, grown + apart * np.arange(len(fleet.zones))[:, None], apart)

    def on(self, due: Moments, zone: Numbers, patience: Moments) -> Moments:
        """The moments at which machines are on that are due since `due`; inf for those beyond the end."""
        hour, part = np.divmod(np.maximum(due - self.first, 0) / HOUR, 1)
        left = np.minimum(hour.astype(np.int64), self.grown.shape[1] - 2)
        wanted = self.grown[zone, left] * (1 - part) + self.grown[zone, left + 1] * part + patience
        moments = np.tile(self.first + HOUR * np.arange(self.grown.shape[1]), len(self.grown))
        found = np.interp(wanted, self.grown.reshape(-1), moments)
        return np.where(wanted < self.grown[zone, -1], found, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """All installations, each a place in these arrays, which change as time goes. Who leaves is replaced in place."""

    fleet: Fleet
    cells: tuple[CellKey, ...]
    versions: tuple[str, ...]
    states: tuple[str, ...]  # versions of operating systems, as they are stated
    chance: np.random.Generator
    rhythm: Rhythm
    cell: Numbers
    version: Numbers
    failed: Numbers  # the version whose update failed there last, or NONE
    system: Numbers
    cohort: Numbers
    zone: Numbers
    seldom: Flags
    next: Moments  # when each checks, in seconds since the epoch

    @classmethod
    def drawn(
        cls, fleet: Fleet, cells: tuple[CellKey, ...], versions: tuple[str, ...], span: tuple[float, float], seed: int
    ) -> "Crowd":
        """A fleet at the beginning of a span of time."""
        chance, many = np.random.default_rng(seed), fleet.installs
        cell = _pick(
            chance, [fleet.channels[channel] * fleet.targets[target, bundle] for channel, target, bundle in cells], many
        )
        states = tuple(dict.fromkeys((STATES_NONE, *(text for shares in fleet.systems.values() for text in shares))))
        crowd = cls(
            fleet=fleet,
            cells=cells,
            versions=versions,
            states=states,
            chance=chance,
            rhythm=Rhythm.of(fleet, *span),
            cell=cell,
            version=_by_cell(chance, cell, [_begun(fleet, key) for key in cells], versions),
            failed=np.full(many, NONE, np.int64),
            system=_by_cell(chance, cell, [_stated(fleet, key) for key in cells], states),
            cohort=_cohorts(chance, fleet, many),
            zone=_pick(chance, list(fleet.zones.values()), many),
            seldom=chance.random(many) < fleet.seldom,
            next=np.zeros(many),
        )
        crowd._plan(np.arange(many), span[0] + chance.random(many) * fleet.interval * HOUR)
        return crowd

    def checks(self, since: float, until: float) -> Checks:
        """Those who check in this hour. The next of each is planned: an interval later, when its machine is on."""
        who = np.flatnonzero(self.next < until)
        at = np.maximum(self.next[who], since)
        spread = 1 + self.fleet.jitter * (2 * self.chance.random(who.size) - 1)
        self._plan(who, at + self.fleet.interval * HOUR * spread)
        return Checks(who, at, self.chance.random(who.size) < self.fleet.manual, self.chance.random(who.size))

    def replace(self, newest: Numbers) -> Numbers:
        """In an hour some leave, and others come with the newest version of their cell (`newest`). Returns the places.

        Where there is none to be had, nobody comes and nobody leaves.
        """
        leaving = self.chance.binomial(len(self.cell), 1 - (1 - self.fleet.churn) ** (1 / 24))
        places: Numbers = np.unique(self.chance.integers(len(self.cell), size=leaving))
        cohorts = _cohorts(self.chance, self.fleet, places.size)
        got = newest[self.cell[places]] != NONE
        places, cohorts = places[got], cohorts[got]
        self.version[places], self.failed[places], self.cohort[places] = newest[self.cell[places]], NONE, cohorts
        return places

    def _plan(self, who: Numbers, due: Moments) -> None:
        patience = self.chance.exponential(size=who.size)
        patience = np.where(self.seldom[who], patience / max(self.fleet.idle, 1e-9), patience)
        self.next[who] = self.rhythm.on(due, self.zone[who], patience)


def _activity(fleet: Fleet, moment: float, zone: float) -> float:
    local = datetime.fromtimestamp(moment + zone * HOUR, UTC)
    return fleet.activity[local.hour] * (fleet.weekend if local.weekday() >= 5 else 1)


def _begun(fleet: Fleet, key: CellKey) -> Mapping[str, float]:
    return fleet.versions.get(key[0]) or {OLDEST: 1}


def _stated(fleet: Fleet, key: CellKey) -> Mapping[str, float]:
    return fleet.systems.get(SYSTEMS.get(key[1].partition("-")[0], "")) or {STATES_NONE: 1}


def _by_cell(
    chance: np.random.Generator, cell: Numbers, shares: Iterable[Mapping[str, float]], names: Sequence[str]
) -> Numbers:
    """For each installation the number of one of the names, by the shares of its cell."""
    picked = np.zeros(len(cell), np.int64)
    for number, those in enumerate(shares):
        mine = np.flatnonzero(cell == number)
        numbers = np.array([names.index(name) for name in those], np.int64)
        picked[mine] = numbers[_pick(chance, list(those.values()), mine.size)]
    return picked


def _pick(chance: np.random.Generator, weights: Sequence[float], many: int) -> Numbers:
    shares = np.cumsum(np.array(weights, float))
    return np.searchsorted(shares / shares[-1], chance.random(many), side="right").astype(np.int64)


def _cohorts(chance: np.random.Generator, fleet: Fleet, many: int) -> Numbers:
    drawn = chance.integers(COHORTS, size=many)
    return np.where(chance.random(many) < fleet.no_cohort, WITHOUT, drawn)
