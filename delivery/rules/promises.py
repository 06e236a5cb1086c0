"""What must hold for every client whatever is changed, and who would not get on.

Somebody is *stranded* when no chain of offers leads to any higher version and nothing bounds the wait. A wait that the
`to` of a block bounds, the replacement of a withdrawn version or the end of a stop is *waiting*. Asked at the end of
all times that the facts speak of, of a client that does all it can: newest system, checks by hand, accepts a downgrade.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.rules.catalog import Catalog
from delivery.rules.compare import LOWEST, Alike, Change, Move
from delivery.rules.compile import NEXT, CellKey, Table
from delivery.rules.decide import Offer, Reason, Request, Rule, decide, verdicts
from delivery.rules.precedence import precedence
from delivery.rules.views import View, Window

STRANDED = "nobody is stranded"
_ANY_OS = "999999"  # newer than any minimum: who has an older one is told by the version's fact
_TURN = {Reason.not_started, Reason.held, Reason.held_back, Reason.no_cohort, Reason.later_cohort}
_ENDS = {Reason.stopped, Reason.withdrawn, Reason.superseded}


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that must hold for every client, and whether it does."""

    what: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Stuck:
    """Versions that this change leaves without a way up, and the fact that bars it. `waits`: something ends that."""

    channel: str
    cells: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    reason: Reason
    fact: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """From these versions installations go to one of a higher major number, with no barrier between."""

    channel: str
    sources: tuple[str, ...]
    version: str


def promises(before: Catalog, after: Catalog, changes: Iterable[Change], stuck: Iterable[Stuck]) -> Iterator[Promise]:
    """What reviewers need not look for; a downgrade that a withdrawal asks for is told apart."""
    offered = {(offering.channel, offering.version) for offering in after.offerings}
    moves = [(change.channel.removesuffix(NEXT), move) for change in changes for move in change.moves if move.after]
    yield Promise("nobody is downgraded", all(move.back or _goes_up(move) for _, move in moves))
    yield Promise(STRANDED, all(each.waits for each in stuck))
    yield Promise("nobody crosses channels", all((channel, move.after) in offered for channel, move in moves))
    yield Promise(
        "nothing published changes",
        all(after.releases.get(name) == release for name, release in before.releases.items()),
    )


def stuck(before: Table, after: Table, cells: Iterable[Alike], now: datetime) -> tuple[Stuck, ...]:
    """Who had a way up, or none above, and now waits or is stranded."""
    found: dict[tuple[object, ...], list[tuple[str, str]]] = {}
    for those in cells:
        for (reason, fact, waits), versions in _in_cells(before, after, those, now).items():
            found.setdefault((those.channel, tuple(versions), reason, fact, waits), []).extend(those.cells)
    return tuple(
        Stuck(channel, tuple(sorted(where)), versions, reason, fact, waits)  # type: ignore[arg-type]
        for (channel, versions, reason, fact, waits), where in found.items()
    )


def crossings(changes: Iterable[Change], versions: Iterable[str]) -> tuple[Crossing, ...]:
    """Major versions that a change lets people cross in one leap; `versions` are those that were ever built."""
    found: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        for move in change.moves if change.failed is None and not change.is_ahead else ():
            if move.wider and move.after and not move.back:
                crossing = {each for each in versions if _is_of(move, each) and _major(each) < _major(move.after)}
                found.setdefault((change.channel, move.after), set()).update(crossing)
    return tuple(Crossing(channel, tuple(sorted(those, key=precedence)), version)
                 for (channel, version), those in sorted(found.items()) if those)  # fmt: skip


def _goes_up(move: Move) -> bool:
    return precedence(str(move.after)) >= precedence(move.clients.below)


def _is_of(move: Move, version: str) -> bool:
    return precedence(move.clients.least or LOWEST) <= precedence(version) < precedence(move.clients.below)


def _major(version: str) -> int:
    return int(precedence(version)[0])


_Bar = tuple[Reason, str, bool]


def _in_cells(before: Table, after: Table, those: Alike, now: datetime) -> dict[_Bar, list[str]]:
    """Those that are barred, by what bars them; versions with the same views are asked once."""
    windows = [Window(side, ahead=False) for side in (those.before, those.after)]
    asked: dict[tuple[View, View], _Bar | None] = {}
    found: dict[_Bar, list[str]] = {}
    for version in _shipped((before, after), those.cells[0]):
        views = windows[0].view(precedence(version)), windows[1].view(precedence(version))
        if views not in asked:
            key = (those.channel, *those.cells[0])
            barred = _barred(after, key, version, _end(after, key, now))
            is_new = barred is not None and _is_other(_barred(before, key, version, _end(before, key, now)), barred)
            asked[views] = barred if is_new else None
        if (bar := asked[views]) is not None:
            found.setdefault(bar, []).append(version)
    return found


def _shipped(tables: Sequence[Table], cell: tuple[str, str]) -> list[str]:
    """The versions that anyone can have there."""
    releases = (table.catalog.releases.items() for table in tables)
    found = {name for each in releases for name, release in each if cell[1] in release.artifacts.get(cell[0], {})}
    return sorted(found, key=precedence)


def _end(table: Table, key: CellKey, now: datetime) -> datetime:
    cell = table.cells.get(key)
    last = cell.boundaries[-1] if cell and cell.boundaries else 0.0
    return max(now, datetime.fromtimestamp(last, UTC))


def _barred(table: Table, key: CellKey, version: str, time: datetime) -> _Bar | None:
    """What bars this version's way up, and whether something ends that; None if it is open, or a matter of turn."""
    request = Request(*key, version, None, True, None, _ANY_OS, frozenset({"downgrade"}))
    if isinstance(decide(table, request, time), Offer):
        return None
    said = verdicts(table, request, time)
    if not said or any(isinstance(each.said, Rule) or each.said in _TURN for each in said):
        return None
    ends = next((each for each in said if each.said in _ENDS), None)
    blocked = next((each for each in said if each.said is Reason.blocked and _is_bounded(table, each.fact)), None)
    bar = blocked or ends or said[0]
    return Reason(str(bar.said)), bar.fact, bar is not said[0] or bar in (blocked, ends)


def _is_other(old: _Bar | None, new: _Bar) -> bool:
    """Whether they are barred by something else; a fact may have moved to another line."""
    return old is None or (old[0], old[1].rpartition(":")[0], old[2]) != (new[0], new[1].rpartition(":")[0], new[2])


def _is_bounded(table: Table, fact: str) -> bool:
    """Whether a version can come that a block does not hold."""
    texts = [block.to for block in table.catalog.blocks if block.fact == fact]
    return any(part[0] in "<=" for text in texts for part in text.split(" "))
