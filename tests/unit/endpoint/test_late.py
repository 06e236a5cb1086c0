"""No cache ever makes an answer from before old: what was not confirmed in time may be given, but not kept.

An instance that nobody asked for minutes still has what was live then, and so has one whose store does not answer.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import current_thread, main_thread
from time import monotonic, sleep

import pytest

from delivery.endpoint import source
from delivery.endpoint.look import Known, Live
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import LATE, Unavailable
from tests.unit.endpoint.parts import SETTINGS, STOPPED, World

BOUND = LATE * SETTINGS.confirm_after  # seconds
PATHS = ["/v1/update/stable/linux/x86_64/1.2.0?bundle=appimage", "/v1/head", "/v1/catalog"]


@pytest.fixture
def world() -> World:
    world = World()
    world.publish()
    return world


def kept(world: World, path: str = PATHS[0]) -> str:
    return world.get(path).headers["Cache-Control"]


def test_the_bound_of_a_halt_is_kept_without_any_purge() -> None:
    assert BOUND + 30 + 1 <= 60  # a cache counts whole seconds


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_kept_while_its_head_was_confirmed_in_time_and_not_by_anybody_afterwards(
    world: World, path: str
) -> None:
    kept(world, path)
    world.store.trouble = "the store said SlowDown"
    world.clock.passes(seconds=BOUND - 1)
    assert kept(world, path) == "public, max-age=30"
    world.clock.passes(seconds=1)
    assert kept(world, path) == "no-store"
    assert world.get(path).status_code == 200
    world.store.trouble = None
    world.clock.passes(seconds=1)
    assert kept(world, path) == "public, max-age=30"


def test_all_who_ask_an_instance_that_slept_wait_for_its_look_and_not_only_the_first(world: World) -> None:
    assert world.offered() == "1.3.0"
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=200)
    world.store.open.clear()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(world.offered) for _ in range(4)]
        sleep(0.05)
        world.store.open.set()
        assert [each.result() for each in asked] == [204] * 4


def test_nobody_waits_longer_than_the_budget_of_a_look_that_hangs(world: World) -> None:
    world.check()
    world.clock.passes(seconds=200)
    world.store.open.clear()
    try:
        world.check()  # its budget is over
        began = monotonic()
        assert [kept(world) for _ in range(20)] == ["no-store"] * 20
        assert monotonic() - began < 20 * SETTINGS.budget / 2
    finally:
        world.store.open.set()


def test_lateness_is_of_what_is_answered_from_and_not_of_a_look_that_ends_a_moment_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.check()
    world.clock.passes(seconds=200)
    world.store.open.clear()
    world.check()  # its budget is over, and the look still hangs
    judged, look, calls = source.standing, world.source._look, iter((False, True))
    assert look is not None

    def slowly(known: Known, settings: Settings, now: datetime) -> Live | Unavailable:
        """The look ends just after it was judged, for the second time, what to answer from."""
        found = judged(known, settings, now)
        if current_thread() is main_thread() and next(calls):
            world.store.open.set()
            look.result(10)
        return found

    monkeypatch.setattr(source, "standing", slowly)
    live, is_late = world.source.answering(world.clock.now)
    assert isinstance(live, Live)
    assert is_late
    monkeypatch.undo()
    assert not world.source.is_late(world.clock.now)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_keeps_an_answer_that_was_made_while_the_look_was_under_way(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(world, path)
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=200)
    world.store.open.clear()
    answering = world.source.answering

    def then_the_look_ends(now: datetime) -> tuple[Live | Unavailable, bool]:
        found = answering(now)
        world.store.open.set()
        assert world.source._look is not None
        world.source._look.result(10)
        return found

    monkeypatch.setattr(world.source, "answering", then_the_look_ends)
    assert kept(world, path) == "no-store"
    assert kept(world, path) == "public, max-age=30"
