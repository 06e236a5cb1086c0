"""Who gets another answer: two tables compared cell by cell, exactly, with the production decider.

Answers are piecewise constant, so one representative of each piece is asked and nothing is sampled. The pieces are:
channel (and <channel>-next), target and bundle; client versions between two boundaries (`views`); cohorts to whom the
same happens, and no cohort (`pieces`); automatic and manual checks; the version that just failed there; operating
systems from one minimum to the next; whether a downgrade is accepted; the time between two boundaries, from now on.
What did not change is never asked.

Compares which version is offered, and with which warnings: not its notes, and not why.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import groupby, pairwise, product
from typing import NamedTuple

from delivery.rules.compile import COHORTS, NEXT, CellKey, Os, Table, ranks
from delivery.rules.decide import Offer, Request, Rule, decide, verdicts
from delivery.rules.pieces import Crowd, Person, crowds, is_partial, ramps
from delivery.rules.precedence import Key, precedence, spelled
from delivery.rules.views import Outlook, View, Window, boundaries, outlook

LOWEST = "0.0.0-0"  # no version is below it

People = frozenset[Person]


class Asks(StrEnum):
    """Which checks of these people get another answer; the other kind gets the answer it got, or is told apart."""

    any = "any"
    automatic = "automatic"
    manual = "manual"


class Accepts(StrEnum):
    """Whether it is for those alone that accept a downgrade, or that do not."""

    any = "any"
    downgrade = "downgrade"
    updates = "updates"


@dataclass(frozen=True, slots=True)
class Clients:
    """Installed versions from `least` on (from the lowest when None), and below `below`."""

    least: str | None
    below: str


@dataclass(frozen=True, slots=True)
class Systems:
    """Operating systems from `least` on (when None: also those whose version is not stated), below `below` if any."""

    least: str | None
    below: str | None


class Answer(NamedTuple):
    """What is offered (None is nothing), which blocks warn of it, and whether it goes back on purpose."""

    version: str | None
    warnings: tuple[str, ...] = ()
    back: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What clients of these versions were offered and will be offered; None is nothing.

    `wider`: they get a version that was not open to everyone before (see `compare`), or without a warning it had.
    `back`: the new one is lower on purpose, as a withdrawal says. `warned` and `warnings` are the names of the blocks
    that warned of the old and that warn of the new. `unless`: not for clients that report one of these as failed there.
    """

    clients: Clients
    before: str | None
    after: str | None
    wider: bool
    warned: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    back: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """Those whom the rollout of this version admits at `below` percent, and not yet at `least` percent."""

    version: str
    least: float
    below: float


@dataclass(frozen=True, slots=True)
class Change:
    """One population that gets other answers from `since` until `until` (for good when None).

    Where a ramp admits them one after another, `spread` has each one's own moments, and `since` and `until` are the
    first and the last of them. `failed` is the version that they all report as failed there; None is for those who
    report none or another one (but see `Move.unless`). `systems` None is all of them.
    """

    channel: str
    cells: tuple[tuple[str, str], ...]  # (target, bundle)
    people: People
    band: Band | None  # what these cohorts have in common, where that can be said so
    asks: Asks
    since: datetime
    until: datetime | None
    moves: tuple[Move, ...]
    failed: str | None = None
    accepts: Accepts = Accepts.any
    systems: Systems | None = None
    spread: tuple[tuple[Person, datetime, datetime | None], ...] = ()

    @property
    def cohorts(self) -> int:
        """How many of the 1,000 cohorts."""
        return len(self.people - {None})

    @property
    def is_ahead(self) -> bool:
        """Whether it is on <channel>-next, where only those are who asked to be."""
        return self.channel.endswith(NEXT)


@dataclass(frozen=True, slots=True)
class Alike:
    """Cells of a channel that have the same outlooks before and after."""

    channel: str
    cells: tuple[tuple[str, str], ...]
    before: Outlook
    after: Outlook


Ask = Callable[[Request, datetime], Answer]
Opened = Callable[[Request, datetime], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Sides:
    """Whom to ask: before and after, and which versions were open to everyone like this client before."""

    before: Ask
    after: Ask
    opened: Opened


def compare(
    before: Table, after: Table, now: datetime, sides: Sides | None = None, everything: bool = False
) -> tuple[Change, ...]:
    """Every population that gets other answers from now on, in the order people read.

    A move is narrower when the client gets nothing, or a version that was then open to everyone (at 100 % and neither
    stopped nor withdrawn) by the old table, even if a higher version hid it. So withdrawing 1.4.0 at 100 % is narrower
    where that uncovers 1.3.0 at 100 %, and is not where it uncovers 1.3.5 at 10 %: nobody has to have had 1.3.0 on
    offer this minute, but it must have been good enough for all. Such an answer is never above the old one.

    `sides` answer in place of `decide` on these tables, such as other code; then ask `everything`, changed or not.
    """
    sides = sides or production(before, after)
    found: dict[Change, list[tuple[str, str]]] = defaultdict(list)
    for those in alike(before, after, now, everything):
        for ahead in (False, True):
            for change in _Comparison(sides, now, those, ahead, everything).changes():
                found[change].extend(those.cells)
    changes = [replace(change, cells=tuple(sorted(where))) for change, where in found.items()]
    return tuple(sorted(changes, key=_reading_order))


def production(before: Table, after: Table) -> Sides:
    """What the production decider answers from these tables."""

    def asked(table: Table) -> Ask:
        return lambda request, time: _answer(table, request, time)

    @cache
    def opened(request: Request, time: datetime) -> frozenset[str]:
        said = verdicts(before, request, time)
        return frozenset(each.candidate.version for each in said if isinstance(each.said, Rule))

    return Sides(asked(before), asked(after), opened)


def alike(before: Table, after: Table, now: datetime, everything: bool = False) -> tuple[Alike, ...]:
    """The cells that may have changed, in groups; all of them if `everything` is asked for."""
    groups: dict[tuple[str, Outlook, Outlook], list[CellKey]] = defaultdict(list)
    for key in sorted(before.cells.keys() | after.cells.keys()):
        old, new = (outlook(table, key, now.timestamp()) for table in (before, after))
        if everything or old != new:
            groups[key[0], old, new].append(key)
    return tuple(
        Alike(channel, tuple((target, bundle) for _, target, bundle in keys), old, new)
        for (channel, old, new), keys in groups.items()
    )


# --- the pieces, and what each of them is told --------------------------------------------------------------------


_Answers = tuple[Answer, Answer, bool]  # before, after, wider
_Times = tuple[float, float | None]  # since, until
_Reach = dict[Person, _Times]


class _Piece(NamedTuple):
    """What a client says of itself besides who it is, what it gets, and the ramps that its times belong to."""

    system: int
    failed: str | None
    accepts: Accepts
    answers: _Answers
    since: object
    until: object


class _Population(NamedTuple):
    """Who gets an answer, without their versions."""

    reach: frozenset[tuple[Person, float, float | None]]
    asks: Asks
    failed: str | None
    accepts: Accepts
    systems: Systems | None


_Told = tuple[_Population, _Answers, tuple[str, ...]]  # the last: unless one of these failed there


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Cells that are alike, on a channel or `ahead` of it."""

    sides: Sides
    now: datetime
    cells: Alike
    ahead: bool
    everything: bool

    @property
    def channel(self) -> str:
        return self.cells.channel + (NEXT if self.ahead else "")

    def changes(self) -> Iterator[Change]:
        """What changes; `cells` is left to the caller, who knows which others say the same."""
        moves: dict[_Population, list[Move]] = defaultdict(list)
        partial: dict[str, str] = {}
        told: dict[tuple[View, View], list[_Told]] = {}
        for clients, views in self._clients():
            if views not in told:
                told[views] = list(self._told(clients, views))
                partial |= {each.version: each.salt for view in views for each in view.seen if is_partial(each)}
            for population, (old, new, wider), unless in told[views]:
                move = Move(clients, old.version, new.version, wider, old.warnings, new.warnings, new.back, unless)
                moves[population].append(move)
        for population, those in moves.items():
            yield self._change(population, tuple(_joined(those)), partial)

    def _clients(self) -> Iterator[tuple[Clients, tuple[View, View]]]:
        """Stretches of client versions that see the same, if it changed."""
        windows = Window(self.cells.before, self.ahead), Window(self.cells.after, self.ahead)
        keys = {precedence(LOWEST), *boundaries(self.cells.before), *boundaries(self.cells.after)}
        pieces = list(pairwise(sorted(keys)))
        for views, stretch in groupby(pieces, key=lambda piece: (windows[0].view(piece[0]), windows[1].view(piece[0]))):
            if self.everything or views[0] != views[1]:
                parts = list(stretch)
                yield _clients(parts[0][0], parts[-1][1]), views

    def _told(self, clients: Clients, views: tuple[View, View]) -> Iterator[_Told]:
        """Who with these views gets other answers, and which."""
        systems, numbers = _minimums(views), ramps(views)
        asked: dict[_Piece, dict[bool, _Reach]] = defaultdict(lambda: {False: {}, True: {}})
        for those in crowds(views, self.now.timestamp()):
            for request, number in self._requests(clients, views, those, systems):
                accepts = _accepts(request, views)
                for since, until, answers in self._stretches(request, those.moments[those.people[0]]):
                    for person, times in _reach(those, since, until).items():
                        kinds = (numbers.get(time, time) if time else None for time in times)
                        piece = _Piece(number, request.failed, accepts, answers, *kinds)
                        asked[piece][request.manual][person] = times
        populations = _populations(_whatever_they_accept(asked), systems)
        yield from _whatever_failed(populations, _failures(views))

    def _requests(
        self, clients: Clients, views: tuple[View, View], those: Crowd, systems: Sequence[Os]
    ) -> Iterator[tuple[Request, int]]:
        """One of each kind, and the number of its operating system."""
        version, cohort = clients.least or LOWEST, those.people[0]
        accepts_too = (False, True) if any(view.back for view in views) else (False,)
        kinds = product((False, True), (None, *_failures(views)), enumerate((None, *systems)), accepts_too)
        for manual, failed, (number, system), accepts in kinds:
            stated = None if system is None else _spelled_os(system)
            accepted = frozenset({"downgrade"} if accepts else ())
            cell = self.channel, *self.cells.cells[0]
            yield Request(*cell, version, cohort, manual, failed, stated, accepted), number

    def _stretches(self, request: Request, moments: Sequence[float]) -> Iterator[tuple[int, int, _Answers]]:
        """From which of these moments until which the answers differ, and stay as they are."""
        answers = [self._answers(request, self._when(moment)) for moment in moments]
        for answer, stretch in groupby(range(len(moments)), key=answers.__getitem__):
            numbers = list(stretch)
            if answer[0] != answer[1]:
                yield numbers[0], numbers[-1] + 1, answer

    def _answers(self, request: Request, time: datetime) -> _Answers:
        old, new = self.sides.before(request, time), self.sides.after(request, time)
        return old, new, old != new and self._is_wider(request, time, old, new)

    def _is_wider(self, request: Request, time: datetime, old: Answer, new: Answer) -> bool:
        if new.version is None:
            return False
        if new.version == old.version:
            return not set(old.warnings) <= set(new.warnings)
        return new.version not in self.sides.opened(replace(request, cohort=None, manual=False), time)

    def _when(self, moment: float) -> datetime:
        return self.now if moment == self.now.timestamp() else datetime.fromtimestamp(moment, UTC)

    def _change(self, those: _Population, moves: tuple[Move, ...], partial: Mapping[str, str]) -> Change:
        people = frozenset(person for person, _, _ in those.reach)
        ends = [until for _, _, until in those.reach if until is not None]
        each = sorted(those.reach, key=lambda one: (one[1], _none_last(one[0])))
        at_once = len({(since, until) for _, since, until in each}) == 1
        spread = () if at_once else tuple((one, self._when(since), self._until(until)) for one, since, until in each)
        return Change(
            channel=self.channel,
            cells=(),
            people=people,
            band=_band(people, partial),
            asks=those.asks,
            since=self._when(each[0][1]),
            until=self._until(max(ends, default=None)),
            moves=moves,
            failed=those.failed,
            accepts=those.accepts,
            systems=those.systems,
            spread=spread,
        )

    def _until(self, moment: float | None) -> datetime | None:
        return None if moment is None else self._when(moment)


def _clients(least: Key, below: Key) -> Clients:
    return Clients(None if least == precedence(LOWEST) else spelled(least), spelled(below))


def _minimums(views: Iterable[View]) -> tuple[Os, ...]:
    """The versions of operating systems from which on more may be offered."""
    found = {each.minimum_os for view in views for each in (*view.seen, view.gate, view.back) if each}
    return tuple(sorted(least for least in found if least is not None))


def _failures(views: Iterable[View]) -> tuple[str, ...]:
    """The versions whose failure may change what is offered."""
    found = (each.version for view in views for each in (*view.seen, view.gate, view.back) if each)
    return tuple(dict.fromkeys(found))


def _spelled_os(system: Os) -> str:
    return ".".join(str(number) for number in system)


def _accepts(request: Request, views: Iterable[View]) -> Accepts:
    if not any(view.back for view in views):
        return Accepts.any
    return Accepts.downgrade if request.accepts else Accepts.updates


def _reach(those: Crowd, since: int, until: int) -> _Reach:
    """When the stretch between two of their moments begins and ends for each."""
    return {
        person: (moments[since], moments[until] if until < len(moments) else None)
        for person, moments in those.moments.items()
    }


def _answer(table: Table, request: Request, time: datetime) -> Answer:
    said = decide(table, request, time)
    if not isinstance(said, Offer):
        return Answer(None)
    warnings = tuple(sorted(each.name for each in said.warnings))
    return Answer(said.version, warnings, said.rule is Rule.downgrade)


# --- from pieces to the populations a person would name -----------------------------------------------------------


def _whatever_they_accept(asked: Mapping[_Piece, dict[bool, _Reach]]) -> Mapping[_Piece, dict[bool, _Reach]]:
    """Those who accept a downgrade and those who do not as one, where they get the same."""
    found = dict(asked)
    for piece in asked:
        if piece.accepts is Accepts.downgrade:
            other = piece._replace(accepts=Accepts.updates)
            if asked.get(other) == asked[piece]:
                found[piece._replace(accepts=Accepts.any)] = asked[piece]
                del found[piece], found[other]
    return found


def _populations(
    asked: Mapping[_Piece, dict[bool, _Reach]], systems: Sequence[Os]
) -> Iterator[tuple[_Population, _Answers]]:
    numbers: dict[tuple[_Population, _Answers], list[int]] = defaultdict(list)
    for piece, by_manual in sorted(asked.items(), key=lambda item: item[0].system):
        for asks, reach in _split(piece, by_manual[False], by_manual[True]):
            numbers[_Population(reach, asks, piece.failed, piece.accepts, None), piece.answers].append(piece.system)
    for (population, answers), those in numbers.items():
        for some in _stretches_of(those, systems):
            yield population._replace(systems=some), answers


def _whatever_failed(told: Iterable[tuple[_Population, _Answers]], failures: Sequence[str]) -> Iterator[_Told]:
    """Those who report a failure together with those who report none, where they get the same."""
    reported: dict[tuple[_Population, _Answers], set[str | None]] = defaultdict(set)
    for population, answers in told:
        reported[population._replace(failed=None), answers].add(population.failed)
    for (population, answers), those in reported.items():
        if None in those:
            yield population, answers, tuple(each for each in failures if each not in those)
        else:
            yield from ((population._replace(failed=each), answers, ()) for each in failures if each in those)


def _split(
    piece: _Piece, automatic: _Reach, manual: _Reach
) -> Iterator[tuple[Asks, frozenset[tuple[Person, *_Times]]]]:
    """Those whom it does not matter how they check, and the others; a ramp is not torn apart for a single cohort."""
    both = {(person, *times) for person, times in automatic.items()}, {(who, *times) for who, times in manual.items()}
    is_ramp = isinstance(piece.since, int) or isinstance(piece.until, int)
    common = both[0] & both[1] if both[0] == both[1] or not is_ramp else set()
    parts = (Asks.any, common), (Asks.automatic, both[0] - common), (Asks.manual, both[1] - common)
    return ((asks, frozenset(reach)) for asks, reach in parts if reach)


def _stretches_of(numbers: Sequence[int], systems: Sequence[Os]) -> Iterator[Systems | None]:
    """Neighbouring operating systems as one; None for all. Number 0 is below all minimums, or not stated."""
    if len(numbers) == len(systems) + 1:
        yield None
        return
    edges = [None, *map(_spelled_os, systems), None]
    for _, stretch in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        those = [number for _, number in stretch]
        yield Systems(edges[those[0]], edges[those[-1] + 1])


def _joined(moves: Iterable[Move]) -> Iterator[Move]:
    """Neighbouring client versions that move alike, as one."""
    last: Move | None = None
    for move in moves:
        if last and replace(last, clients=move.clients) == move and last.clients.below == move.clients.least:
            last = replace(last, clients=Clients(last.clients.least, move.clients.below))
            continue
        if last:
            yield last
        last = move
    if last:
        yield last


def _band(people: People, partial: Mapping[str, str]) -> Band | None:
    """The stretch of one rollout's order that these cohorts are, for the highest version for which they are one."""
    for version in sorted(partial, key=precedence, reverse=True):
        places = sorted(ranks(partial[version])[cohort] for cohort in people if cohort is not None)
        if not places or len(places) == COHORTS:
            return None
        least, below = places[0], places[-1] + 1
        if below - least == len(places):
            return Band(version, _percent(least), _percent(below))
    return None


def _percent(permille: int) -> float:
    return permille // 10 if permille % 10 == 0 else permille / 10


def _none_last(cohort: Person) -> int:
    return COHORTS if cohort is None else cohort


def _reading_order(change: Change) -> tuple[object, ...]:
    first = min(_none_last(cohort) for cohort in change.people)
    kinds = list(Asks).index(change.asks), list(Accepts).index(change.accepts), str(change.systems)
    return (
        change.is_ahead,
        change.failed or "",
        change.channel,
        change.since,
        change.cells,
        *kinds,
        -len(change.people),
        first,
    )
