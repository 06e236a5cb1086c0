"""Which steps wait for their gate: the next of a rollout, once its time has come, unless something is against it."""

from datetime import datetime

import pytest

from delivery.rules.due import Due, due
from delivery.rules.facts import Facts, Line
from tests.unit.rules.worlds import NOON, at, hold, passed, resume, step, stop, withdrawal, world

NAME = "stable/1.4.0"
ROLLOUT = "releases/rollouts/stable/1.4.0.yaml"
WAITS = [step(1, -100), step(10, -2, "default")]


def told(facts: Facts, now: datetime = NOON) -> list[str]:
    return [f"{each.rollout} to {each.percent} % by {each.gate}" for each in due(facts, now)]


def test_the_next_gated_step_is_due_from_its_moment_on() -> None:
    facts = world({NAME: [*WAITS, step(25, -1, "other")]})
    (found,) = due(facts, at(-2))
    assert found == Due(NAME, 10, "default", ROLLOUT, f"{ROLLOUT}:6", at(-100), at(-100))
    assert (found.channel, found.version) == ("stable", "1.4.0")
    assert due(facts, at(-2.01)) == ()


def test_with_its_pass_it_waits_no_more_even_before_that_takes_effect() -> None:
    assert told(world({NAME: [*WAITS, passed(10)]})) == []
    assert told(world({NAME: [*WAITS, passed(10, 1)]})) == []
    assert told(world({NAME: [*WAITS, passed(10), step(25, -1, "other")]})) == ["stable/1.4.0 to 25 % by other"]


def test_a_step_without_a_gate_is_never_due() -> None:
    assert told(world({NAME: [step(1, -100), step(10, 2)]})) == []


def test_of_a_ramp_all_of_it_counts_as_begun_and_its_end_as_reached() -> None:
    (found,) = due(world({NAME: [step(10, -50, over="48h"), step(25, -1, "default")]}), NOON)
    assert (found.began, found.since) == (at(-50), at(-2))


def test_where_nobody_is_offered_it_yet_no_step_began() -> None:
    (found,) = due(world({NAME: [step(0, -100), step(10, -2, "default")]}), NOON)
    assert (found.began, found.since) == (None, None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([hold()], []),
        ([hold(), step(25, -0.4, "default")], []),
        ([hold(), resume(1)], []),
        ([hold(), resume(1), step(10, -0.2, "default")], ["stable/1.4.0 to 10 % by default"]),
    ],
)
def test_a_hold_of_peoples_is_respected_until_they_end_it(lines: list[Line], expected: list[str]) -> None:
    assert told(world({NAME: [*WAITS, *lines]})) == expected


def test_what_is_stopped_withdrawn_or_over_is_not_asked_for() -> None:
    assert told(world({NAME: WAITS}, stops=[stop("stable")])) == []
    assert told(world({NAME: WAITS}, withdrawals=[withdrawal("1.4.0")])) == []
    assert told(world({NAME: WAITS, "stable/1.5.0": [step(100)]})) == []
    assert told(world({NAME: WAITS, "stable/1.5.0": [step(1)]}, supersedes={"stable/1.5.0": "1.4.0"})) == []
    assert told(world({NAME: WAITS, "beta/1.5.0": WAITS})) == [
        "beta/1.5.0 to 10 % by default",
        "stable/1.4.0 to 10 % by default",
    ]
