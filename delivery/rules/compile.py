"""From a catalog to a table that answers in one look: indexes, and decides nothing."""

import hashlib
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from delivery.rules.catalog import Catalog, Offering, Removal
from delivery.rules.facts import Artifact, Target
from delivery.rules.precedence import Key, precedence
from delivery.rules.timeline import Stage

COHORTS = 1000  # an installation draws one of 0..999 at first run and keeps it

CellKey = tuple[str, str, str]  # channel, target, bundle


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that a cell may offer. `removed` is (reason, fact) of what forbids it, if anything does."""

    key: Key
    version: str
    artifact: Artifact
    salt: str
    starts: tuple[float, ...]  # seconds since the epoch, ascending
    stages: tuple[Stage, ...]  # one for each start
    fact: str
    removed: tuple[str, str] | None

    def stage(self, moment: float) -> Stage | None:
        """The stage in force at this moment (seconds since the epoch)."""
        index = bisect_right(self.starts, moment)
        return self.stages[index - 1] if index else None


@dataclass(frozen=True, slots=True)
class Cell:
    """The candidates of one channel, target and bundle, highest first.

    `boundaries` are the moments at which an answer may change.
    """

    candidates: tuple[Candidate, ...]
    boundaries: tuple[float, ...]

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
    cells: dict[CellKey, list[Candidate]] = defaultdict(list)
    removals = _removals(catalog)
    for offering in catalog.offerings:
        release = catalog.releases[offering.version]
        for target, bundles in release.artifacts.items():
            updates = catalog.targets[target].updates
            for bundle, artifact in bundles.items():
                if bundle in updates and artifact.signature:  # nothing unsigned is ever a candidate
                    cells[offering.channel, target, bundle].append(_candidate(offering, artifact, removals))
    return Table(
        catalog,
        frozenset(catalog.channels),
        catalog.targets,
        {key: _cell(cell) for key, cell in cells.items()},
    )


@lru_cache(maxsize=256)
def ranks(salt: str) -> "array[int]":  # quoted: array cannot be subscripted before Python 3.12
    """The place of each cohort in this rollout's order: cohort c is admitted at p percent when ranks[c] < 10 * p.

    So 1 % is exactly ten cohorts, raising only adds, and rollouts with other salts ask other installations first.
    """
    order = sorted(range(COHORTS), key=lambda cohort: hashlib.sha256(f"{salt}{cohort}".encode()).digest())
    places = array("H", bytes(2 * COHORTS))
    for place, cohort in enumerate(order):
        places[cohort] = place
    return places


def _cell(candidates: Iterable[Candidate]) -> Cell:
    ordered = tuple(sorted(candidates, key=lambda candidate: candidate.key, reverse=True))
    return Cell(ordered, tuple(sorted({start for candidate in ordered for start in candidate.starts})))


def _candidate(
    offering: Offering, artifact: Artifact, removals: Mapping[tuple[str, str | None], tuple[str, str]]
) -> Candidate:
    removed = removals.get((offering.channel, offering.version)) or removals.get((offering.channel, None))
    return Candidate(
        key=precedence(offering.version),
        version=offering.version,
        artifact=artifact,
        salt=offering.salt,
        starts=tuple(stage.at.timestamp() for stage in offering.stages),
        stages=offering.stages,
        fact=offering.fact,
        removed=removed,
    )


def _removals(catalog: Catalog) -> dict[tuple[str, str | None], tuple[str, str]]:
    """(channel, version or None for all) -> (reason, fact). Stops are said before withdrawals, as they end sooner."""
    found: dict[tuple[str, str | None], tuple[str, str]] = {}
    for reason, removals in (("withdrawn", catalog.withdrawals), ("stopped", catalog.stops)):
        for removal in removals:
            for version in _named(removal):
                found[removal.channel, version] = (reason, removal.fact)
    return found


def _named(removal: Removal) -> tuple[str | None, ...]:
    return (None,) if removal.versions is None else removal.versions
