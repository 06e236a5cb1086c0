"""From a catalog to a table that answers in one look."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.catalog import from_bytes, to_bytes
from delivery.rules.compile import COHORTS, compile, ranks
from delivery.rules.facts import Facts
from delivery.rules.precedence import precedence
from tests.unit.rules.worlds import at, catalog, step, stop, table, withdrawal, world
from tests.unit.rules.worlds_at_random import worlds


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_every_cohort_has_a_place_of_its_own_in_every_rollout(salt: str) -> None:
    assert sorted(ranks(salt)) == list(range(COHORTS))


def test_two_rollouts_order_the_cohorts_differently() -> None:
    moved = [abs(a - b) for a, b in zip(ranks("stable-1.3.0"), ranks("stable-1.4.0"), strict=True)]
    assert 250 < sum(moved) / COHORTS < 420  # a third of 1,000 for independent orders


@given(worlds())
def test_candidates_stand_highest_first_and_no_version_twice(facts: Facts) -> None:
    for cell in table(facts).cells.values():
        keys = [candidate.key for candidate in cell.candidates]
        assert keys == sorted(keys, reverse=True)
        assert max(Counter(keys).values()) == 1


@given(worlds())
def test_a_table_of_a_catalogs_bytes_is_the_table_of_the_catalog(facts: Facts) -> None:
    assert compile(from_bytes(to_bytes(catalog(facts)))) == table(facts)


def test_the_build_metadata_of_a_version_counts_in_the_order() -> None:
    found = table(world({"stable/1.4.0": [step(100)], "stable/1.4.0+1": [step(100)]}))
    candidates = found.cells["stable", "linux-x86_64", "deb"].candidates
    assert [candidate.version for candidate in candidates] == ["1.4.0+1", "1.4.0"]
    assert precedence("1.4.0+1") > precedence("1.4.0")


def test_unsigned_bundles_are_no_candidates() -> None:
    assert not table(world({"stable/1.4.0": [step(100)]}, unsigned=["1.4.0"])).cells


def test_a_stop_is_named_before_a_withdrawal_because_it_ends_sooner() -> None:
    facts = world({"stable/1.4.0": [step(100)]}, withdrawals=[withdrawal("1.4.0")], stops=[stop("stable", "1.4.0")])
    (candidate,) = table(facts).cells["stable", "linux-x86_64", "deb"].candidates
    assert candidate.removed is not None
    assert candidate.removed[0] == "stopped"


def test_a_cell_knows_the_next_moment_at_which_its_answers_may_change() -> None:
    cell = table(world({"stable/1.4.0": [step(1, 1), step(10, 2)]})).cells["stable", "linux-x86_64", "deb"]
    first, second = at(1).timestamp(), at(2).timestamp()
    assert [cell.next_boundary(moment) for moment in (first - 1, first, second)] == [first, second, None]
