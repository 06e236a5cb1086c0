"""The public history at the endpoint: as the live stack wrote it, and what is halted since."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import msgspec
import pytest

from delivery.endpoint.reads.history import KEY, History, Shelf
from delivery.endpoint.store import Absent, Fetched, Unchanged
from delivery.rules.brake import Halt
from delivery.rules.ledger import Live, feed, ledger
from tests.unit.endpoint.parts import CATALOG, COMMIT, CRASH, NOW, MemoryStore, World

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def written(catalog: Any = CATALOG) -> bytes:
    """What `public_history` writes, of a repository with one commit."""
    records = ledger([Live(COMMIT, BEGAN, catalog)], NOW)
    return json.dumps(feed(records, catalog), indent=1).encode() + b"\n"


def records(world: World, query: str = "") -> list[tuple[str, float, str, str | None, str]]:
    found = world.get(f"/v1/history{query}").get_json()["releases"]
    return [
        (each["version"], each["fraction"], each["serving"]["start"], each["serving"]["end"], each["reason"])
        for each in found
    ]


@pytest.fixture
def world() -> World:
    world = World()
    world.publish()
    world.store.objects[KEY] = written()
    return world


def test_it_says_what_the_live_stack_wrote_key_for_key(world: World) -> None:
    response = world.get("/v1/history")
    assert response.get_json() == json.loads(written())
    assert response.headers["Cache-Control"] == "public, max-age=30"


def test_a_ramp_keeps_the_name_of_its_start(world: World) -> None:
    first, *others = CATALOG.offerings
    ramp = replace(first.stages[0], at=NOW - timedelta(hours=1), over=7200)
    world.store.objects[KEY] = written(replace(CATALOG, offerings=(replace(first, stages=(ramp,)), *others)))
    [told] = [each for each in world.get("/v1/history").get_json()["releases"] if each["ramp"]]
    assert told["ramp"] == {"from": 0.0, "until": "2026-11-25T13:00:00Z"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?channel=beta", ["1.5.0-beta.1+7"]),
        ("?channel=stable&version=1.4.0", ["1.4.0", "1.4.0"]),
        ("?version=1.4.0&limit=1", ["1.4.0"]),
        ("?version=1.2.0", []),
    ],
)
def test_a_query_narrows_it(world: World, query: str, found: list[str]) -> None:
    assert [each[0] for each in records(world, query)] == found


@pytest.mark.parametrize(
    ("query", "status"),
    [("?channel=nightly", 404), ("?version=9.9.9", 404), ("?limit=many", 400), ("?limit=2001", 400)],
)
def test_a_query_that_nobody_can_mean_is_refused(world: World, query: str, status: int) -> None:
    assert world.get(f"/v1/history{query}").status_code == status


def test_a_halt_ends_what_was_still_offered_and_names_no_commit(world: World) -> None:
    before = records(world, "?version=1.3.0")
    assert before == [
        ("1.3.0", 1.0, "2026-11-25T11:00:00Z", None, "step"),
        ("1.3.0", 0.01, "2026-11-24T11:00:00Z", "2026-11-25T11:00:00Z", "step"),
    ]
    world.halt(CRASH)
    world.clock.passes(seconds=11)
    assert records(world, "?version=1.3.0") == [
        ("1.3.0", 0.0, "2026-11-25T12:00:00Z", None, "stopped"),
        ("1.3.0", 1.0, "2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z", "step"),
        before[1],
    ]
    found = world.get("/v1/history?version=1.3.0").get_json()["releases"]
    assert [each["commit"] for each in found] == [None, COMMIT, COMMIT]
    assert records(world, "?version=1.4.0")[0][1:] == (0.1, "2026-11-25T11:00:00Z", None, "step")


def test_a_halt_that_was_earlier_than_a_step_leaves_nothing_of_the_step(world: World) -> None:
    world.halt(Halt("early", "stable", None, NOW - timedelta(hours=2), "it crashes"))
    world.clock.passes(seconds=11)
    assert records(world, "?version=1.4.0") == [
        ("1.4.0", 0.0, "2026-11-25T11:00:00Z", None, "stopped"),
        ("1.4.0", 0.01, "2026-11-24T11:00:00Z", "2026-11-25T11:00:00Z", "step"),
    ]


def test_of_two_halts_the_first_one_ended_it(world: World) -> None:
    world.halt(replace(CRASH, name="second", at=NOW), replace(CRASH, at=NOW - timedelta(minutes=5)))
    assert records(world, "?version=1.3.0")[0][2] == "2026-11-25T11:55:00Z"


def test_a_new_history_is_seen_within_ten_seconds_and_the_store_is_not_asked_more_often(world: World) -> None:
    world.get("/v1/history")
    world.store.objects[KEY] = written(replace(CATALOG, offerings=CATALOG.offerings[:1]))
    for _ in range(3):
        assert len(records(world)) > 1
    assert [key for key, _ in world.store.asked].count(KEY) == 1
    world.clock.passes(seconds=10)
    assert len(records(world)) == 1
    assert [etag is None for key, etag in world.store.asked if key == KEY] == [True, False]


@pytest.mark.parametrize("broken", [b"", b"{}", b"<html>", b'{"product": 1}'])
def test_the_last_history_that_could_be_read_is_told_while_the_store_has_no_better(world: World, broken: bytes) -> None:
    before = records(world)
    world.store.objects[KEY] = broken
    world.clock.passes(seconds=10)
    assert records(world) == before


@pytest.mark.parametrize("broken", [None, b"<html>"])
def test_without_any_history_it_is_503_and_everything_else_is_answered(world: World, broken: bytes | None) -> None:
    del world.store.objects[KEY]
    if broken:
        world.store.objects[KEY] = broken
    response = world.get("/v1/history")
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.get_json()["detail"] == "the history cannot be had now; the downloads host has it, too"
    assert world.offered() == "1.3.0"


class HangsAt(MemoryStore):
    """A store that does not give one object until it is let go."""

    def __init__(self, held: str) -> None:
        super().__init__()
        self.held, self.free = held, Event()

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:
        if key == self.held:
            self.asked.append((key, etag))
            self.free.wait(30)
        return super().get(key, etag)


@pytest.fixture
def hanging() -> Iterator[World]:
    store = HangsAt(KEY)
    world = World(store=store)
    world.publish()
    world.offered()
    yield world
    store.free.set()


def test_a_store_that_hangs_takes_no_thread_from_those_who_answer(hanging: World) -> None:
    """More ask for the history than a server has threads, and nobody looks while another one does."""
    with ThreadPoolExecutor(4) as server:
        histories = [server.submit(hanging.get, "/v1/history") for _ in range(12)]
        checks = [server.submit(hanging.offered) for _ in range(12)]
        assert [each.result(10) for each in checks] == ["1.3.0"] * 12
        assert {each.result(10).status_code for each in histories} == {503}
    assert [key for key, _ in hanging.store.asked].count(KEY) == 1
    hanging.clock.passes(seconds=60)
    assert hanging.get("/v1/history").status_code == 503
    assert [key for key, _ in hanging.store.asked].count(KEY) == 1


def test_while_a_look_takes_long_the_last_history_is_told_and_the_look_bears_fruit_later(world: World) -> None:
    before = records(world)
    world.store.open.clear()
    world.store.objects[KEY] = written(replace(CATALOG, offerings=CATALOG.offerings[:1]))
    shelf = Shelf(world.store, 0.01)
    shelf._history = msgspec.json.decode(written(), type=History)
    told = shelf.history(NOW)
    assert told is not None
    assert len(told.releases) == len(before)
    world.store.open.set()
    shelf._thread.shutdown()
    later = shelf.history(NOW)
    assert later is not None
    assert len(later.releases) == 1
