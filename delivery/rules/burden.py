"""What a change costs the network: bytes, and the most downloads a second that it causes.

An estimate, weighted by active installations where they are known, and else per 1,000 installations spread evenly over
a channel's targets and bundles. `decide` says who gets what; nothing here is measured.

    installations = those whose automatic checks get another version, by their cohorts
    bytes         = installations x size of their artifact
    peak          = PEAK x installations / (CHECK_EVERY, or the time a ramp takes if that is longer)

Each installation checks once in CHECK_EVERY, so a step is downloaded over that time; but people work by day, and PEAK
says how much busier the busiest hour is than the average.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.rules.catalog import Catalog
from delivery.rules.compare import Asks, Change, Move
from delivery.rules.compile import COHORTS
from delivery.rules.precedence import precedence

CHECK_EVERY = timedelta(hours=12)
PEAK = 3.0
PER = 1000  # installations, where their number is not known

Active = Mapping[tuple[str, str, str, str], int]  # (channel, target, bundle, version) -> installations


@dataclass(frozen=True, slots=True)
class Burden:
    """What a version costs that is offered to more from `since` on.

    `out_of` is None when installations were counted, else how many there would be.
    """

    channel: str
    version: str
    since: datetime
    installations: float
    bytes: int
    peak: float  # downloads a second
    out_of: int | None


def burdens(
    changes: Iterable[Change], catalog: Catalog, cells: Mapping[str, tuple[tuple[str, str], ...]], active: Active | None
) -> tuple[Burden, ...]:
    """What the changes cost, each version at each moment; `cells` are all of each channel."""
    found: dict[tuple[str, str, datetime], list[tuple[Change, Move]]] = defaultdict(list)
    for change in changes:
        if change.failed is None and change.asks is not Asks.manual and not change.is_ahead:
            for move in change.moves:
                if move.after and move.after != move.before:
                    found[change.channel, move.after, change.since].append((change, move))
    made = (_burden(name, moved, catalog, cells[name[0]], active) for name, moved in sorted(found.items()))
    return tuple(each for each in made if each.installations)


def _burden(
    name: tuple[str, str, datetime],
    moved: Iterable[tuple[Change, Move]],
    catalog: Catalog,
    cells: tuple[tuple[str, str], ...],
    active: Active | None,
) -> Burden:
    moved = list(moved)
    reached = dict(_counted(moved, active) if active is not None else _even(moved, cells))
    size = {
        cell: catalog.releases[name[1]].artifacts[cell[0]][cell[1]].size for cell, count in reached.items() if count
    }
    many = sum(reached.values())
    last = max((since for change, _ in moved for _, since, _ in change.spread), default=name[2])
    seconds = max(CHECK_EVERY, last - name[2]).total_seconds()
    weight = sum(count * size[cell] for cell, count in reached.items() if count)
    return Burden(*name, many, round(weight), PEAK * many / seconds, PER if active is None else None)


def _even(
    moved: Iterable[tuple[Change, Move]], cells: tuple[tuple[str, str], ...]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Of 1,000 installations those that each cell has; cohorts are counted once, whatever their versions."""
    people: dict[tuple[str, str], set[int | None]] = defaultdict(set)
    for change, _ in moved:
        for cell in change.cells:
            people[cell] |= change.people
    for cell, those in people.items():
        yield cell, PER * len(those - {None}) / COHORTS / max(len(cells), 1)


def _counted(moved: Iterable[tuple[Change, Move]], active: Active) -> Iterator[tuple[tuple[str, str], float]]:
    found: dict[tuple[str, str], float] = defaultdict(float)
    for change, move in moved:
        for (channel, target, bundle, version), count in active.items():
            if channel == change.channel and (target, bundle) in change.cells and _is_of(move, version):
                found[target, bundle] += count * change.cohorts / COHORTS
    yield from found.items()


def _is_of(move: Move, version: str) -> bool:
    key, least = precedence(version), move.clients.least
    return (least is None or precedence(least) <= key) and key < precedence(move.clients.below)
