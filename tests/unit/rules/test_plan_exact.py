"""What a plan proves, against asking: effects and promises hold whatever the facts say."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.compile import NEXT
from delivery.rules.decide import Offer, Rule, decide, verdicts
from delivery.rules.facts import Facts
from delivery.rules.plan import Effect, Plan, plan
from tests.examples import examples
from tests.unit.rules.test_compare_exact import said
from tests.unit.rules.worlds import NOON, catalog, table
from tests.unit.rules.worlds_at_random import worlds


@examples(25)
@given(worlds(), worlds(), st.integers(0, 2**32))
def test_a_change_is_called_narrower_only_if_nobody_gets_what_was_not_open_to_everyone(
    before: Facts, after: Facts, seed: int
) -> None:
    if between(before, after).effect not in (Effect.narrower, Effect.none):
        return
    tables = table(before), table(after)
    for request, moment in said(Random(seed), many=300):  # noqa: S311
        old, new = (decide(each, request, moment) for each in tables)
        if isinstance(new, Offer) and old != new:
            alike = replace(request, cohort=None, manual=False)
            rules = [each for each in verdicts(tables[0], alike, moment) if isinstance(each.said, Rule)]
            same = isinstance(old, Offer) and old.version == new.version
            assert same or new.version in {each.candidate.version for each in rules}


@examples(25)
@given(worlds(), worlds())
def test_nobody_is_ever_downgraded_unasked_or_moved_to_another_channel(before: Facts, after: Facts) -> None:
    kept = {promise.what: promise.kept for promise in between(before, after).promises}
    assert kept["nobody is downgraded"]
    assert kept["nobody crosses channels"]


@examples(15)
@given(worlds(), worlds())
def test_a_plan_keeps_installations_those_ahead_and_those_that_failed_apart(before: Facts, after: Facts) -> None:
    found = between(before, after)
    assert all(each.failed is None and not each.is_ahead for each in found.changes)
    assert all(each.failed is None and each.channel.endswith(NEXT) for each in found.ahead)
    assert all(each.failed is not None for each in found.after_failure)


def between(before: Facts, after: Facts) -> Plan:
    return plan(catalog(before), catalog(after), NOON, after.policy.value)
