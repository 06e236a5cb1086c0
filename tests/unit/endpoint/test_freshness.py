"""When the head is looked at, what is believed, and how long the last good catalog answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from delivery.endpoint.source import PATIENCE_S
from delivery.rules.brake import OVERRIDE_KEY
from delivery.rules.catalog import HEAD_KEY, Catalog, object_key, sha256, to_bytes
from delivery.rules.head import RESIGN_AFTER
from tests.unit.endpoint.parts import CATALOG, NOW, SETTINGS, STOPPED, World, new_key

STOPPED_KEY = object_key(sha256(to_bytes(STOPPED)))


def detail(world: World) -> str:
    response = world.check()
    assert response.status_code == 503
    return str(response.get_json()["detail"])


def trouble(world: World) -> str | None:
    """What readiness says is wrong while it would still answer."""
    response = world.get("/readyz")
    assert response.status_code == 200
    told: str | None = response.get_json()["trouble"]
    return told


# --- when it looks ------------------------------------------------------------------------------------------------


def test_a_head_confirmed_less_than_ten_seconds_ago_is_not_looked_at(world: World) -> None:
    world.check()
    asked = len(world.store.asked)
    world.clock.passes(seconds=9.9)
    world.check()
    assert len(world.store.asked) == asked


def test_after_ten_seconds_the_head_is_asked_for_by_its_tag_and_the_catalog_not_at_all(world: World) -> None:
    world.check()
    tag = sha256(world.store.objects[HEAD_KEY])
    world.store.asked.clear()
    for _ in range(3):
        world.clock.passes(seconds=10)
        assert world.offered() == "1.3.0"
    assert world.store.asked == [(OVERRIDE_KEY, None), (HEAD_KEY, tag)] * 3


def test_a_head_only_signed_anew_does_not_load_its_catalog_again(world: World) -> None:
    world.check()
    world.clock.passes(hours=12)
    world.publish()
    world.store.asked.clear()
    assert world.get("/readyz").get_json()["age_s"] == 0
    assert [key for key, _ in world.store.asked] == [OVERRIDE_KEY, HEAD_KEY]


def test_a_process_is_told_each_time_that_another_catalog_answers_from_now_on(world: World) -> None:
    world.check()
    world.clock.passes(seconds=11)
    world.check()  # which finds nothing new
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=11)
    world.check()
    assert [live and live.head.serial for live in world.loads] == [7, 8]


def test_health_and_readiness_look_by_themselves(world: World) -> None:
    assert world.get("/healthz").status_code == 200
    assert world.store.asked == []
    assert world.get("/readyz").get_json()["serial"] == 7


# --- when it stops answering --------------------------------------------------------------------------------------


def test_a_store_that_fails_is_bridged_for_five_minutes_and_then_503(world: World) -> None:
    world.check()
    world.store.trouble = "the store said SlowDown"
    world.clock.passes(seconds=299)
    assert world.offered() == "1.3.0"
    assert trouble(world) == "the override was not taken: the store said SlowDown"
    world.clock.passes(seconds=1)
    assert detail(world) == "the head was not confirmed for 300 seconds"
    assert world.get("/readyz").status_code == 503
    world.store.trouble = None
    world.clock.passes(seconds=1)
    assert world.offered() == "1.3.0"
    assert trouble(world) is None


def test_an_instance_that_slept_for_an_hour_looks_before_it_answers(world: World) -> None:
    world.check()
    world.publish(STOPPED, serial=8)
    world.clock.passes(hours=1)
    assert world.offered() == 204


def test_an_expired_head_is_503_even_when_the_store_confirms_it(world: World) -> None:
    world.publish(expires=NOW + timedelta(seconds=60))
    world.check()
    world.clock.passes(seconds=59)
    assert world.offered() == "1.3.0"
    world.clock.passes(seconds=1)
    assert detail(world) == "the head of serial 7 expired"
    world.publish()
    world.clock.passes(seconds=1)
    assert world.offered() == "1.3.0"


def test_a_head_expired_from_the_start_is_never_taken() -> None:
    world = World()
    world.publish(expires=NOW)
    assert detail(world) == f"the head was not taken: it expired at {NOW.isoformat()}"


def test_an_outage_costs_one_look_a_second_and_not_one_a_request() -> None:
    world = World()
    for _ in range(5):
        world.check()
    assert world.store.asked == [(OVERRIDE_KEY, None), (HEAD_KEY, None)]
    world.clock.passes(seconds=1)
    world.check()
    assert len(world.store.asked) == 4


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_jumps_makes_it_look_again_and_not_trust_longer(world: World, days: int) -> None:
    world.check()
    world.store.trouble = "the store said SlowDown"
    world.clock.passes(days=days)
    assert world.check().status_code == 503
    world.store.trouble = None
    world.clock.passes(seconds=1)
    assert world.get("/readyz").status_code == 200


# --- what it believes ---------------------------------------------------------------------------------------------


def test_an_older_head_played_again_is_refused(world: World) -> None:
    old = dict(world.store.objects)
    world.publish(STOPPED, serial=8)
    assert world.offered() == 204
    world.store.objects.update(old)
    world.clock.passes(seconds=10)
    assert world.offered() == 204
    assert trouble(world) == "the head was not taken: it has serial 7, older than 8 which was seen before"
    world.clock.passes(minutes=5)
    assert world.check().status_code == 503


def test_an_older_head_is_not_confirmed_once_a_newer_one_was_seen_whose_catalog_could_not_be_had(world: World) -> None:
    world.check()
    old = world.store.objects[HEAD_KEY]
    world.publish(STOPPED, serial=8)
    del world.store.objects[STOPPED_KEY]
    world.clock.passes(seconds=10)
    world.check()
    world.store.objects[HEAD_KEY] = old
    world.clock.passes(minutes=5)
    assert world.check().status_code == 503
    assert "older than 8" in str(world.source.known.trouble)


def test_an_earlier_signing_of_the_same_serial_is_refused(world: World) -> None:
    old = world.store.objects[HEAD_KEY]
    world.clock.passes(seconds=RESIGN_AFTER.total_seconds())
    world.publish()
    world.check()
    world.store.objects[HEAD_KEY] = old
    world.clock.passes(seconds=10)
    assert "older than 7" in str(trouble(world))


def test_a_head_signed_by_another_key_is_refused(world: World) -> None:
    world.check()
    world.publish(STOPPED, signer=new_key()[0], serial=8)
    world.clock.passes(seconds=10)
    assert world.offered() == "1.3.0"
    assert trouble(world) == "the head was not taken: no trusted key signed it"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"environment": "production"}, "it is the head of espice production, not of espice staging"),
        ({"product": "other"}, "it is the head of other staging, not of espice staging"),
    ],
)
def test_a_head_of_another_place_is_refused(said: dict[str, Any], told: str) -> None:
    world = World()
    world.publish(**said)
    assert detail(world) == f"the head was not taken: {told}"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 3000, b'{"payload": 1}'])
def test_a_head_that_is_no_envelope_is_refused(world: World, data: bytes) -> None:
    world.check()
    world.store.objects[HEAD_KEY] = data
    world.clock.passes(seconds=10)
    assert world.offered() == "1.3.0"
    assert str(trouble(world)).startswith("the head was not taken: ")


def test_a_catalog_that_is_not_the_one_its_head_names_is_refused(world: World) -> None:
    world.check()
    world.publish(STOPPED, serial=8)
    world.store.objects[STOPPED_KEY] = to_bytes(CATALOG)
    world.clock.passes(seconds=10)
    assert world.offered() == "1.3.0"
    assert trouble(world) == ("the catalog of serial 8 was not taken: its bytes are not the ones that the head names")
    world.clock.passes(minutes=5)
    assert world.check().status_code == 503


def test_a_catalog_of_another_environment_is_refused_although_the_head_names_it() -> None:
    world = World()
    world.publish(replace(CATALOG, environment="production"))
    assert detail(world) == "the catalog of serial 7 was not taken: it is the catalog of espice production"


def test_a_catalog_that_is_not_there_is_asked_for_again(world: World) -> None:
    world.check()
    world.publish(STOPPED, serial=8)
    catalog = world.store.objects.pop(STOPPED_KEY)
    world.clock.passes(seconds=10)
    assert world.offered() == "1.3.0"
    world.store.objects[STOPPED_KEY] = catalog
    world.clock.passes(seconds=1)
    assert world.offered() == 204


def newer_schema() -> bytes:
    said = json.loads(to_bytes(CATALOG))
    return json.dumps({**said, "schema": 99}).encode()


def test_a_catalog_that_needs_a_newer_build_keeps_the_last_good_one_until_its_own_head_expires(world: World) -> None:
    world.check()
    data = newer_schema()
    world.publish(serial=8, sha256=sha256(data))
    world.store.objects[object_key(sha256(data))] = data
    said = "the catalog of serial 8 was not taken: the catalog has schema 99, this code reads 1"
    for _ in range(3):  # far beyond five minutes: the store does confirm what is to be known
        world.clock.passes(hours=1)
        assert world.offered() == "1.3.0"
        assert trouble(world) == said
    assert [key for key, _ in world.store.asked].count(object_key(sha256(data))) == 1
    world.store.trouble = "the store said SlowDown"
    world.clock.passes(seconds=10)
    assert trouble(world) == "the override was not taken: the store said SlowDown"
    world.store.trouble = None
    world.clock.passes(seconds=10)
    assert trouble(world) == said
    world.clock.passes(days=3)
    assert detail(world) == "the head of serial 7 expired"


def test_a_missing_feature_is_named() -> None:
    world = World()
    world.publish(replace(CATALOG, requires=("time-travel",)))
    assert detail(world).endswith("the catalog needs time-travel, which this code lacks")


def test_a_fault_of_ours_in_a_look_is_told_and_bridged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.check()

    def broken(_: Catalog) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("delivery.endpoint.look.compile", broken)
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=10)
    assert world.offered() == "1.3.0"
    assert trouble(world) == "the look failed: ZeroDivisionError"


def test_what_a_look_finds_is_logged_once_and_not_with_each_request(world: World) -> None:
    for _ in range(3):
        world.check()
        world.clock.passes(seconds=10)
    world.store.trouble = "the store said SlowDown"
    for _ in range(3):
        world.check()
        world.clock.passes(seconds=10)
    assert [line for line in world.said if line["event"] == "look"] == [
        {"event": "look", "serial": 7, "override": None, "trouble": None},
        {
            "event": "look",
            "serial": 7,
            "override": None,
            "trouble": "the override was not taken: the store said SlowDown",
        },
    ]


# --- threads ------------------------------------------------------------------------------------------------------


@contextmanager
def hanging(world: World) -> Iterator[None]:
    """The store answers nobody meanwhile."""
    world.store.open.clear()
    try:
        yield
    finally:
        world.store.open.set()


def eventually(world: World, offered: str | int) -> bool:
    end = monotonic() + 5
    while monotonic() < end:
        if world.offered() == offered:
            return True
        sleep(0.01)
    return False


def test_an_answer_waits_no_longer_than_its_budget_and_the_late_look_serves_the_next(world: World) -> None:
    world.check()
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=10)
    with hanging(world):
        began = monotonic()
        assert world.offered() == "1.3.0"
        assert SETTINGS.budget <= monotonic() - began < SETTINGS.budget + 0.5
    assert eventually(world, 204)


def test_while_one_look_hangs_the_others_answer_at_once_and_nobody_starts_a_second(world: World) -> None:
    world.check()
    world.store.asked.clear()
    world.clock.passes(seconds=10)
    with hanging(world):
        world.check()
        began = monotonic()
        for _ in range(20):
            world.clock.passes(seconds=2)
            assert world.offered() == "1.3.0"
        assert monotonic() - began < SETTINGS.budget
        assert len(world.store.asked) == 1


def test_at_a_cold_start_all_threads_wait_for_the_one_look() -> None:
    world, began = World(), Event()
    world.publish()
    offers: list[str | int] = []

    def ask() -> None:
        began.set()
        offers.append(world.offered())

    threads = [Thread(target=ask) for _ in range(8)]
    with hanging(world):
        for thread in threads:
            thread.start()
        sleep(0.1)
        assert offers == []
    for thread in threads:
        thread.join()
    assert offers == ["1.3.0"] * 8
    assert len(world.store.asked) == 3  # the override, the head and its catalog


@pytest.mark.slow
def test_a_cold_start_with_a_hanging_store_is_503_within_two_seconds() -> None:
    world = World()
    with hanging(world):
        began = monotonic()
        assert detail(world) == "no head was seen yet"
        assert monotonic() - began < 2


def test_who_comes_late_to_a_look_that_hangs_waits_for_the_rest_of_it_only() -> None:
    world = World()
    world.store.open.clear()
    assert world.check().status_code == 503  # it waited for as long as anybody does
    began = monotonic()
    statuses = {world.check().status_code for _ in range(20)}  # as a thread answers them that has a queue of them
    assert statuses == {503}
    assert monotonic() - began < 10 * PATIENCE_S  # and not 20 times as long as anybody does
    world.store.open.set()
