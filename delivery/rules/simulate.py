"""A fleet through the facts of a commit: who has which version hour by hour, and what that asks of edge and origin.

Every installation is simulated for itself (its cohort, time zone, rhythm, version and last failure: `crowd`), but what
it is offered is said by `decide`, once for each kind of installation and each stretch of time in which the answer
stays: cohorts that all rollouts treat alike are one kind. The same seed gives the same result.

Time goes by the hour, cut where the catalog says something else; changes within ten minutes (a ramp has a thousand)
are taken together at their end. Withdrawals, stops, barriers and blocks have no time in the catalog: they act from the
beginning. An update is one download, and is installed or fails at once. Knows not how a result looks (`present`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt

from delivery.rules.compile import COHORTS, Candidate, CellKey, Table, ranks
from delivery.rules.crowd import HOUR, NONE, WITHOUT, Checks, Crowd, Numbers
from delivery.rules.decide import Offer, Request, decide, newcomer
from delivery.rules.fleet import OLDEST, Fleet
from delivery.rules.precedence import precedence

TOGETHER = 600  # seconds: changes of the catalog are rounded up to whole ones of these
DAY = 24 * HOUR

Counts = npt.NDArray[np.int64]
Rates = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Day:
    """One row of a table: what stood at the day's end, what happened in it, and its busiest hour."""

    at: datetime
    adoption: dict[str, int]
    exposed: dict[str, int]
    failures: int
    most_checks: float  # per second
    most_origin: float  # per second
    downloaded: float  # bytes


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """What became of the fleet. The rows of all arrays are the hours from `start` on.

    `adoption`: installations on each of `versions` at the end of the hour.
    `exposed`: how often each of `rollouts` (<channel>/<version>) was given to an installation so far: by an update, by
    the download centre, or because it began with it. Failed updates and those who left count. Never falls.
    `seen`: how many installations each of `channels` has had so far, those who left among them.
    `failures`: updates to each of `versions` that failed in this hour.
    `checks`, `origin`: update checks at the edge, and what of them reaches the origin, per second.
    `traffic`: downloads, in bytes per second.
    """

    fleet: Fleet
    start: datetime
    seed: int
    versions: tuple[str, ...]  # lowest first
    rollouts: tuple[str, ...]
    channels: tuple[str, ...]
    adoption: Counts
    exposed: Counts
    seen: Counts
    failures: Counts
    checks: Rates
    origin: Rates
    traffic: Rates
    asked: int  # how often `decide` was asked

    @property
    def hours(self) -> int:
        """How many hours were recorded."""
        return len(self.checks)

    def days(self) -> Iterator[Day]:
        """The same by days of 24 hours from `start` on."""
        for first in range(0, self.hours, 24):
            hours = slice(first, first + 24)
            yield Day(
                at=self.start + timedelta(hours=first),
                adoption=dict(zip(self.versions, self.adoption[hours][-1].tolist(), strict=True)),
                exposed=dict(zip(self.rollouts, self.exposed[hours][-1].tolist(), strict=True)),
                failures=int(self.failures[hours].sum()),
                most_checks=float(self.checks[hours].max()),
                most_origin=float(self.origin[hours].max()),
                downloaded=float(self.traffic[hours].sum() * HOUR),
            )


def simulate(
    table: Table,
    fleet: Fleet,
    start: datetime,
    days: int = 14,
    seed: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> Simulation:
    """Runs the fleet through these facts from `start` (an aware datetime) on. `progress` is told the share done.

    Raises ValueError: the fleet has channels or targets that the facts do not know.
    """
    recorded, first = start.timestamp(), start.timestamp() - fleet.warmup * DAY
    end = recorded + days * DAY
    run = _Run.begin(table, fleet, (first, end), seed)
    for since in np.arange(first, end, HOUR).tolist():
        run.hour(since, record=since >= recorded)
        progress((since + HOUR - first) / (end - first))
    return run.result(start, seed)


def origin_checks(counts: Numbers, seconds: float, fleet: Fleet) -> float:
    """How many checks no cache can answer, of these so many for each URL in this many seconds.

    A cache that missed has the answer for `ttl` seconds, and then waits for the next request, 1/rate seconds: of n
    requests in s seconds, spread over c caches that do not share, n / (1 + n * ttl / (s * c)) reach the origin. With
    tiered caching c is the number of upper tiers. Assumes that requests come independently of each other, and leaves
    out that an answer is kept more shortly just before it changes.
    """
    return float(np.sum(counts / (1 + counts * (fleet.ttl / (seconds * fleet.caches)))))


# --- what the decider says ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Outlook:
    """What is known of a stretch of time in which no answer changes."""

    now: datetime
    until: float
    alike: Numbers  # cell, cohort -> the first cohort that all rollouts treat like it
    newest: Numbers  # cell -> the version that newcomers get, and its bytes
    newest_size: Numbers
    said: dict[int, tuple[int, int]]  # URL of one of a kind -> version, bytes

    @classmethod
    def at(cls, table: Table, cells: Sequence[CellKey], numbers: Mapping[str, int], moment: float) -> "_Outlook":
        now = datetime.fromtimestamp(moment, UTC)
        boundaries = [cell.next_boundary(moment) for cell in table.cells.values()]
        alike = {channel: _alike(table, channel, moment) for channel in {key[0] for key in cells}}
        newest = [newcomer(table, *key, now) for key in cells]
        return cls(
            now=now,
            until=min((boundary for boundary in boundaries if boundary is not None), default=np.inf),
            alike=np.array([alike[key[0]] for key in cells]),
            newest=np.array([numbers[each.version] if each else NONE for each in newest]),
            newest_size=np.array([each.artifact.size if each else 0 for each in newest]),
            said={},
        )


@dataclass(slots=True)
class _Oracle:
    """Asks the decider, and remembers its answers until they may change."""

    table: Table
    crowd: Crowd
    numbers: Mapping[str, int]  # version -> its place in crowd.versions
    shape: tuple[int, ...]  # of all URLs: cell, version, failed + 1, system, manual, cohort
    outlook: _Outlook
    asked: int = 0

    @classmethod
    def about(cls, table: Table, crowd: Crowd, moment: float) -> "_Oracle":
        versions = len(crowd.versions)
        numbers = {version: number for number, version in enumerate(crowd.versions)}
        shape = (len(crowd.cells), versions, versions + 1, len(crowd.states), 2, WITHOUT + 1)
        return cls(table, crowd, numbers, shape, _Outlook.at(table, crowd.cells, numbers, moment))

    def turn_to(self, moment: float) -> None:
        """The time is now this; answers that may have changed are forgotten."""
        if moment >= self.outlook.until:
            self.outlook = _Outlook.at(self.table, self.crowd.cells, self.numbers, moment)

    def urls(self, checks: Checks) -> Numbers:
        """The URL that each of these asks, as a number."""
        crowd, who = self.crowd, checks.who
        parts = (crowd.cell[who], crowd.version[who], crowd.failed[who] + 1, crowd.system[who])
        return np.ravel_multi_index((*parts, checks.manual.astype(np.int64), crowd.cohort[who]), self.shape)

    def answers(self, urls: Numbers) -> tuple[Numbers, Numbers]:
        """For each URL the version that is offered (or NONE) and its bytes."""
        *parts, cohort = np.unravel_index(urls, self.shape)
        kinds = np.ravel_multi_index((*parts, self.outlook.alike[parts[0], cohort]), self.shape)
        different, back = np.unique(kinds, return_inverse=True)
        said = self.outlook.said
        for kind in different.tolist():
            if kind not in said:
                said[kind] = self._ask(kind)
        answers = np.array([said[kind] for kind in different.tolist()], np.int64).reshape(-1, 2)[back]
        return answers[:, 0], answers[:, 1]

    def _ask(self, kind: int) -> tuple[int, int]:
        crowd = self.crowd
        cell, version, failed, system, manual, cohort = (int(part) for part in np.unravel_index(kind, self.shape))
        request = Request(
            *crowd.cells[cell],
            crowd.versions[version],
            cohort=None if cohort == WITHOUT else cohort,
            manual=bool(manual),
            failed=crowd.versions[failed - 1] if failed else None,
            os=crowd.states[system] or None,
            accepts=crowd.fleet.accepts,
        )
        self.asked += 1
        decision = decide(self.table, request, self.outlook.now)
        return (self.numbers[decision.version], decision.artifact.size) if isinstance(decision, Offer) else (NONE, 0)


def _alike(table: Table, channel: str, moment: float) -> Numbers:
    """For each cohort (and none, the last) the first one that all rollouts of the channel treat like it now."""
    limits = sorted({limit for each in _offered(table, channel) for limit in _limits(each, moment)})
    admitted = [np.asarray(ranks(salt)) < permille for salt, permille in limits]
    rows = np.array(admitted or [np.zeros(COHORTS, bool)]).T
    _, first, back = np.unique(np.packbits(rows, axis=1), axis=0, return_index=True, return_inverse=True)
    return np.append(first[back.reshape(-1)], WITHOUT)


def _offered(table: Table, channel: str) -> Iterator[Candidate]:
    """Each version of a channel once: its share is the same on all targets."""
    found: dict[str, Candidate] = {}
    for key, cell in table.cells.items():
        if key[0] == channel:
            found.update((each.version, each) for each in cell.candidates)
    return iter(found.values())


def _limits(candidate: Candidate, moment: float) -> Iterator[tuple[str, int]]:
    """The salts that part cohorts, and where."""
    stage = candidate.stage(moment)
    if stage and 0 < stage.permille < COHORTS and not candidate.removed:
        yield candidate.salt, stage.permille
    for kept in candidate.kept:
        if kept.start <= moment < kept.end:
            yield kept.salt, kept.permille


# --- the run ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """The fleet on its way, and what was recorded of it."""

    crowd: Crowd
    oracle: _Oracle
    channels: tuple[str, ...]
    channel: Numbers  # cell -> number of its channel
    rates: Rates  # version -> share of updates to it that fail
    exposed: Counts  # channel, version: so far
    seen: Counts  # channel: so far
    failures: Counts  # version: in this hour
    load: Rates  # checks, of them at the origin, bytes: in this hour
    changes: Rates  # when answers may change
    rows: list[tuple[Counts, Counts, Counts, Counts, Rates]] = field(default_factory=list)

    @classmethod
    def begin(cls, table: Table, fleet: Fleet, span: tuple[float, float], seed: int) -> "_Run":
        cells, versions = _cells(table, fleet), _versions(table, fleet)
        crowd = Crowd.drawn(fleet, cells, versions, span, seed)
        channels = tuple(sorted(fleet.channels))
        run = cls(
            crowd=crowd,
            oracle=_Oracle.about(table, crowd, span[0]),
            channels=channels,
            channel=np.array([channels.index(key[0]) for key in cells]),
            rates=np.array([fleet.failure_of(version) for version in versions]),
            exposed=np.zeros((len(channels), len(versions)), np.int64),
            seen=np.zeros(len(channels), np.int64),
            failures=np.zeros(len(versions), np.int64),
            load=np.zeros(3),
            changes=_changes(table),
        )
        run._come(np.arange(fleet.installs))
        return run

    def hour(self, since: float, *, record: bool) -> None:
        """An hour: some are replaced, some check, and some of these get an update."""
        self.failures, self.load = np.zeros_like(self.failures), np.zeros_like(self.load)
        self.oracle.turn_to(since)
        self._replace()
        checks = self.crowd.checks(since, since + HOUR)
        cuts = self.changes[(since < self.changes) & (self.changes < since + HOUR)].tolist()
        for begin, end in pairwise((since, *cuts, since + HOUR)):
            self.oracle.turn_to(begin)
            self._serve(checks.between(begin, end) if cuts else checks, end - begin)
        if record:
            adoption = np.bincount(self.crowd.version, minlength=len(self.crowd.versions))
            self.rows.append((adoption, self.exposed.copy(), self.seen.copy(), self.failures, self.load / HOUR))

    def result(self, start: datetime, seed: int) -> Simulation:
        """All that was kept."""
        adoption, exposed, seen, failures, load = (np.array(column) for column in zip(*self.rows, strict=True))
        rollouts = self._rollouts()
        return Simulation(
            fleet=self.crowd.fleet,
            start=start,
            seed=seed,
            versions=self.crowd.versions,
            rollouts=tuple(f"{channel}/{self.crowd.versions[version]}" for channel, _, version in rollouts),
            channels=self.channels,
            adoption=adoption,
            exposed=exposed[:, [number for _, number, _ in rollouts], [version for _, _, version in rollouts]],
            seen=seen,
            failures=failures,
            checks=load[:, 0],
            origin=load[:, 1],
            traffic=load[:, 2],
            asked=self.oracle.asked,
        )

    def _replace(self) -> None:
        outlook = self.oracle.outlook
        places = self.crowd.replace(outlook.newest)
        self.load[2] += outlook.newest_size[self.crowd.cell[places]].sum()
        self._come(places)

    def _serve(self, checks: Checks, seconds: float) -> None:
        """Answers checks between two changes of the catalog."""
        urls, back, counts = np.unique(self.oracle.urls(checks), return_inverse=True, return_counts=True)
        versions, sizes = self.oracle.answers(urls)
        self.load += (counts.sum(), origin_checks(counts, seconds, self.crowd.fleet), (counts * sizes).sum())
        offered = versions[back]
        got = offered != NONE
        self._install(checks.who[got], offered[got], checks.luck[got])

    def _install(self, who: Numbers, versions: Numbers, luck: Rates) -> None:
        failed = luck < self.rates[versions]
        np.add.at(self.exposed, (self.channel[self.crowd.cell[who]], versions), 1)
        self.failures += np.bincount(versions[failed], minlength=len(self.failures))
        self.crowd.failed[who] = np.where(failed, versions, NONE)
        self.crowd.version[who[~failed]] = versions[~failed]

    def _come(self, who: Numbers) -> None:
        channel = self.channel[self.crowd.cell[who]]
        self.seen += np.bincount(channel, minlength=len(self.channels))
        np.add.at(self.exposed, (channel, self.crowd.version[who]), 1)

    def _rollouts(self) -> list[tuple[str, int, int]]:
        """Channel, its number and the version's of every rollout in a channel of this fleet, lowest first."""
        found = [(each.channel, self.oracle.numbers[each.version]) for each in self.oracle.table.catalog.offerings]
        return sorted((name, self.channels.index(name), number) for name, number in found if name in self.channels)


def _cells(table: Table, fleet: Fleet) -> tuple[CellKey, ...]:
    """Every channel, target and bundle of the fleet. Raises ValueError."""
    if unknown := sorted(set(fleet.channels) - table.channels):
        raise ValueError(f"there is no channel {', '.join(unknown)}; there are {', '.join(sorted(table.channels))}")
    for target, bundle in fleet.targets:
        if target not in table.targets or bundle not in table.targets[target].updates:
            raise ValueError(f"there is no target {target} with updates as {bundle}")
    return tuple((channel, *cell) for channel in sorted(fleet.channels) for cell in sorted(fleet.targets))


def _versions(table: Table, fleet: Fleet) -> tuple[str, ...]:
    """All that may be installed, lowest first."""
    begun: Sequence[str] = [version for shares in fleet.versions.values() for version in shares]
    return tuple(sorted({OLDEST, *table.catalog.releases, *begun}, key=precedence))


def _changes(table: Table) -> Rates:
    """When answers may change, rounded up to whole ten minutes."""
    boundaries = {boundary for cell in table.cells.values() for boundary in cell.boundaries}
    return np.array(sorted({float(ceil(boundary / TOGETHER) * TOGETHER) for boundary in boundaries}))
