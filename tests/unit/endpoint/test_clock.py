"""A machine whose clock is off would offer tomorrow's step today: it answers nothing until its clock is right."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.endpoint.look import TOLERANCE, Clocks
from tests.unit.endpoint.parts import CATALOG, NOW, World

OFF = st.timedeltas(-timedelta(days=900), timedelta(days=900))


def world_off(off: timedelta) -> World:
    """An endpoint whose clock is off by this much, under a head that it may still believe."""
    world = World()
    world.publish(CATALOG, issued=NOW, expires=NOW + timedelta(days=9))
    world.store.at = NOW
    world.clock.now = NOW + off
    return world


@pytest.mark.parametrize(
    ("off", "said"),
    [
        ({"days": 2}, "2 days, 0:00:00"),
        ({"days": -2}, "2 days, 0:00:00"),
        ({"minutes": 5, "seconds": 1}, "0:05:01"),
        ({"minutes": -6}, "0:06:00"),
    ],
)
def test_a_clock_that_is_off_is_503_and_said_in_readiness(off: dict[str, Any], said: str) -> None:
    world = world_off(timedelta(**off))
    detail = f"this machine's clock is off by {said}"
    for path in ("/v1/update/stable/linux/x86_64/1.2.0", "/readyz"):
        response = world.get(path)
        assert response.status_code == 503
        assert response.get_json()["detail"] == detail
    assert {line["trouble"] for line in world.said if line["event"] == "look"} == {detail}


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_few_minutes_are_no_matter(seconds: int) -> None:
    assert world_off(timedelta(seconds=seconds)).offered() == "1.3.0"


@pytest.mark.parametrize("days", [-2, 2])
def test_where_the_store_does_not_say_its_time_nothing_is_judged(days: int) -> None:
    world = world_off(timedelta(days=days))
    world.store.at = None
    assert world.check().status_code in (200, 204)


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_jumps_while_it_runs_is_noticed_and_forgiven_when_it_is_set_right(days: int) -> None:
    world = world_off(timedelta(0))
    assert world.offered() == "1.3.0"
    world.clock.passes(days=days)
    assert world.offered() == 503
    world.clock.passes(days=-days, seconds=11)
    world.store.at = world.clock.now
    assert world.offered() == "1.3.0"
    assert world.get("/readyz").get_json()["trouble"] is None


def test_a_store_that_refuses_because_of_the_clock_says_its_time_too() -> None:
    """S3 answers nobody whose clock is 15 minutes off."""
    world = world_off(timedelta(days=1))
    world.store.trouble = "the store said RequestTimeTooSkewed"
    assert world.check().get_json()["detail"] == "this machine's clock is off by 1 day, 0:00:00"


def test_a_store_that_cannot_be_reached_does_not_make_a_clock_right_again() -> None:
    world = world_off(timedelta(days=1))
    assert world.offered() == 503
    world.store.trouble, world.store.at = "the store could not be reached (ReadTimeoutError)", None
    world.clock.passes(seconds=2)
    assert "clock is off" in world.check().get_json()["detail"]


def test_a_process_that_is_frozen_within_a_look_does_not_doubt_its_clock() -> None:
    """Lambda: asked at noon, answered an hour later, when the next request thaws it."""
    clocks = Clocks(here=NOW, there=NOW + timedelta(hours=1))
    assert clocks.off(NOW + timedelta(hours=1, seconds=1)) is None
    assert clocks.off(NOW) == timedelta(hours=1)


@given(OFF, st.timedeltas(timedelta(0), timedelta(hours=3)), st.timedeltas(timedelta(0), timedelta(hours=3)))
def test_whatever_the_pauses_a_clock_that_is_right_is_never_doubted(
    off: timedelta, until_answered: timedelta, until_asked: timedelta
) -> None:
    here = NOW + off
    there = here + until_answered
    assert Clocks(here, there).off(there + until_asked) is None


@given(OFF)
def test_without_pauses_a_clock_is_doubted_exactly_beyond_the_tolerance(off: timedelta) -> None:
    here = NOW + off
    assert Clocks(here, NOW).off(here) == (abs(off) if abs(off) > TOLERANCE else None)
