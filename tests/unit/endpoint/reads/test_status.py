"""What a status page is told."""

from dataclasses import replace
from datetime import timedelta

from delivery.rules.catalog import Stopped, Told
from tests.unit.endpoint.parts import CATALOG, COMMIT, CRASH, NOW, STOPPED, World


def test_it_says_which_facts_are_live_and_until_when_they_are_believed(world: World) -> None:
    head = world.publish()
    assert world.get("/v1/status").get_json() == {
        "product": "espice",
        "environment": "staging",
        "serial": 7,
        "commit": COMMIT,
        "catalog": head.sha256,
        "issued": "2026-11-25T12:00:00Z",
        "expires": "2026-11-28T12:00:00Z",
        "troubles": [],
        "channels": [
            {"channel": "beta", "state": "open", "stops": []},
            {"channel": "stable", "state": "open", "stops": []},
        ],
        "notices": [],
    }


def test_a_channel_is_stopped_whole_or_in_part_by_a_fact_or_by_the_brake(world: World) -> None:
    def state() -> list[tuple[str, list[bool]]]:
        world.clock.passes(seconds=11)
        channels = world.get("/v1/status").get_json()["channels"]
        return [(each["state"], [stop["halted"] for stop in each["stops"]]) for each in channels]

    world.publish(replace(CATALOG, stops=(Stopped("beta", ("1.5.0-beta.1+7",), NOW, "old", "a:1"),)))
    assert state() == [("partly-stopped", [False]), ("open", [])]
    world.publish(STOPPED)
    assert state() == [("open", []), ("stopped", [False])]
    world.publish()
    world.halt(CRASH)
    assert state() == [("open", []), ("partly-stopped", [True])]
    world.halt(CRASH, replace(CRASH, name="all", versions=None), number=2)
    assert state() == [("open", []), ("stopped", [True, True])]


def test_a_notice_is_told_from_its_time_on_and_nothing_is_kept_past_that(world: World) -> None:
    soon = NOW + timedelta(seconds=12)
    notice = Told("eol", ("stable",), "<1.3.0", soon, "1.2 gets no more fixes.", None, "2027-01-01", "a:1")
    world.publish(replace(CATALOG, notices=(notice,)))
    first = world.get("/v1/status")
    assert (first.get_json()["notices"], first.headers["Cache-Control"]) == ([], "public, max-age=12")
    world.clock.passes(seconds=12)
    assert world.get("/v1/status").get_json()["notices"] == [
        {
            "notice": "eol",
            "channels": ["stable"],
            "versions": "<1.3.0",
            "at": "2026-11-25T12:00:12Z",
            "text": "1.2 gets no more fixes.",
            "url": None,
            "support_ends": "2027-01-01",
        }
    ]


def test_what_may_soon_end_it_is_told_before_it_does(world: World) -> None:
    world.get("/v1/status")
    world.store.trouble = "the store said AccessDenied"
    world.clock.passes(seconds=20)
    [trouble] = world.get("/v1/status").get_json()["troubles"]
    assert "AccessDenied" in trouble
    world.store.trouble = None
    world.clock.passes(hours=47, minutes=59)
    assert world.get("/v1/status").get_json()["troubles"] == []
    world.clock.passes(minutes=2)
    late = world.get("/v1/status")
    assert late.get_json()["troubles"] == ["the head expires in 23 hours"]
    assert late.headers["Cache-Control"] == "public, max-age=30"
