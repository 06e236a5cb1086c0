"""DORA's figures, from small ledgers: what counts, what fails, and what is not known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.dora import Braked, Change, Dora, Spread, TakenBack, figures, live_since, taken_back
from delivery.rules.head import Head
from delivery.rules.ledger import Live, Record, Why, ledger
from tests.unit.rules.worlds import at, catalog, hold, resume, step, stop, withdrawal, world

WEEK = timedelta(days=7)
FULL = {"stable/1.3.0": [step(100, -9000)]}
EFFECTS = ("none", "narrower", "next-step", "wider", "unreadable")


def change(name: str, hours: float, effect: str = "wider", *reverts: str, written: float | None = None) -> Change:
    began = at(hours if written is None else written)
    return Change(name, began, at(hours), None, effect, reverts)


def head(name: str, serial: int, hours: float, sha256: str) -> Head:
    return Head("espice", "laptop", serial, name, sha256, at(hours), at(hours + 72))


def brake(commit: str, hours: float, merged: float, channel: str = "stable") -> Braked:
    name = f"2026-11-25-{channel}"
    fact = f"releases/stops/{name}.yaml"
    return Braked(name, channel, None, at(hours), "it crashes", fact, commit, at(merged), None)


def story(*told: tuple[str, float, Sequence[object]], **more: object) -> tuple[Record, ...]:
    """Commits that left stable/1.4.0 with these lines, as the ledger tells of them a month later."""
    history = [
        Live(name, at(hours), catalog(world({**FULL, "stable/1.4.0": list(lines)}, **more)))  # type: ignore[arg-type]
        for name, hours, lines in told
    ]
    return ledger(history, at(700))


def measured(changes: Sequence[Change], taken: Sequence[TakenBack] = (), now: datetime = at(700)) -> Dora:  # noqa: B008
    return figures(changes, taken, None, now, now, WEEK)


# --- what failed --------------------------------------------------------------------------------------------------


def test_a_step_that_was_held_failed_and_the_step_before_it_did_not() -> None:
    first, second = step(10, 1), step(25, 30)
    records = story(("a", 1, [first]), ("b", 30, [first, second]), ("c", 35, [first, second, hold(0, 35)]))
    changes = [change("a", 1), change("b", 30, "next-step"), change("c", 35, "narrower")]
    assert taken_back(changes, records, (), WEEK) == (TakenBack("b", at(30), "c", at(35), "held"),)
    found = measured(changes, taken_back(changes, records, (), WEEK))
    assert (found.deployments, found.offered, found.failed, found.failure_rate) == (3, 2, 1, 0.5)
    assert found.to_restore == Spread(timedelta(hours=5), timedelta(hours=5), 1, 1)


def test_what_was_taken_back_too_late_did_not_fail() -> None:
    records = story(("a", 1, [step(10, 1)]), ("b", 170, [step(10, 1), hold(0, 170)]))
    changes = [change("a", 1), change("b", 170, "narrower")]
    assert taken_back(changes, records, (), WEEK) == ()
    assert taken_back(changes, records, (), timedelta(days=8)) != ()


def test_a_second_hold_takes_the_resumption_back() -> None:
    lines = [step(10, 1), hold(0, 2), resume(10, 3), hold(0, 4)]
    records = story(*((name, hour, lines[:hour]) for name, hour in zip("abcd", (1, 2, 3, 4), strict=True)))
    changes = [change("a", 1), change("b", 2, "narrower"), change("c", 3), change("d", 4, "narrower")]
    assert [(each.change, each.by) for each in taken_back(changes, records, (), WEEK)] == [("a", "b"), ("c", "d")]


def test_a_stop_of_a_channel_takes_back_only_its_newest_offer() -> None:
    facts = world({**FULL, "stable/1.4.0": [step(10, 2)]})
    before = [Live("a", at(1), catalog(world(FULL))), Live("b", at(2), catalog(facts))]
    stopped = world({**FULL, "stable/1.4.0": [step(10, 2)]}, stops=[stop("stable")])
    records = ledger([*before, Live("c", at(4), catalog(stopped))], at(9))
    changes = [change("a", 1), change("b", 2), change("c", 4, "narrower")]
    (found,) = taken_back(changes, records, (), WEEK)
    assert found == TakenBack("b", at(2), "c", at(4), "stopped")
    (braked,) = taken_back(changes, records, [brake("c", 3, 4)], WEEK)
    assert (braked.braked, braked.lasted) == (at(3), timedelta(hours=1))


def test_a_brake_that_was_pulled_before_the_offer_was_for_something_else() -> None:
    lines = [step(10, 2)]
    history = [Live("a", at(2), catalog(world({**FULL, "stable/1.4.0": lines}))),
               Live("b", at(4), catalog(world({**FULL, "stable/1.4.0": lines}, stops=[stop("stable")])))]  # fmt: skip
    changes = [change("a", 2), change("b", 4, "narrower")]
    (found,) = taken_back(changes, ledger(history, at(9)), [brake("b", 1, 4)], WEEK)
    assert (found.braked, found.lasted) == (None, timedelta(hours=2))


@pytest.mark.parametrize("kept", [0, 10])
def test_a_withdrawal_after_a_hold_takes_nothing_more_back(kept: int) -> None:
    lines = [step(10, 1), hold(kept, 2)]
    gone = world({**FULL, "stable/1.4.0": lines}, withdrawals=[withdrawal("1.4.0")])
    told = [world({**FULL, "stable/1.4.0": lines[:1]}), world({**FULL, "stable/1.4.0": lines}), gone]
    history = [Live(name, at(hour), catalog(facts)) for name, hour, facts in zip("abc", (1, 2, 3), told, strict=True)]
    changes = [change("a", 1), change("b", 2, "narrower"), change("c", 3, "narrower")]
    assert [(each.change, each.by) for each in taken_back(changes, ledger(history, at(9)), (), WEEK)] == [("a", "b")]


def test_a_revert_takes_back_and_a_revert_of_a_revert_does_not_undo_that() -> None:
    changes = [change("a", 1), change("b", 3, "narrower", "a"), change("c", 4, "wider", "b")]
    taken = taken_back(changes, (), (), WEEK)
    assert taken == (TakenBack("a", at(1), "b", at(3), "reverted"), TakenBack("b", at(3), "c", at(4), "reverted"))
    found = measured(changes, taken)
    assert (found.offered, found.failed) == (2, 1)  # b offered nothing, so nothing of it could fail


def test_a_revert_of_what_comes_later_or_is_unknown_says_nothing() -> None:
    changes = [change("a", 1, "wider", "b", "x", "a"), change("b", 1)]
    assert taken_back(changes, (), (), WEEK) == ()


# --- when it was live ---------------------------------------------------------------------------------------------


def test_a_commit_is_live_with_the_first_head_of_another_catalog_that_has_it() -> None:
    heads = [head("d", 9, 12, "three"), head("a", 1, 0, "one"), head("c", 4, 6, "two"), head("c", 5, 8, "two")]
    assert live_since("abcd", heads) == {"b": at(6), "c": at(6), "d": at(12)}


def test_a_head_that_is_only_signed_anew_makes_nothing_live() -> None:
    heads = [head("a", 1, 0, "one"), head("b", 2, 12, "one"), head("c", 3, 13, "two")]
    assert live_since("abc", heads) == {"c": at(13)}


def test_the_oldest_head_that_is_kept_and_one_off_the_line_tell_of_nothing() -> None:
    assert live_since("ab", [head("b", 2, 3, "two")]) == {}
    assert live_since("ab", [head("a", 1, 0, "one"), head("amended", 2, 1, "x"), head("b", 3, 2, "two")]) == {
        "b": at(2)
    }
    assert live_since("", []) == live_since("ab", []) == {}


# --- the figures --------------------------------------------------------------------------------------------------


def test_of_nothing_there_is_no_figure() -> None:
    assert measured([]) == Dora(None, 0, None, None, None, 0, 0, 0, None, None)
    quiet = figures([], (), at(0), at(240), at(240), WEEK)
    assert (quiet.days, quiet.per_week, quiet.failure_rate) == (10.0, 0.0, None)


def test_one_commit_is_counted_against_a_day_at_least() -> None:
    found = measured([change("a", 0, written=-2)], now=at(1))
    hours = timedelta(hours=2)
    assert found == Dora(1.0, 1, 7.0, Spread(hours, hours, 1, 1), None, 1, 0, 1, 0.0, None)


def test_what_was_taken_back_already_may_not_yet_be() -> None:
    changes = [change("a", 0), change("b", 1), change("c", 2, "narrower")]
    assert measured(changes, [TakenBack("a", at(0), "c", at(2), "held")], now=at(3)).recent == 1


def test_what_is_not_recorded_is_left_out_and_told_of() -> None:
    changes = [replace(change("a", 0), live=at(2)), change("b", 1), replace(change("c", 3), live=at(2))]
    found = measured([*changes, change("d", 4, "none")])
    assert found.to_live == Spread(timedelta(hours=1), timedelta(hours=2), 2, 3)


@st.composite
def pasts(draw: st.DrawFn) -> tuple[list[Change], tuple[Record, ...], list[Braked]]:
    """Changes of one rollout, some in the same second, with clocks that may go back."""
    hours = draw(st.lists(st.integers(0, 300), max_size=7))
    changes, lives, lines, brakes = [], [], [], []
    for number, hour in enumerate(hours):
        line = draw(st.sampled_from([step(10, hour), step(25, hour), hold(0, hour), resume(10, hour), None]))
        lines = [*lines, line] if line else lines
        stops = [stop("stable")] if draw(st.integers(0, 5)) == 0 else []
        name, effect = str(number), draw(st.sampled_from(EFFECTS))
        lives.append(Live(name, at(hour), catalog(world({**FULL, "stable/1.4.0": lines}, stops=stops))))
        reverts = draw(st.lists(st.sampled_from([str(each) for each in range(8)]), max_size=2))
        live = draw(st.none() | st.integers(0, 400).map(at))
        changes.append(Change(name, at(hour - draw(st.integers(0, 50))), at(hour), live, effect, tuple(reverts)))
        brakes += [brake(name, draw(st.integers(0, 300)), hour)] if stops else []
    return changes, ledger(lives, at(400)), brakes


@given(pasts(), st.integers(1, 20), st.integers(0, 300), st.integers(0, 300))
def test_rates_are_rates_and_durations_are_not_negative(
    past: tuple[list[Change], tuple[Record, ...], list[Braked]], days: int, one: int, other: int
) -> None:
    changes, records, brakes = past
    taken = taken_back(changes, records, brakes, timedelta(days=days))
    found = figures(changes, taken, at(min(one, other)), at(max(one, other)), at(400), timedelta(days=days))
    assert found.failure_rate is None or 0 <= found.failure_rate <= 1
    assert found.failed <= found.offered <= found.deployments
    assert (found.failure_rate is None) == (found.offered == 0)
    spreads = [each for each in (found.to_merge, found.to_live, found.to_restore) if each]
    assert all(timedelta() <= each.middle <= each.longest and 0 < each.known <= each.all for each in spreads)
    place = {each.commit: number for number, each in enumerate(changes)}
    assert all(place[each.change] < place[each.by] for each in taken)
    assert len({each.change for each in taken}) == len(taken)


@given(pasts())
def test_the_ledger_s_order_does_not_matter_but_mains_does(
    past: tuple[list[Change], tuple[Record, ...], list[Braked]],
) -> None:
    changes, records, brakes = past
    assert taken_back(changes, records[::-1], brakes[::-1], WEEK) == taken_back(changes, records, brakes, WEEK)


def test_changes_of_the_same_second_keep_the_order_of_main() -> None:
    records = story(("a", 1, [step(10, 1)]), ("b", 1, [step(10, 1), hold(0, 1)]))
    changes = [change("a", 1), change("b", 1, "narrower", "a")]
    assert taken_back(changes, records, (), WEEK) == (TakenBack("a", at(1), "b", at(1), "reverted"),)


def test_a_ledger_of_other_words_is_no_failure() -> None:
    """A rollout that a newer one supersedes did not fail."""
    lines = {"stable/1.4.0": [step(10, 1)], "stable/1.5.0": [step(10, 3)]}
    first = world({**FULL, "stable/1.4.0": lines["stable/1.4.0"]})
    both = world({**FULL, **lines}, supersedes={"stable/1.5.0": "1.4.0"})
    records = ledger([Live("a", at(1), catalog(first)), Live("b", at(3), catalog(both))], at(9))
    assert Why.superseded in {each.state.why for each in records}
    assert taken_back([change("a", 1), change("b", 3)], records, (), WEEK) == ()
