"""The comparison against asking: whatever a client may say, at any moment, exactly one change says what it gets."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.compare import Accepts, Asks, Change, Move, compare
from delivery.rules.compile import Table, compile, os_version
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Facts
from delivery.rules.precedence import precedence
from tests.examples import examples
from tests.unit.rules.worlds import NOON, at, catalog, world
from tests.unit.rules.worlds_at_random import CHANNELS, INSTALLED, TARGETS, VERSIONS, parts, worlds

MOMENTS = tuple(at(hours) for hours in (0, 0.01, 0.5, 0.77, 1, 1.25, 1.5, 2, 2.5, 3, 4.31, 100))
CELLS = [(target, bundle) for target, bundles in TARGETS.items() for bundle in bundles]
SYSTEMS = (None, None, "9", "10.0", "10.5", "11.1", "garbage")
Answers = tuple[str | None, tuple[str, ...], str | None, tuple[str, ...]]


@pytest.mark.slow
@examples(25)
@given(worlds(), worlds(), st.integers(0, 2**32))
def test_whatever_a_client_says_exactly_one_change_says_what_it_gets(before: Facts, after: Facts, seed: int) -> None:
    hold_to_its_word(before, after, Random(seed))  # noqa: S311


@pytest.mark.slow
@examples(25)
@given(parts(), parts(), st.data(), st.integers(0, 2**32))
def test_so_it_is_for_neighbours_as_pull_requests_make_them(
    before: dict[str, object], others: dict[str, object], data: st.DataObject, seed: int
) -> None:
    kind = data.draw(st.sampled_from(sorted(before)))
    hold_to_its_word(world(**before), world(**{**before, kind: others[kind]}), Random(seed))  # type: ignore[arg-type] # noqa: S311


def hold_to_its_word(before: Facts, after: Facts, chance: Random) -> None:
    tables = compile(catalog(before)), compile(catalog(after))
    changes = compare(*tables, NOON)
    for request, moment in said(chance):
        old, new = (answer(table, request, moment) for table in tables)
        expected = [(*old, *new)] if old != new else []
        assert list(told(changes, request, moment)) == expected, (request, moment)


def said(chance: Random, many: int = 1500) -> Iterator[tuple[Request, datetime]]:
    """What clients may say, and when."""
    for _ in range(many):
        channel = chance.choice((*CHANNELS, *CHANNELS, "stable-next"))
        person = chance.choice((None, *(chance.randrange(1000) for _ in range(5))))
        failed = chance.choice((None, None, *VERSIONS))
        accepts = frozenset(chance.choice(((), ("downgrade",))))
        version, system = chance.choice(INSTALLED), chance.choice(SYSTEMS)
        request = Request(
            channel, *chance.choice(CELLS), version, person, chance.random() < 0.4, failed, system, accepts
        )
        yield request, chance.choice(MOMENTS)


def answer(table: Table, request: Request, moment: datetime) -> tuple[str | None, tuple[str, ...]]:
    decision = decide(table, request, moment)
    if not isinstance(decision, Offer):
        return None, ()
    return decision.version, tuple(sorted(each.name for each in decision.warnings))


def told(changes: Sequence[Change], request: Request, moment: datetime) -> Iterator[Answers]:
    """What each change that means this client says."""
    for change in changes:
        if means(change, request, moment):
            for move in change.moves:
                if is_of(move, change, request):
                    yield move.before, move.warned, move.after, move.warnings


def means(change: Change, request: Request, moment: datetime) -> bool:
    cell, asks = (request.target, request.bundle), Asks.manual if request.manual else Asks.automatic
    accepts = Accepts.downgrade if request.accepts else Accepts.updates
    if change.channel != request.channel or cell not in change.cells or request.cohort not in change.people:
        return False
    if change.asks not in (Asks.any, asks) or change.accepts not in (Accepts.any, accepts):
        return False
    each = {person: (since, until) for person, since, until in change.spread}
    since, until = each.get(request.cohort, (change.since, change.until))
    return since <= moment and (until is None or moment < until) and is_on(change, os_version(request.os))


def is_on(change: Change, system: tuple[int, ...] | None) -> bool:
    if change.systems is None:
        return True
    least, below = os_version(change.systems.least), os_version(change.systems.below)
    if system is None:
        return least is None
    return (least is None or system >= least) and (below is None or system < below)


def is_of(move: Move, change: Change, request: Request) -> bool:
    least, key = move.clients.least, precedence(request.version)
    if not ((least is None or precedence(least) <= key) and key < precedence(move.clients.below)):
        return False
    return change.failed == request.failed if change.failed else request.failed not in move.unless
