"""Who gets another answer: two tables compared cell by cell, exactly, with the production decider.

Answers are piecewise constant, so one representative of each piece is asked and nothing is sampled. The pieces are:
channel, target and bundle; client versions between two candidates; cohorts that every rollout treats alike, and no
cohort; automatic and manual checks; the time between two boundaries, from now on. Cells that treat everyone alike
from now on are asked once, cells that did not change never.

Compares which version is offered and nothing else: not its notes, not why, and not what a client gets that reports
a failed install (`failed=` only ever takes one version away from the same candidates).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby, pairwise, product

from delivery.rules.compile import COHORTS, Candidate, Cell, CellKey, Table, ranks
from delivery.rules.decide import Offer, Request, Rule, decide, verdicts
from delivery.rules.precedence import precedence

LOWEST = "0.0.0-0"  # no version is below it

People = frozenset[int | None]  # cohorts; None stands for all clients without one


class Asks(StrEnum):
    """Which checks of these people get another answer; the other kind gets the answer it got."""

    any = "any"
    automatic = "automatic"
    manual = "manual"


@dataclass(frozen=True, slots=True)
class Clients:
    """Installed versions from `least` on (from the lowest when None), and below `below`."""

    least: str | None
    below: str


@dataclass(frozen=True, slots=True)
class Move:
    """What clients of these versions were offered and will be offered; None is nothing.

    `wider`: they get a version that was not open to everyone before (see `compare`).
    """

    clients: Clients
    before: str | None
    after: str | None
    wider: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Those whom the rollout of this version admits at `below` percent, and not yet at `least` percent."""

    version: str
    least: int
    below: int


@dataclass(frozen=True, slots=True)
class Change:
    """One population that gets other answers from `since` until `until` (for good when None)."""

    channel: str
    cells: tuple[tuple[str, str], ...]  # (target, bundle)
    people: People
    band: Band | None  # what these cohorts have in common, where that can be said so
    asks: Asks
    since: datetime
    until: datetime | None
    moves: tuple[Move, ...]

    @property
    def cohorts(self) -> int:
        """How many of the 1,000 cohorts."""
        return len(self.people - {None})


def compare(before: Table, after: Table, now: datetime) -> tuple[Change, ...]:
    """Every population that gets other answers from now on, in the order people read.

    A move is narrower when the client gets nothing, or a version that was then open to everyone (at 100 % and neither
    stopped nor withdrawn) by the old table, even if a higher version hid it. So withdrawing 1.4.0 at 100 % is narrower
    where that uncovers 1.3.0 at 100 %, and is not where it uncovers 1.3.5 at 10 %: nobody has to have had 1.3.0 on
    offer this minute, but it must have been good enough for all. Such an answer is never above the old one.
    """
    alike: dict[tuple[str, _Shape, _Shape], list[CellKey]] = defaultdict(list)
    for key in sorted(before.cells.keys() | after.cells.keys()):
        shapes = _shape(_cell(before, key), now), _shape(_cell(after, key), now)
        if shapes[0] != shapes[1]:
            alike[(key[0], *shapes)].append(key)
    cells: dict[Change, list[tuple[str, str]]] = defaultdict(list)
    for (_, *both), keys in alike.items():
        for change in _changes(before, after, keys[0], (both[0], both[1]), now):
            cells[change].extend((target, bundle) for _, target, bundle in keys)
    changes = [replace(change, cells=tuple(sorted(where))) for change, where in cells.items()]
    return tuple(sorted(changes, key=_reading_order))


# --- what a cell amounts to from now on ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Steps:
    """A candidate as far as it can matter: percents in force now and later."""

    version: str
    salt: str
    shares: tuple[tuple[float, int, bool], ...]  # from when (the first: already), per mille, held


_Shape = tuple[_Steps, ...]
_EMPTY = Cell((), ())


def _cell(table: Table, key: CellKey) -> Cell:
    return table.cells.get(key, _EMPTY) if key[0] in table.channels else _EMPTY


def _shape(cell: Cell, now: datetime) -> _Shape:
    """The candidates that can be offered to anyone from now on, highest first."""
    shape = []
    for candidate in cell.candidates:
        steps = _from_now(candidate, now.timestamp())
        if candidate.removed or not any(permille for _, permille, _ in steps):
            continue
        shape.append(_Steps(candidate.version, candidate.salt, steps))
        if candidate.stage(now.timestamp()) and all(permille == COHORTS for _, permille, _ in steps):
            break  # open to everyone for good: whoever is below it never gets anything lower
    return tuple(shape)


def _from_now(candidate: Candidate, moment: float) -> tuple[tuple[float, int, bool], ...]:
    begun = bisect_right(candidate.starts, moment)
    first = max(begun - 1, 0)
    starts = ((0.0,) if begun else ()) + candidate.starts[begun:]
    return tuple(
        (start, stage.permille, stage.held) for start, stage in zip(starts, candidate.stages[first:], strict=True)
    )


# --- the pieces, and what each of them is told --------------------------------------------------------------------


_Answers = tuple[str | None, str | None, bool]  # before, after, wider
_Piece = tuple[int, datetime, datetime | None, _Answers]  # the number of the clients, since, until
_Asked = dict[_Piece, dict[bool, set[int | None]]]  # those whose automatic (False) and manual (True) checks it is


def _changes(
    before: Table, after: Table, key: CellKey, shapes: tuple[_Shape, _Shape], now: datetime
) -> Iterator[Change]:
    """What changes in this cell; `cells` is left to the caller, who knows which others are alike."""
    clients = _clients(shapes)
    times = _times((_cell(before, key), _cell(after, key)), now)
    asked: _Asked = defaultdict(lambda: {False: set(), True: set()})
    for number, those in enumerate(clients):
        version = those.least or LOWEST
        opened = [_open(before, Request(*key, version), time) for time in times]
        for people, manual in product(_alike(shapes), (False, True)):
            request = Request(*key, version, min(people, key=_none_last), manual)
            answers = [_answers(before, after, request, time, free) for time, free in zip(times, opened, strict=True)]
            for since, until, answer in _changed(times, answers):
                asked[number, since, until, answer][manual].update(people)
    for (since, until, asks, people), moves in _merged(clients, asked).items():
        yield Change(key[0], (), people, _band(people, shapes), asks, since, until, tuple(_joined(moves)))


def _clients(shapes: tuple[_Shape, _Shape]) -> tuple[Clients, ...]:
    """The ranges of versions that see the same candidates. Those at or above the highest see none."""
    versions = sorted({steps.version for shape in shapes for steps in shape}, key=precedence)
    lowest = [Clients(None, versions[0])] if precedence(versions[0]) > precedence(LOWEST) else []
    return (*lowest, *(Clients(least, below) for least, below in pairwise(versions)))


def _times(cells: Iterable[Cell], now: datetime) -> list[datetime]:
    later = {start for cell in cells for start in cell.boundaries if start > now.timestamp()}
    return [now, *(datetime.fromtimestamp(start, UTC) for start in sorted(later))]


def _alike(shapes: tuple[_Shape, _Shape]) -> tuple[People, ...]:
    """The cohorts in classes that every step admits or leaves out together; no cohort is a class of its own."""
    limits: dict[str, set[int]] = defaultdict(set)
    for steps in (steps for shape in shapes for steps in shape):
        limits[steps.salt].update(permille for _, permille, _ in steps.shares if 0 < permille < COHORTS)
    sides = [(ranks(salt), sorted(edges)) for salt, edges in limits.items() if edges]
    classes: dict[tuple[int, ...], set[int | None]] = defaultdict(set)
    for cohort in range(COHORTS):
        classes[tuple(bisect_right(edges, places[cohort]) for places, edges in sides)].add(cohort)
    return (frozenset({None}), *map(frozenset, classes.values()))


def _open(table: Table, request: Request, time: datetime) -> frozenset[str]:
    """The versions that everyone may have, hidden ones too."""
    return frozenset(said.candidate.version for said in verdicts(table, request, time) if said.said is Rule.everyone)


def _answers(before: Table, after: Table, request: Request, time: datetime, opened: frozenset[str]) -> _Answers:
    old, new = _answer(before, request, time), _answer(after, request, time)
    return old, new, old != new and new is not None and new not in opened


def _answer(table: Table, request: Request, time: datetime) -> str | None:
    decision = decide(table, request, time)
    return decision.version if isinstance(decision, Offer) else None


def _changed(
    times: Sequence[datetime], answers: Sequence[_Answers]
) -> Iterator[tuple[datetime, datetime | None, _Answers]]:
    """The stretches of time in which the answers differ and stay as they are."""
    for answer, stretch in groupby(range(len(times)), key=answers.__getitem__):
        numbers = list(stretch)
        if answer[0] != answer[1]:
            end = numbers[-1] + 1
            yield times[numbers[0]], times[end] if end < len(times) else None, answer


# --- from pieces to the populations a person would name -----------------------------------------------------------


def _merged(
    clients: Sequence[Clients], asked: _Asked
) -> Mapping[tuple[datetime, datetime | None, Asks, People], list[Move]]:
    moves: dict[tuple[datetime, datetime | None, Asks, People], list[Move]] = defaultdict(list)
    for (number, since, until, answers), by_manual in asked.items():  # in the order of client versions
        for asks, people in _split(frozenset(by_manual[False]), frozenset(by_manual[True])):
            moves[since, until, asks, people].append(Move(clients[number], *answers))
    return moves


def _split(automatic: People, manual: People) -> Iterator[tuple[Asks, People]]:
    parts = ((Asks.any, automatic & manual), (Asks.automatic, automatic - manual), (Asks.manual, manual - automatic))
    return ((asks, people) for asks, people in parts if people)


def _joined(moves: Iterable[Move]) -> Iterator[Move]:
    """Neighbouring client versions that move alike, as one."""
    last: Move | None = None
    for move in moves:
        if last and last.clients.below == move.clients.least and _same_answers(last, move):
            last = Move(Clients(last.clients.least, move.clients.below), move.before, move.after, move.wider)
            continue
        if last:
            yield last
        last = move
    if last:
        yield last


def _same_answers(one: Move, other: Move) -> bool:
    return (one.before, one.after, one.wider) == (other.before, other.after, other.wider)


def _band(people: People, shapes: tuple[_Shape, _Shape]) -> Band | None:
    """The stretch of one rollout's order that these cohorts are, for the highest version for which they are one."""
    salts = {steps.version: steps.salt for shape in shapes for steps in shape if _is_partial(steps)}
    for version in sorted(salts, key=precedence, reverse=True):
        places = sorted(ranks(salts[version])[cohort] for cohort in people if cohort is not None)
        if not places or len(places) == COHORTS:
            return None
        least, below = places[0], places[-1] + 1
        if below - least == len(places) and least % 10 == 0 and below % 10 == 0:
            return Band(version, least // 10, below // 10)
    return None


def _is_partial(steps: _Steps) -> bool:
    return any(0 < permille < COHORTS for _, permille, _ in steps.shares)


def _none_last(cohort: int | None) -> int:
    return COHORTS if cohort is None else cohort


def _reading_order(change: Change) -> tuple[object, ...]:
    first = min(_none_last(cohort) for cohort in change.people)
    return change.channel, change.since, change.cells, list(Asks).index(change.asks), -len(change.people), first
