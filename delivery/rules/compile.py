"""From a catalog to a table that answers in one look: indexes, and decides nothing."""

import hashlib
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from delivery.rules import ranges
from delivery.rules.catalog import Catalog, Edge, Offering, Passage, Trial, Withdrawn
from delivery.rules.facts import Artifact, Target
from delivery.rules.precedence import Key, precedence
from delivery.rules.ranges import Range
from delivery.rules.timeline import Stage, unrolled

COHORTS = 1000  # an installation draws one of 0..999 at first run and keeps it
NEXT = "-next"  # <channel>-next answers as if the newest rollout stood at 100 %

CellKey = tuple[str, str, str]  # channel, target, bundle
Os = tuple[int, ...]

# What Tauri calls a platform, and what minimum-os calls its operating system.
SYSTEMS = {"windows": "windows", "darwin": "macos", "linux": "linux"}


@dataclass(frozen=True, slots=True)
class Blocked:
    """From these versions the candidate is not offered, or (`warn`) only with a warning."""

    source: Range
    name: str
    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A holdback: from `start` to `end` these cohorts with these versions are not offered the candidate."""

    start: float
    end: float
    salt: str
    permille: int
    versions: Range
    fact: str

    def keeps(self, cohort: int | None, version: Key, moment: float) -> bool:
        """Whether it keeps this installation back now. Those without a cohort are in no experiment."""
        if cohort is None or not self.start <= moment < self.end:
            return False
        return ranks(self.salt)[cohort] < self.permille and self.versions.holds_key(version)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that a cell may offer.

    `removed` is (reason, fact) of what forbids it to all, if anything does; `superseded` since when it is (moment,
    fact). `instead` is the fact that offers it to everyone in place of a withdrawn version; installations on one of
    `admits` (version -> fact) get it whatever its percentage.
    """

    key: Key
    version: str
    artifact: Artifact
    salt: str
    starts: tuple[float, ...]  # seconds since the epoch, ascending
    stages: tuple[Stage, ...]  # one for each start
    fact: str
    removed: tuple[str, str] | None = None
    superseded: tuple[float, str] | None = None
    instead: str | None = None
    admits: tuple[tuple[str, str], ...] = ()
    urgent: tuple[tuple[Key, float, str], ...] = ()  # below, since when, fact
    minimum_os: Os | None = None
    blocks: tuple[Blocked, ...] = ()
    warnings: tuple[Blocked, ...] = ()
    kept: tuple[Kept, ...] = ()
    release: str = ""  # the fact of its version

    def stage(self, moment: float) -> Stage | None:
        """The stage in force at this moment (seconds since the epoch)."""
        index = bisect_right(self.starts, moment)
        return self.stages[index - 1] if index else None


@dataclass(frozen=True, slots=True)
class Gateway:
    """A barrier as a cell has it: clients below `below` do not go past `key` in one leap.

    `candidate` is its version where the cell has it; without, nothing below it is in its way.
    """

    key: Key
    below: Key
    version: str
    fact: str
    candidate: Candidate | None = field(compare=False)  # else no two targets would have the same barriers


@dataclass(frozen=True, slots=True)
class Cell:
    """The candidates of one channel, target and bundle, highest first.

    `boundaries` are the moments at which an answer may change. `gateways` are the barriers, lowest first. `downgrades`
    is, for a withdrawn version, the lower one that its installations may go back to. `newest` is the highest version
    that was not withdrawn: what <channel>-next answers with (a stop does not make another one the newest).
    """

    candidates: tuple[Candidate, ...]
    boundaries: tuple[float, ...]
    gateways: tuple[Gateway, ...] = ()
    deadends: Mapping[str, str] | None = None
    downgrades: Mapping[str, tuple[str, str]] | None = None
    newest: str | None = None

    def next_boundary(self, moment: float) -> float | None:
        """The first moment after this one at which an answer of this cell may change."""
        index = bisect_right(self.boundaries, moment)
        return self.boundaries[index] if index < len(self.boundaries) else None


@dataclass(frozen=True, slots=True)
class Table:
    """What `decide` looks up."""

    catalog: Catalog
    channels: frozenset[str]
    targets: Mapping[str, Target]
    cells: Mapping[CellKey, Cell]


def compile(catalog: Catalog) -> Table:  # noqa: A001 - the verb of this flow; the builtin is never meant here
    """Index a catalog."""
    found: dict[CellKey, list[Candidate]] = defaultdict(list)
    index = _Index.of(catalog)
    there = lru_cache(maxsize=None)(index.there)  # channels share it
    for offering in catalog.offerings:
        shared = index.shared(offering)
        for target, bundles in catalog.releases[offering.version].artifacts.items():
            if offering.targets is not None and target not in offering.targets:
                continue
            here = there(offering.version, target)
            for bundle, artifact in bundles.items():
                if bundle in catalog.targets[target].updates and artifact.signature:  # nothing unsigned is a candidate
                    found[offering.channel, target, bundle].append(Candidate(artifact=artifact, **shared, **here))
    cells = {key: index.cell(key, candidates) for key, candidates in found.items()}
    return Table(catalog, frozenset(catalog.channels), catalog.targets, cells)


@lru_cache(maxsize=256)
def ranks(salt: str) -> "array[int]":  # quoted: array cannot be subscripted before Python 3.12
    """The place of each cohort in this salt's order: cohort c is admitted at p percent when ranks[c] < 10 * p.

    So 1 % is exactly ten cohorts, raising only adds, and rollouts with other salts ask other installations first.
    """
    order = sorted(range(COHORTS), key=lambda cohort: hashlib.sha256(f"{salt}{cohort}".encode()).digest())
    places = array("H", bytes(2 * COHORTS))
    for place, cohort in enumerate(order):
        places[cohort] = place
    return places


def os_version(text: str | None) -> Os | None:
    """An operating system's version as it compares (12.0 as 12); None for what is none."""
    if text is None:
        return None
    parts = text.split(".")
    if not 1 <= len(parts) <= 6 or not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        return None
    while len(parts) > 1 and not parts[-1].strip("0"):
        parts.pop()
    return tuple(int(part) for part in parts)


@dataclass(frozen=True, slots=True)
class _Index:
    """The catalog by what a candidate asks of it."""

    catalog: Catalog
    removals: Mapping[tuple[str, str | None], tuple[str, str]]
    withdrawn: Mapping[str, tuple[Withdrawn, ...]]  # by channel
    newer: Mapping[tuple[str, str], Offering]  # what supersedes a version on a channel, once that began
    instead: Mapping[tuple[str, str], str]  # the fact that offers a version of a channel in place of a withdrawn one

    @classmethod
    def of(cls, catalog: Catalog) -> "_Index":
        by_channel: dict[str, list[Withdrawn]] = defaultdict(list)
        for each in catalog.withdrawals:
            by_channel[each.channel].append(each)
        newer = {(each.channel, each.supersedes): each for each in catalog.offerings if each.supersedes and each.began}
        withdrawn = {name: tuple(each) for name, each in by_channel.items()}
        instead = {(each.channel, each.instead): each.fact for each in reversed(catalog.withdrawals) if each.instead}
        return cls(catalog, _removals(catalog), withdrawn, newer, instead)

    def shared(self, offering: Offering) -> dict[str, Any]:
        """What a candidate is on every target."""
        channel, version = offering.channel, offering.version
        stages, instead = tuple(unrolled(offering.stages)), self.instead.get((channel, version))
        return {
            "key": precedence(version),
            "version": version,
            "salt": offering.salt,
            "starts": tuple(stage.at.timestamp() for stage in stages),
            "stages": stages,
            "fact": offering.fact,
            "removed": self.removals.get((channel, version)) or self.removals.get((channel, None)),
            "superseded": None if instead else self._superseded(offering),  # a later decision revives it
            "instead": instead,
            "admits": tuple(self._admits(offering)),
            "urgent": tuple((precedence(each.below), each.at.timestamp(), each.fact) for each in offering.urgent),
            "kept": tuple(_kept(self.catalog.experiments, channel, version)),
            "release": self.catalog.releases[version].fact,
        }

    def there(self, version: str, target: str) -> dict[str, Any]:
        """What a candidate is on one target."""
        least = self.catalog.releases[version].minimum_os.get(SYSTEMS.get(target.partition("-")[0], ""))
        return {
            "minimum_os": os_version(least),
            "blocks": tuple(_blocked(self.catalog.blocks, version, target, "block")),
            "warnings": tuple(_blocked(self.catalog.blocks, version, target, "warn")),
        }

    def cell(self, key: CellKey, candidates: Iterable[Candidate]) -> Cell:
        """A cell of these candidates."""
        channel, target, _ = key
        ordered = tuple(sorted(candidates, key=lambda candidate: candidate.key, reverse=True))
        withdrawn = self.withdrawn.get(channel, ())
        gone = {each.version for each in withdrawn}
        return Cell(
            candidates=ordered,
            boundaries=tuple(sorted({moment for candidate in ordered for moment in _moments(candidate)})),
            gateways=tuple(sorted(_gateways(self.catalog.barriers, target, ordered), key=lambda gateway: gateway.key)),
            deadends={each.version: each.fact for each in self.catalog.deadends} or None,
            downgrades={each.version: (each.downgrade, each.fact) for each in withdrawn if each.downgrade} or None,
            newest=next((each.version for each in ordered if each.version not in gone), None),
        )

    def _superseded(self, offering: Offering) -> tuple[float, str] | None:
        """Since when a newer rollout has taken this one's place."""
        newer = self.newer.get((offering.channel, offering.version))
        return (newer.began.timestamp(), newer.fact) if newer and newer.began else None

    def _admits(self, offering: Offering) -> Iterator[tuple[str, str]]:
        if offering.supersedes:
            yield offering.supersedes, offering.fact
        for each in self.withdrawn.get(offering.channel, ()):
            if each.reissue == offering.version:
                yield each.version, each.fact


def _moments(candidate: Candidate) -> Iterator[float]:
    """Every moment at which what is said of a candidate may change."""
    yield from candidate.starts
    yield from (since for _, since, _ in candidate.urgent)
    for kept in candidate.kept:
        yield from (kept.start, kept.end)
    if candidate.superseded:
        yield candidate.superseded[0]


def _blocked(blocks: Iterable[Edge], version: str, target: str, effect: str) -> Iterator[Blocked]:
    for block in blocks:
        applies = block.targets is None or target in block.targets
        if block.effect == effect and applies and ranges.parse(block.to).holds(version):
            yield Blocked(ranges.parse(block.source), block.name, block.reason, block.fact)


def _kept(trials: Iterable[Trial], channel: str, version: str) -> Iterator[Kept]:
    for trial in trials:
        if trial.holdback == f"{channel}/{version}" and trial.channel == channel:
            times = trial.start.timestamp(), trial.end.timestamp()
            yield Kept(*times, trial.salt, 10 * trial.percent, ranges.parse(trial.versions), trial.fact)


def _gateways(barriers: Iterable[Passage], target: str, candidates: Iterable[Candidate]) -> Iterator[Gateway]:
    mine = [barrier for barrier in barriers if barrier.targets is None or target in barrier.targets]
    there = {candidate.version: candidate for candidate in candidates} if mine else {}
    for barrier in mine:
        keys = precedence(barrier.version), precedence(barrier.below)
        yield Gateway(*keys, barrier.version, barrier.fact, there.get(barrier.version))


def _removals(catalog: Catalog) -> dict[tuple[str, str | None], tuple[str, str]]:
    """(channel, version or None for all) -> (reason, fact). Stops are said before withdrawals, as they end sooner."""
    found: dict[tuple[str, str | None], tuple[str, str]] = {
        (each.channel, each.version): ("withdrawn", each.fact) for each in catalog.withdrawals
    }
    for stop in catalog.stops:
        for version in (None,) if stop.versions is None else stop.versions:
            found[stop.channel, version] = ("stopped", stop.fact)
    return found
