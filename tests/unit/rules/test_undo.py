"""What takes a change back: the least that is enough, by adding, and never more than was there before."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.compare import Asks, compare
from delivery.rules.edit import EditRefused, Ground
from delivery.rules.facts import Facts, Filed, Freeze, Hold, Line
from delivery.rules.undo import Changed, NothingToUndo, Undone, reach, undo
from tests.examples import examples
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOON, at, block, hold, resume, step, stop, withdrawal, world
from tests.unit.rules.worlds_at_random import parts

WHY = "crashes at start"
ALL = {"stable/1.3.0": [step(100, -2)]}
TEN = {**ALL, "stable/1.4.0": [step(10)]}


def ground(facts: Facts) -> Ground:
    """These facts, merged."""
    return Ground(facts, worlds.files(facts), NOON)


def undone(before: Facts, after: Facts, now: Facts | None = None) -> Undone:
    return undo(ground(now or after), Changed(before, after, "laptop"), NOON, WHY)


def said(found: Undone) -> list[str]:
    return [edit.summary for edit in found.edits]


def nothing(before: Facts, after: Facts, now: Facts | None = None) -> str:
    with pytest.raises(NothingToUndo) as refusal:
        undone(before, after, now)
    return str(refusal.value)


@pytest.mark.parametrize("further", [step(25, -0.5), step(100, -0.5), step(25, 24)], ids=["", "to all", "later"])
def test_a_rollout_that_was_raised_is_held_where_it_was_and_who_had_it_keeps_it(further: Line) -> None:
    found = undone(world(TEN), world({**ALL, "stable/1.4.0": [step(10), further]}))
    assert said(found) == ["Hold stable 1.4.0 at 10 %"]
    changes = compare(worlds.table(world(TEN)), worlds.table(found.edits[-1].facts), NOON)
    assert {change.asks for change in changes} == {Asks.manual}, "a hold ends what people ask for by hand"


def test_a_rollout_that_was_resumed_is_held_where_it_was_held() -> None:
    held = [step(25), hold(10)]
    resumed = world({**ALL, "stable/1.4.0": [*held, resume(25)]})
    assert said(undone(world({**ALL, "stable/1.4.0": held}), resumed)) == ["Hold stable 1.4.0 at 10 %"]


def test_a_rollout_that_grows_by_itself_is_held_where_it_would_be_without_the_change() -> None:
    growing = [step(10, -2), step(25, -1, over="15h")]
    raised = world({**ALL, "stable/1.4.0": [*growing, step(100, -0.5)]})
    assert said(undone(world({**ALL, "stable/1.4.0": growing}), raised)) == ["Hold stable 1.4.0 at 11 %"]


def test_what_was_lowered_since_is_held_no_higher() -> None:
    raised = [step(10), step(25, -0.5)]
    lower = world({**ALL, "stable/1.4.0": [*raised, hold(5), resume(5), step(50, 24)]})
    again = world({**ALL, "stable/1.4.0": [*raised, step(50, 24)]})
    assert said(undone(world(TEN), again, lower)) == ["Hold stable 1.4.0 at 5 %"]


def test_a_rollout_that_was_started_is_stopped_since_a_hold_leaves_it_on_next() -> None:
    assert said(undone(world(ALL), world(TEN))) == ["Stop 1.4.0 on stable"]


@pytest.mark.parametrize("scope", [(), ("1.4.0",)], ids=["of the channel", "of a version"])
def test_a_stop_that_was_lifted_is_made_again(scope: tuple[str, ...]) -> None:
    stopped, free = world(TEN, stops=[stop("stable", *scope)]), world(TEN, stops=[stop("stable", *scope, lifted=True)])
    assert said(undone(stopped, free)) == [f"Stop {'1.4.0 on ' if scope else ''}stable"]


def test_a_version_whose_withdrawal_was_lifted_is_stopped_and_its_files_are_named() -> None:
    gone = [withdrawal("1.4.0", "stable")]
    found = undone(world(TEN, withdrawals=gone), world(TEN))
    assert said(found) == ["Stop 1.4.0 on stable"]
    assert found.remains == ("the files of 1.4.0 can be downloaded again, where they were hide",)


def test_where_a_stop_of_the_versions_would_uncover_others_the_channel_is_stopped() -> None:
    """The block kept all three back. Lifted it gives 1.4.0, or 1.3.0 where that failed; under a stop of both 1.2.0."""
    rollouts = {f"stable/1.{minor}.0": [step(100, minor - 6)] for minor in (2, 3, 4)}
    assert said(undone(world(rollouts, blocks=[block("<1.2.0", ">=1.2.0")]), world(rollouts))) == ["Stop stable"]


def test_where_a_hold_would_uncover_what_only_some_may_have_the_channel_is_stopped() -> None:
    rollouts = {**ALL, "stable/1.3.5": [step(10, -1.5)]}
    before, after = ({**rollouts, "stable/1.4.0": [step(0), *more]} for more in ([], [step(10, -0.5)]))
    assert said(undone(world(before), world(after))) == ["Stop stable"]


def test_two_rollouts_of_a_channel_are_both_held_and_the_lower_at_0_where_who_asks_by_hand_would_get_it() -> None:
    before, after = (
        {**ALL, "stable/1.3.5": [step(1), *more], "stable/1.4.0": [step(1), *more]} for more in ([], [step(10, -0.5)])
    )
    found = undone(world(before), world(after))
    assert said(found) == ["Hold stable 1.3.5 at 0 %", "Hold stable 1.4.0 at 1 %"]
    last = [found.edits[-1].facts.rollouts[f"stable/{version}"].value.steps[-1] for version in ("1.3.5", "1.4.0")]
    assert all(isinstance(each, Hold) for each in last)


def test_each_channel_is_taken_back_by_itself_in_one_go() -> None:
    before = {**TEN, "beta/1.4.0": [step(10)]}
    after = {**ALL, "stable/1.4.0": [step(10), step(25, -0.5)], "beta/1.4.0": [step(10), step(50, -0.5)]}
    assert said(undone(world(before), world(after))) == ["Hold beta 1.4.0 at 10 %", "Hold stable 1.4.0 at 10 %"]


def test_what_later_changes_let_reach_more_is_left_to_them() -> None:
    raised = {**ALL, "stable/1.4.0": [step(10), step(25, -0.5)]}
    later = {**raised, "stable/1.5.0": [step(1, -0.25)]}
    assert said(undone(world(TEN), world(raised), world(later))) == ["Hold stable 1.4.0 at 10 %"]


def test_what_was_taken_back_since_needs_nothing() -> None:
    raised = {**ALL, "stable/1.4.0": [step(10), step(25, -0.5)]}
    held = {**ALL, "stable/1.4.0": [*raised["stable/1.4.0"], hold(0, -0.25)]}
    assert nothing(world(TEN), world(raised), world(held)) == "what it let reach more is taken back already"


def test_what_only_took_away_needs_nothing_and_its_own_way_back_is_named() -> None:
    held = {**ALL, "stable/1.4.0": [step(10), hold()]}
    way = './inv resume stable 10 --version 1.4.0 --reason "…"'
    assert nothing(world(TEN), world(held)) == f"it offers nobody more; to take that back: {way}"


def test_what_changed_nothing_needs_nothing() -> None:
    assert nothing(world(TEN), world(TEN)) == "it offers nobody more"


def test_a_warning_takes_nothing_away_and_its_way_back_is_named() -> None:
    warned = world(TEN, blocks=[block("<1.3.0", ">=1.4.0", effect="warn")])
    way = './inv lift block 1-3-0---1-4-0-warn --reason "…"'
    assert nothing(world(TEN), warned) == f"it offers nobody more; to take that back: {way}"


def frozen(*, lifted: bool = False) -> Facts:
    """With a freeze, which is in no catalog."""
    fact = Freeze("advent", ("stable",), at(24), at(48), "holidays", lifted=worlds.LIFTED if lifted else None)
    return replace(world(TEN), freezes={"advent": Filed("releases/freezes/advent.yaml", fact)})


def test_the_way_back_of_a_freeze_and_of_its_lift_is_named() -> None:
    lift, write = './inv lift freeze advent --reason "…"', "write the freeze advent again, in a new file"
    assert nothing(world(TEN), frozen()) == f"it offers nobody more; to take that back: {lift}"
    assert nothing(world(TEN), frozen(), frozen(lifted=True)) == "it offers nobody more"
    lifted = nothing(frozen(), frozen(lifted=True))
    assert lifted == f"it offers nobody more; to take that back: {write}: what is lifted stays so"


def test_what_no_edit_takes_back_is_told_also_where_there_is_none() -> None:
    before, after = world(ALL, versions=["1.4.0"], withdrawals=[withdrawal("1.4.0")]), world(ALL, versions=["1.4.0"])
    with pytest.raises(NothingToUndo) as refusal:
        undone(before, after)
    assert refusal.value.remains == ("the files of 1.4.0 can be downloaded again, where they were hide",)


def test_what_is_refused_is_the_first_way_and_not_the_last() -> None:
    raised = world({**ALL, "stable/1.4.0": [step(10), step(25, -0.5)]})
    with pytest.raises(EditRefused) as refusal:
        undo(ground(raised), Changed(world(TEN), raised, "laptop"), NOON, "two\nlines")
    assert refusal.value.problems[0].path == "releases/rollouts/stable/1.4.0.yaml"


def test_a_reason_that_no_fact_can_hold_is_refused_as_the_verbs_refuse_it() -> None:
    with pytest.raises(EditRefused, match="is not a sentence on one line"):
        undo(ground(world(TEN)), Changed(world(ALL), world(TEN), "laptop"), NOON, "two\nlines")


def neighbours() -> st.SearchStrategy[tuple[Facts, Facts]]:
    """Facts before and after a change: anything for anything, or of all bars and lines only some."""
    return st.one_of(
        st.tuples(parts(), parts()).map(
            lambda pair: (world(**pair[0]), world(**{**pair[1], "targets": pair[0]["targets"]}))
        ),
        parts().flatmap(
            lambda made: st.sampled_from(sorted(BARS)).map(lambda bar: (world(**made), world(**{**made, bar: []})))
        ),
    )


BARS = ("withdrawals", "stops", "barriers", "deadends", "blocks", "experiments")


@pytest.mark.slow
@examples(60)
@given(neighbours())
def test_afterwards_nobody_is_offered_more_than_before_nor_than_now(pair: tuple[Facts, Facts]) -> None:
    before, after = pair
    try:
        found = undone(before, after)
    except NothingToUndo:
        assert not reach(*(worlds.table(each) for each in pair), NOON)
        return
    left = worlds.table(found.edits[-1].facts)
    for side in pair:
        assert not reach(worlds.table(side), left, NOON)
