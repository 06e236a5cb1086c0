"""From facts to a catalog: what a reader must know, and nothing that ended."""

from dataclasses import replace
from typing import Any

import pytest

from delivery.rules.catalog import FEATURES
from delivery.rules.facts import Facts, Filed, Flag, Flagd, Notice, Outcome
from tests.unit.rules.worlds import (
    at,
    barrier,
    block,
    catalog,
    critical,
    deadend,
    experiment,
    hold,
    holdback,
    step,
    stop,
    withdrawal,
    world,
)

PLAIN: dict[str, Any] = {"stable/1.3.0": [step(100)], "stable/1.4.0": [step(10)]}
FLAG = Flag("dark", "@core", "2027-06-30", Flagd("ENABLED", {"on": True, "off": False}, "off"))
NOTICE = Notice("bye", ("stable",), "<1.3.0", at(-1), "Please update.")


def with_more(kind: str, name: str, fact: Any) -> Facts:
    return replace(world(PLAIN), **{kind: {name: Filed(f"releases/{kind}/{name}.yaml", fact)}})


USES = {
    "barriers": world(PLAIN, barriers=[barrier("1.3.0")]),
    "blocks": world(PLAIN, blocks=[block("<1.3.0", "=1.4.0")]),
    "critical": world({**PLAIN, "stable/1.4.0": [step(10), critical("1.3.0")]}),
    "deadends": world(PLAIN, deadends=[deadend("1.3.0")]),
    "experiments": world(PLAIN, experiments=[experiment("dark", 10, {"dark": "on"})]),
    "flags": with_more("flags", "dark", FLAG),
    "installed": world(PLAIN, withdrawals=[withdrawal("1.4.0", installed="downgrade-to 1.3.0")]),
    "minimum-os": world(PLAIN, minimum_os={"1.4.0": "12"}),
    "notices": with_more("notices", "bye", NOTICE),
    "offer-instead": world(PLAIN, withdrawals=[withdrawal("1.4.0", instead="1.3.0")]),
    "ramps": world({**PLAIN, "stable/1.4.0": [step(10, over="10h")]}),
    "supersedes": world({**PLAIN, "stable/1.5.0": [step(0)]}, supersedes={"stable/1.5.0": "1.4.0"}),
    "targets": world(PLAIN, only={"stable/1.4.0": ("linux-x86_64",)}),
}


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_a_catalog_names_each_feature_that_its_facts_use(feature: str) -> None:
    assert catalog(USES[feature]).requires == (feature,)


def test_plain_facts_need_no_feature() -> None:
    assert catalog(world(PLAIN, stops=[stop("stable", "1.4.0")], withdrawals=[withdrawal("1.4.0")])).requires == ()


LIFTED = {
    "withdrawals": world(PLAIN, withdrawals=[withdrawal("1.4.0", lifted=True)]),
    "stops": world(PLAIN, stops=[stop("stable", lifted=True)]),
    "barriers": world(PLAIN, barriers=[barrier("1.3.0", lifted=True)]),
    "deadends": world(PLAIN, deadends=[deadend("1.3.0", lifted=True)]),
    "blocks": world(PLAIN, blocks=[block("<1.3.0", "=1.4.0", lifted=True)]),
}


@pytest.mark.parametrize("kind", sorted(LIFTED))
def test_what_was_lifted_is_in_no_catalog(kind: str) -> None:
    assert catalog(LIFTED[kind]) == catalog(world(PLAIN))


def test_a_withdrawal_from_two_channels_is_one_of_each() -> None:
    found = catalog(world(PLAIN, withdrawals=[withdrawal("1.4.0", "stable", "beta")])).withdrawals
    assert [each.channel for each in found] == ["beta", "stable"]


def test_a_decided_holdback_keeps_nobody_back_any_more() -> None:
    back = holdback("stable/1.4.0", 10)
    decided = replace(back, decision=Outcome("none", at(0), "no difference"))
    held = [
        trial.holdback for each in (back, decided) for trial in catalog(world(PLAIN, experiments=[each])).experiments
    ]
    assert held == ["stable/1.4.0", None]


def test_a_rollout_says_when_it_began_and_names_its_lines() -> None:
    (offering,) = catalog(world({"stable/1.4.0": [step(0, -9), step(10, -8), hold(0, -7)]})).offerings
    assert offering.began == at(-8)
    assert {stage.fact for stage in offering.stages} == {"releases/rollouts/stable/1.4.0.yaml:7"}
