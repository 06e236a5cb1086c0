"""What the lines of a rollout amount to."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.facts import Filed, Line, Pass, Rollout, Step
from delivery.rules.timeline import in_force, pass_of, timeline, unrolled
from tests.unit.rules.worlds import NOON, at, hold, passed, resume, step

HOURS = range(0, 60, 3)


def filed(*lines: Line) -> Filed[Rollout]:
    marks = {("steps", number): 5 + number for number in range(len(lines))}
    return Filed("x.yaml", Rollout("stable/1.4.0", "s", "all", lines), marks)


def percent(lines: tuple[Line, ...], hours: float) -> float:
    stage = in_force(timeline(filed(*lines)).stages, at(hours))
    return stage.percent if stage else 0


def test_a_step_is_in_force_from_its_time_on() -> None:
    lines = (step(1, 0), step(10, 24))
    assert [percent(lines, hours) for hours in (-1, 0, 23, 24)] == [0, 1, 1, 10]


def test_a_gated_step_never_takes_effect_by_time_alone() -> None:
    lines = (step(1, 0), step(10, 24, gate="default"))
    assert percent(lines, 10_000) == 1
    assert [(waiting.percent, waiting.gate) for waiting in timeline(filed(*lines)).waiting] == [(10, "default")]


def test_a_gated_step_takes_effect_with_its_pass_and_not_before_its_time() -> None:
    assert percent((step(10, 24, gate="g"), passed(10, 30)), 29) == 0
    assert percent((step(10, 24, gate="g"), passed(10, 30)), 30) == 10
    assert percent((step(10, 24, gate="g"), passed(10, 20)), 23) == 0
    assert percent((step(10, 24, gate="g"), passed(10, 20)), 24) == 10


def test_a_step_behind_one_that_waits_waits_too() -> None:
    lines = (step(1, 0), step(10, 24, gate="g"), step(25, 48))
    assert percent(lines, 10_000) == 1
    assert [waiting.percent for waiting in timeline(filed(*lines)).waiting] == [10, 25]


def test_a_step_does_not_overtake_the_late_pass_of_the_one_before() -> None:
    lines = (step(10, 24, gate="g"), passed(10, 60), step(25, 48))
    assert [percent(lines, hours) for hours in (59, 60)] == [0, 25]


def test_a_hold_voids_what_stands_above_and_has_not_begun() -> None:
    lines = (step(1, 0), step(10, 24), step(25, 48), hold(10, 30))
    assert [percent(lines, hours) for hours in (0, 24, 30, 48, 1000)] == [1, 10, 10, 10, 10]


def test_a_pass_behind_a_hold_is_about_no_step_above_it() -> None:
    lines = (step(10, 1, gate="default"), hold(10, 2), passed(10, 2))
    assert percent(lines, 3) == 0
    assert [pass_of(filed(*lines).value, 0), pass_of(filed(lines[0], lines[2]).value, 0)] == [None, 1]


def test_a_hold_acts_whatever_the_clock_says() -> None:
    assert percent((step(10, 0), hold(0, 24)), 1) == 0


def test_a_resume_ends_a_hold_at_its_time() -> None:
    lines = (step(10, 0), hold(0, 24), resume(10, 48), step(25, 72))
    assert [percent(lines, hours) for hours in (25, 47, 48, 72)] == [0, 0, 10, 25]


def test_a_ramp_rises_evenly_to_its_percent() -> None:
    lines = (step(10, 0), step(60, 10, over="50h"))
    assert [percent(lines, hours) for hours in (9, 10, 11, 35, 60, 1000)] == [10, 10, 11, 35, 60, 60]


def test_a_ramp_that_a_later_line_ends_stays_where_it_stands() -> None:
    assert percent((step(60, 0, over="60h"), hold(100, 30)), 1000) == 30
    assert [percent((step(60, 0, over="60h"), hold(10, 30)), hours) for hours in (30, 1000)] == [10, 10]
    assert [percent((step(60, 0, over="60h"), hold(0, 30), resume(25, 40)), h) for h in (31, 40)] == [0, 25]
    assert [percent((step(50, 0, over="50h"), step(100, 25)), h) for h in (24, 25)] == [24, 100]
    assert [percent((step(50, 0, over="50h"), step(75, 25, over="50h")), h) for h in (25, 50, 75)] == [25, 50, 75]


def test_a_ramp_is_as_fine_as_one_cohort() -> None:
    found = [stage.permille for stage in unrolled(timeline(filed(step(1, -2), step(3, 0, over="20h"))).stages)]
    assert found == [10, *range(10, 31)]


def test_a_ramp_behind_a_gate_begins_with_its_pass() -> None:
    lines = (step(50, 0, gate="g", over="50h"), passed(50, 10))
    assert [percent(lines, hours) for hours in (10, 35, 60)] == [0, 25, 50]


def test_a_rollout_began_with_its_first_step_above_0_whatever_was_held_later() -> None:
    assert timeline(filed(step(0, 0))).began is None
    assert timeline(filed(step(0, 0), step(10, 5))).began == at(5)
    assert timeline(filed(step(10, 5), hold(0, 6), resume(10, 9))).began == at(5)
    assert timeline(filed(step(10, 5), hold(0, 4), resume(10, 9))).began == at(9)
    assert timeline(filed(step(10, 5, gate="g"))).began is None
    assert timeline(filed(step(100, 0, over="1000h"))).began == at(1)


def test_every_stage_names_the_line_that_says_so() -> None:
    stages = timeline(filed(step(1, 0), hold(0, 1), resume(1, 2))).stages
    assert [stage.fact for stage in stages] == ["x.yaml:6", "x.yaml:6", "x.yaml:7"]


@st.composite
def rising(draw: st.DrawFn) -> tuple[Line, ...]:
    """Steps that rise in percent and time, some gated, some of those with their pass."""
    percents = sorted(draw(st.sets(st.sampled_from([1, 5, 10, 25, 50, 100]), min_size=1, max_size=5)))
    hours = sorted(draw(st.sets(st.integers(0, 48), min_size=len(percents), max_size=len(percents))))
    lines: list[Line] = []
    for share, hour in zip(percents, hours, strict=True):
        gated = draw(st.booleans())
        over = draw(st.sampled_from((None, None, "5h")))
        lines.append(step(share, hour, "g" if gated else None, over))
        if gated and draw(st.booleans()):
            lines.append(passed(share, hour + draw(st.integers(-3, 6))))
    return tuple(lines)


@given(rising())
def test_time_only_adds_while_nothing_is_held(lines: tuple[Line, ...]) -> None:
    offered = [percent(lines, hours) for hours in HOURS]
    assert offered == sorted(offered)


@given(rising(), st.integers(0, 60), st.sampled_from([0, 1, 10, 100]))
def test_a_hold_never_offers_more_at_any_time(lines: tuple[Line, ...], hour: int, keep: int) -> None:
    for hours in HOURS:
        assert percent((*lines, hold(keep, hour)), hours) <= percent(lines, hours)


@given(rising())
def test_dropping_a_pass_never_offers_more(lines: tuple[Line, ...]) -> None:
    for number, line in enumerate(lines):
        if isinstance(line, Pass):
            without = lines[:number] + lines[number + 1 :]
            assert all(percent(without, hours) <= percent(lines, hours) for hours in HOURS)


@given(rising(), st.integers(0, 72))
def test_a_further_step_never_offers_less(lines: tuple[Line, ...], hour: int) -> None:
    highest = max(line.percent for line in lines if isinstance(line, Step))
    more = (*lines, step(min(100, highest + 1), hour))
    assert all(percent(more, hours) >= percent(lines, hours) for hours in HOURS)


@given(rising(), st.integers(0, 60))
def test_stages_are_in_the_order_of_time(lines: tuple[Line, ...], hour: int) -> None:
    for given_lines in (lines, (*lines, hold(0, hour))):
        moments = [stage.at for stage in timeline(filed(*given_lines)).stages]
        assert moments == sorted(moments)
        assert all(moment >= NOON - timedelta(hours=3) for moment in moments)
