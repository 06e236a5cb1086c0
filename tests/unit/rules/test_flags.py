"""Which variant an installation gets, and who gets another one."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.catalog import Catalog, Trial, from_bytes, to_bytes
from delivery.rules.facts import Flagd
from delivery.rules.flags import Edited, Variant, assign, compare_flags, edited
from delivery.rules.precedence import precedence
from tests.examples import examples
from tests.unit.rules.worlds import NOON, at, catalog, step, world

EMPTY = catalog(world({"stable/1.4.0": [step(100)]}))


def flag(default: str = "off", state: str = "ENABLED", **more: object) -> Flagd:
    return Flagd(state, {"on": True, "off": False}, default, **more)  # type: ignore[arg-type]


def trial(name: str = "faster", percent: int = 20, **more: object) -> Trial:
    made = Trial(
        name, "start", name, "stable", ">=1.3.0", percent, at(-1), at(100),
        {"control": 50, "quick": 50}, {"control": {}, "quick": {"router": "on"}}, None, None, "a.yaml:1",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def these(flags: Mapping[str, Flagd], *experiments: Trial) -> Catalog:
    return replace(EMPTY, flags=flags, experiments=experiments)


def those_with(of: Catalog, variant: str, version: str = "1.4.0", channel: str = "stable") -> set[int]:
    return {cohort for cohort in range(1000) if assign(of, channel, version, cohort, NOON)["router"] == variant}


def test_without_experiments_everybody_gets_the_default() -> None:
    assert assign(these({"router": flag()}), "stable", "1.4.0", 7, NOON) == {"router": "off"}


def test_a_flag_that_is_switched_off_is_left_to_the_program() -> None:
    assert assign(these({"router": flag(state="DISABLED")}), "stable", "1.4.0", 7, NOON) == {}


def test_arms_divide_the_audience_by_weight_and_the_others_keep_the_default() -> None:
    assert len(those_with(these({"router": flag()}, trial()), "on")) == 100
    third = trial(weights={"control": 1, "quick": 2})
    assert len(those_with(these({"router": flag()}, third), "on")) == 134


@pytest.mark.parametrize(
    ("version", "channel", "cohort"), [("1.2.9", "stable", None), ("1.4.0", "beta", None), ("1.4.0", "stable", -1)]
)
def test_who_is_not_in_the_audience_or_has_no_cohort_is_in_no_experiment(
    version: str, channel: str, cohort: int | None
) -> None:
    found = these({"router": flag()}, trial(percent=100, weights={"quick": 1}))
    asked = None if cohort == -1 else 7
    assert assign(found, channel, version, asked, NOON) == {"router": "off"}
    assert assign(found, "stable", "1.4.0", 7, NOON) == {"router": "on"}


def test_an_experiment_runs_from_its_start_until_its_end() -> None:
    found = these({"router": flag()}, trial(percent=100, weights={"quick": 1}))
    given = [assign(found, "stable", "1.4.0", 7, at(hours))["router"] for hours in (-2, -1, 99, 100)]
    assert given == ["off", "on", "on", "off"]


def test_an_installation_is_in_one_experiment_of_a_layer_at_most() -> None:
    flags = {"router": flag(), "canvas": flag()}
    others = trial("later", 100, start=at(-0.5), weights={"quick": 1}, flags={"quick": {"canvas": "on"}})
    found = these(flags, trial(weights={"quick": 1}), others)
    given = [assign(found, "stable", "1.4.0", cohort, NOON) for cohort in range(1000)]
    assert sum(each == {"canvas": "off", "router": "on"} for each in given) == 200
    assert sum(each == {"canvas": "on", "router": "off"} for each in given) == 800


def test_who_is_held_back_from_a_rollout_is_in_no_other_experiment_of_its_layer() -> None:
    keeps = trial("without", 50, start=at(-0.5), weights={}, flags={}, holdback="stable/1.4.0")
    found = these({"router": flag()}, trial(percent=100, weights={"quick": 1}), keeps)
    assert len(those_with(found, "on")) == 500


def test_a_decision_gives_its_arm_to_everybody_in_the_audience() -> None:
    decided = these({"router": flag()}, trial(kept="quick"))
    assert assign(decided, "stable", "1.4.0", None, at(1000)) == {"router": "on"}
    assert assign(decided, "stable", "1.2.0", None, NOON) == {"router": "off"}
    assert assign(these({"router": flag()}, trial(kept="none")), "stable", "1.4.0", 7, NOON) == {"router": "off"}


def test_a_catalog_from_bytes_assigns_the_same() -> None:
    made = these({"router": flag()}, trial(weights={"quick": 3, "control": 1, "a": 1}))
    again = from_bytes(to_bytes(made))
    for cohort in range(0, 1000, 7):
        assert assign(made, "stable", "1.4.0", cohort, NOON) == assign(again, "stable", "1.4.0", cohort, NOON)


# --- who gets another variant -------------------------------------------------------------------------------------


def test_nobody_gets_another_variant_where_nothing_was_said_of_flags() -> None:
    assert compare_flags(EMPTY, EMPTY, NOON) == ()


def test_another_default_reaches_everybody_on_every_channel() -> None:
    (change,) = compare_flags(these({"router": flag()}), these({"router": flag("on")}), NOON)
    everyone = frozenset({None, *range(1000)})
    assert change == Variant(
        "router", ("beta", "stable"), None, None, everyone, NOON, None, "off", "on", is_targeted=False
    )


def test_an_experiment_names_its_cohorts_versions_and_times() -> None:
    flags = {"router": flag()}
    (change,) = compare_flags(these(flags), these(flags, trial(start=at(5), end=at(9))), NOON)
    assert (change.channels, change.least, change.below) == (("stable",), "1.3.0", None)
    assert (change.since, change.until, len(change.people)) == (at(5), at(9), 100)


def test_a_flag_that_is_new_or_switched_off_is_compared_with_what_the_program_does() -> None:
    (change,) = compare_flags(EMPTY, these({"router": flag()}), NOON)
    assert (change.before, change.after) == (None, "off")
    (change,) = compare_flags(these({"router": flag()}), these({"router": flag(state="DISABLED")}), NOON)
    assert (change.before, change.after) == ("off", None)


def test_a_flag_with_targeting_of_its_own_is_marked() -> None:
    targeted = these({"router": flag(targeting={"if": [True, "on"]})})
    assert [each.is_targeted for each in compare_flags(EMPTY, targeted, NOON)] == [True]
    assert [each.is_targeted for each in compare_flags(targeted, these({"router": flag("on")}), NOON)] == [True]
    assert [each.is_targeted for each in compare_flags(EMPTY, these({"router": flag()}), NOON)] == [False]


def test_other_rules_of_a_flag_are_named() -> None:
    other = these({"router": flag(targeting={"if": [True, "on", "off"]})})
    assert edited(these({"router": flag()}), other) == (Edited("router", ("targeting",)),)
    assert edited(other, other) == ()


TRIALS = st.builds(
    lambda name, percent, hours, versions, kept, layer: trial(
        name, percent, start=at(hours), end=at(hours + 3), versions=versions, kept=kept, layer=layer
    ),
    st.sampled_from("ab"),
    st.sampled_from((1, 30, 100)),
    st.sampled_from((-2, 1, 2)),
    st.sampled_from((">=1.3.0", "<1.3.0", "=1.4.0", ">=1.2.0 <=1.3.0")),
    st.sampled_from((None, None, "quick", "none")),
    st.sampled_from(("start", "draw")),
)


@examples(40)
@given(*[st.lists(TRIALS, max_size=2, unique_by=lambda each: each.name)] * 2, st.sets(st.integers(0, 999), max_size=5))
def test_exactly_those_are_named_who_get_another_variant(old: list[Trial], new: list[Trial], some: set[int]) -> None:
    before, after = (these({"router": flag()}, *trials) for trials in (old, new))
    changes = compare_flags(before, after, NOON)
    for version in ("1.2.0", "1.3.0", "1.3.0+0", "1.4.0", "1.4.1"):
        for person in (None, *some):
            for hours in (0, 1, 1.5, 2, 4, 100):
                sides = [assign(each, "stable", version, person, at(hours))["router"] for each in (before, after)]
                told = [
                    [each.before, each.after]
                    for each in changes
                    if "stable" in each.channels and person in each.people and holds(each, version)
                    and each.since <= at(hours) and (each.until is None or at(hours) < each.until)
                ]  # fmt: skip
                assert told == ([sides] if sides[0] != sides[1] else [])


def holds(change: Variant, version: str) -> bool:
    key = precedence(version)
    return (change.least is None or precedence(change.least) <= key) and (
        change.below is None or key < precedence(change.below)
    )
