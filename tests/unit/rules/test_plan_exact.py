"""The plan against brute force: every cell, client version, cohort, manual or not, and moment, asked one by one."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.rules.compare import Asks, Change
from delivery.rules.compile import CellKey, Table
from delivery.rules.decide import Offer, Request, Rule, decide, verdicts
from delivery.rules.facts import Facts
from delivery.rules.plan import Effect, Plan, plan
from delivery.rules.precedence import precedence
from tests.unit.rules.worlds import NOON, at, catalog, table, world
from tests.unit.rules.worlds_at_random import INSTALLED, lines, worlds

MOMENTS = tuple(at(hours) for hours in (0, 0.5, 1, 1.5, 2, 2.5, 3, 100))
Asked = tuple[CellKey, str, int | None, bool, datetime]
Answers = tuple[str | None, str | None]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(worlds(), worlds(), st.sets(st.integers(0, 999), min_size=5, max_size=8))
def test_a_plan_says_exactly_what_asking_everyone_says(before: Facts, after: Facts, cohorts: set[int]) -> None:
    tables = table(before), table(after)
    people = [None, *sorted(cohorts)]
    assert expanded(said(before, after), people) == asked_one_by_one(tables, people)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(worlds(), st.data())
def test_a_plan_of_one_rollout_is_exact_for_all_cohorts(before: Facts, data: st.DataObject) -> None:
    """Neighbouring worlds, as pull requests make them: one rollout differs."""
    name = data.draw(st.sampled_from(sorted(before.rollouts)))
    rollouts = {key: list(filed.value.steps) for key, filed in before.rollouts.items()}
    after = {**rollouts, name: [*rollouts[name], *data.draw(lines())]}
    version = data.draw(st.sampled_from(INSTALLED))
    found = said(world(rollouts), world(after))
    tables, people = (table(world(rollouts)), table(world(after))), [None, *range(1000)]
    only = {key: answers for key, answers in expanded(found, people).items() if key[1] == version}
    assert only == asked_one_by_one(tables, people, versions=(version,))


@settings(max_examples=60, deadline=None)
@given(worlds(), worlds(), st.sets(st.integers(0, 999), min_size=3, max_size=5))
def test_a_change_is_called_narrower_only_if_nobody_gets_what_was_not_open_to_everyone(
    before: Facts, after: Facts, cohorts: set[int]
) -> None:
    tables = table(before), table(after)
    if said(before, after).effect is not Effect.narrower:
        return
    for asked, (_, new) in asked_one_by_one(tables, [None, *cohorts]).items():
        assert new is None or new in open_to_everyone(tables[0], asked)


@settings(max_examples=60, deadline=None)
@given(worlds(), worlds())
def test_nobody_is_ever_downgraded_or_moved_to_another_channel(before: Facts, after: Facts) -> None:
    kept = {promise.what: promise.kept for promise in said(before, after).promises}
    assert kept["nobody is downgraded"]
    assert kept["nobody crosses channels"]


def said(before: Facts, after: Facts) -> Plan:
    return plan(catalog(before), catalog(after), NOON, after.policy.value)


def expanded(found: Plan, people: list[int | None]) -> dict[Asked, Answers]:
    """Everyone whom the plan names, one by one; nobody may be named twice."""
    everyone: dict[Asked, Answers] = {}
    for change in found.changes:
        for key, answers in named(change, people):
            assert key not in everyone
            everyone[key] = answers
    return everyone


def named(change: Change, people: list[int | None]) -> Iterator[tuple[Asked, Answers]]:
    manuals = {Asks.any: (False, True), Asks.automatic: (False,), Asks.manual: (True,)}[change.asks]
    moments = [at for at in MOMENTS if at >= change.since and (change.until is None or at < change.until)]
    for move in change.moves:
        versions = [version for version in INSTALLED if covers(move.clients.least, version, move.clients.below)]
        for cell in change.cells:
            for version in versions:
                for person in change.people & set(people):
                    for manual in manuals:
                        for moment in moments:
                            key = (change.channel, *cell), version, person, manual, moment
                            yield key, (move.before, move.after)


def covers(least: str | None, version: str, below: str) -> bool:
    return (least is None or precedence(least) <= precedence(version)) and precedence(version) < precedence(below)


def asked_one_by_one(
    tables: tuple[Table, Table], people: list[int | None], versions: tuple[str, ...] = INSTALLED
) -> dict[Asked, Answers]:
    """Everyone who gets another answer."""
    found = {}
    for cell in tables[0].cells.keys() | tables[1].cells.keys():
        for version in versions:
            for person in people:
                for manual in (False, True):
                    for moment in MOMENTS:
                        asked = (cell, version, person, manual, moment)
                        old, new = (answer(table, asked) for table in tables)
                        if old != new:
                            found[asked] = old, new
    return found


def answer(table: Table, asked: Asked) -> str | None:
    cell, version, person, manual, moment = asked
    decision = decide(table, Request(*cell, version, person, manual), moment)
    return decision.version if isinstance(decision, Offer) else None


def open_to_everyone(table: Table, asked: Asked) -> set[str]:
    cell, version, _, _, moment = asked
    found = verdicts(table, Request(*cell, version), moment)
    return {verdict.candidate.version for verdict in found if verdict.said is Rule.everyone}
