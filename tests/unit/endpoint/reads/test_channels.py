"""The channels: what everybody may have, what is on its way, what is stopped."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from delivery.rules.catalog import Stopped
from tests.unit.endpoint.parts import CATALOG, CRASH, NOW, STOPPED, World, offering
from tests.unit.endpoint.reads.withdrawn import withdrawn


def stable(world: World) -> dict[str, Any]:
    beta, found = world.get("/v1/channels").get_json()["channels"]
    assert (beta["channel"], found["channel"]) == ("beta", "stable")
    return dict(found)


def newest(world: World) -> dict[str, str | None]:
    return {each["target"]: each["version"] for each in stable(world)["newest"]}


def test_new_visitors_get_the_newest_version_of_everybody_with_an_installer_where_there_is_one(world: World) -> None:
    found = {
        each["target"]: (each["title"], each["version"], each["file"]["bundle"]) for each in stable(world)["newest"]
    }
    assert found == {
        "darwin-aarch64": ("macOS on Apple silicon", "1.3.0", "dmg"),
        "darwin-x86_64": ("macOS on Intel", "1.3.0", "dmg"),
        "linux-x86_64": ("Linux", "1.3.0", "appimage"),
        "windows-x86_64": ("Windows", "1.3.0", "nsis"),
    }


def test_what_is_on_its_way_is_told_and_what_is_history_is_not(world: World) -> None:
    assert [(each["version"], each["standing"]["percent"]) for each in stable(world)["rollouts"]] == [("1.4.0", 10)]
    world.publish(replace(CATALOG, offerings=(offering("1.3.0", 10), offering("1.4.0", 100))))
    world.clock.passes(seconds=11)
    assert stable(world)["rollouts"] == []
    assert set(newest(world).values()) == {"1.4.0"}


def test_a_rollout_for_some_targets_leaves_the_others_their_own_newest(world: World) -> None:
    some = replace(offering("1.4.0", 100), targets=("linux-x86_64",))
    waiting = offering("1.2.0", 10)
    world.publish(replace(CATALOG, offerings=(waiting, offering("1.3.0", 10), some)))
    assert newest(world) == {
        "darwin-aarch64": None,
        "darwin-x86_64": None,
        "linux-x86_64": "1.4.0",
        "windows-x86_64": None,
    }
    assert [each["version"] for each in stable(world)["rollouts"]] == ["1.3.0", "1.2.0"]


def test_a_stopped_channel_offers_nothing_to_new_visitors_and_says_why(world: World) -> None:
    world.publish(STOPPED)
    found = stable(world)
    assert {(each["version"], each["file"]) for each in found["newest"]} == {(None, None)}
    assert [(each["version"], each["standing"]["state"]) for each in found["rollouts"]] == [("1.4.0", "stopped")]
    assert found["stops"] == [
        {"versions": None, "since": "2026-11-25T12:00:00Z", "reason": "it eats netlists", "halted": False}
    ]


def test_a_halt_is_a_stop_and_the_version_below_is_the_newest_then(world: World) -> None:
    world.publish(replace(CATALOG, offerings=(offering("1.2.0", 100), offering("1.3.0", 100))))
    assert set(newest(world).values()) == {"1.3.0"}
    world.halt(CRASH)
    world.clock.passes(seconds=11)
    assert set(newest(world).values()) == {"1.2.0"}
    assert stable(world)["stops"] == [
        {"versions": ["1.3.0"], "since": "2026-11-25T12:00:00Z", "reason": "it crashes at start", "halted": True}
    ]
    assert stable(world)["rollouts"] == []


@pytest.mark.parametrize("what", ["withdrawn", "superseded"])
def test_what_will_never_reach_everybody_is_not_on_its_way(world: World, what: str) -> None:
    newer = replace(offering("1.5.0-beta.1", 10), supersedes="1.4.0", began=NOW - timedelta(hours=1))
    superseded = replace(CATALOG, offerings=(*CATALOG.offerings, newer))
    world.publish(withdrawn("1.4.0", "keep") if what == "withdrawn" else superseded)
    assert "1.4.0" not in [each["version"] for each in stable(world)["rollouts"]]


def test_a_version_that_was_stopped_before_its_last_step_never_reached_everybody(world: World) -> None:
    path = "releases/stops/a.yaml:1"
    early = Stopped("stable", ("1.3.0",), NOW - timedelta(hours=2), "it eats netlists", path)
    world.publish(replace(CATALOG, stops=(early,)))
    assert [each["version"] for each in stable(world)["rollouts"]] == ["1.4.0", "1.3.0"]
    world.publish(replace(CATALOG, stops=(replace(early, at=NOW),)))
    world.clock.passes(seconds=11)
    assert [each["version"] for each in stable(world)["rollouts"]] == ["1.4.0"]
