"""What staff are told of a catalog, at every moment of a rollout."""

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.console.live import Channel, Coming, Rollout, Stop, Withdrawal, standing
from delivery.endpoint.look import Live
from delivery.endpoint.packed import Packed
from delivery.rules.catalog import Catalog, Stopped, Withdrawn, to_bytes
from delivery.rules.compile import compile
from delivery.rules.timeline import Stage, Waiting
from tests.unit.endpoint.parts import CATALOG, NOW, World, offering

LONG_AGO = NOW - timedelta(days=30)


def told(catalog: Catalog, later: timedelta = timedelta()) -> tuple[dict[str, Channel], tuple[object, ...]]:
    """What is said of the channels, and what is removed."""
    live = Live(World().publish(), compile(catalog), b"", Packed.of(to_bytes(catalog)))
    found = standing(live, NOW + later)
    return {channel.name: channel for channel in found.channels}, (*found.stops, *found.withdrawals)


def stable(*offerings: object, **other: object) -> Channel:
    return told(replace(CATALOG, offerings=offerings, **other))[0]["stable"]  # type: ignore[arg-type]


def staged(version: str, *stages: Stage, **other: object) -> object:
    return replace(offering(version, 1), stages=stages, **other)  # type: ignore[arg-type]


def test_each_channel_says_what_everyone_may_have_and_what_is_on_its_way() -> None:
    channels, _ = told(CATALOG)
    assert set(channels) == {"beta", "stable"}
    assert channels["stable"].everyone["linux-x86_64"] == {"appimage": "1.3.0", "deb": "1.3.0", "rpm": "1.3.0"}
    assert channels["stable"].everyone["darwin-aarch64"] == {"app": "1.3.0"}
    (only,) = channels["stable"].rollouts
    assert (only.version, only.state, only.percent, only.targets) == ("1.4.0", "under way", 10, ())
    assert channels["beta"].rollouts == ()


def test_a_rollout_before_its_first_step_says_when_that_is() -> None:
    start = NOW + timedelta(hours=1)
    (only,) = stable(staged("1.4.0", Stage(start, 100, False, "a:4"))).rollouts
    assert only == Rollout("1.4.0", "not started", 0, (), Coming(10, start, None), only.fact)


def test_a_held_rollout_is_held_at_what_it_had_reached() -> None:
    held = Stage(NOW, 100, True, "a:5")
    (only,) = stable(staged("1.4.0", Stage(LONG_AGO, 250, False, "a:4"), held)).rollouts
    assert (only.state, only.percent, only.coming) == ("held", 10, None)


def test_a_ramp_says_where_it_stands_and_when_it_is_through() -> None:
    ramp = Stage(NOW - timedelta(hours=12), 1000, False, "a:4", over=86_400)
    (only,) = stable(staged("1.4.0", ramp)).rollouts
    assert (only.percent, only.coming) == (50, Coming(100, NOW + timedelta(hours=12), None))


def test_a_step_that_waits_for_its_gate_says_so() -> None:
    waiting = Waiting(NOW, 25, "default", "a:6")
    (only,) = stable(staged("1.4.0", Stage(LONG_AGO, 100, False, "a:4"), waiting=(waiting,))).rollouts
    assert only.coming == Coming(25, NOW, "default")


def test_what_everybody_has_passed_is_history() -> None:
    """An older rollout that was left at 10 % helps nobody any more."""
    old = staged("1.2.0", Stage(LONG_AGO, 100, True, "a:4"))
    everyone = staged("1.3.0", Stage(LONG_AGO, 1000, False, "b:4"))
    assert stable(old, everyone).rollouts == ()
    (only,) = stable(old, replace(everyone, targets=("linux-x86_64",))).rollouts  # type: ignore[type-var]
    assert only.version == "1.2.0"


@pytest.mark.parametrize("versions", [("1.4.0",), None])
def test_a_stop_stands_in_the_list_and_at_the_rollout(versions: tuple[str, ...] | None) -> None:
    stop = Stopped("stable", versions, NOW, "it eats netlists", "releases/stops/a.yaml:1")
    channels, removed = told(replace(CATALOG, stops=(stop,)))
    assert removed == (Stop("stable", versions, NOW, "it eats netlists", "releases/stops/a.yaml:1"),)
    assert channels["stable"].rollouts[0].state == "stopped"
    assert len(channels["stable"].rollouts) == 1
    everyone = channels["stable"].everyone["linux-x86_64"]["appimage"]
    assert everyone == (None if versions is None else "1.3.0")


def test_a_withdrawn_version_is_nobodys_any_more() -> None:
    gone = Withdrawn("stable", "1.3.0", NOW, "malware", "gone", None, None, None, "releases/withdrawals/1.3.0.yaml:1")
    channels, removed = told(replace(CATALOG, withdrawals=(gone,)))
    assert removed == (Withdrawal("stable", "1.3.0", NOW, "malware", "gone", "releases/withdrawals/1.3.0.yaml:1"),)
    assert channels["stable"].everyone["windows-x86_64"] == {"nsis": None, "msi": None}
    assert [(each.version, each.state) for each in channels["stable"].rollouts] == [("1.4.0", "under way")]


def test_a_rollout_that_was_withdrawn_on_its_way_says_so() -> None:
    gone = Withdrawn("stable", "1.4.0", NOW, "malware", "gone", None, None, None, "releases/withdrawals/1.4.0.yaml:1")
    (only,) = told(replace(CATALOG, withdrawals=(gone,)))[0]["stable"].rollouts
    assert (only.version, only.state, only.percent) == ("1.4.0", "withdrawn", 10)
