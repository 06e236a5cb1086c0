"""One client, one moment, one answer."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from delivery.rules.compile import COHORTS, Table
from delivery.rules.decide import NoOffer, Offer, Reason, Request, Rule, bundle_for, decide, newcomer
from delivery.rules.facts import Facts, Line
from tests.unit.rules.worlds import (
    LADDER,
    NOON,
    at,
    barrier,
    block,
    critical,
    deadend,
    hold,
    holdback,
    passed,
    resume,
    step,
    stop,
    table,
    withdrawal,
    world,
)
from tests.unit.rules.worlds_at_random import TARGETS

BASE: dict[str, Sequence[Line]] = {"stable/1.3.0": [step(100)]}
DOWNGRADE = frozenset({"downgrade"})


def ask(
    version: str = "1.2.0", cohort: int | None = None, *, manual: bool = False, failed: str | None = None
) -> Request:
    return Request("stable", "linux-x86_64", "deb", version, cohort, manual, failed)


def admitted(table: Table, version: str, hours: float = 0, *, manual: bool = False) -> set[int | None]:
    """Who is offered this version."""
    asked = ((cohort, decide(table, ask(cohort=cohort, manual=manual), at(hours))) for cohort in [*range(1000), None])
    return {cohort for cohort, said in asked if isinstance(said, Offer) and said.version == version}


def answer(facts: Facts, request: Request, hours: float = 0) -> tuple[str | None, Rule | Reason]:
    said = decide(table(facts), request, at(hours))
    return (said.version, said.rule) if isinstance(said, Offer) else (None, said.reason)


# --- percentages and cohorts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", [1, 10, 25, 50, 99])
def test_each_percent_is_exactly_ten_cohorts(percent: int) -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(percent)]}
    assert len(admitted(table(world(rollouts)), "1.4.0")) == 10 * percent


def test_the_first_cohorts_of_a_salt_never_change() -> None:
    """A vector by sha256sum and sort: an installation's place must survive every rewrite of this code."""
    found = admitted(table(world({"stable/1.4.0": [step(1)]})), "1.4.0")
    assert found == {17, 223, 245, 353, 377, 478, 498, 739, 827, 879}


def test_raising_only_adds_cohorts() -> None:
    sets = [admitted(table(world({"stable/1.4.0": [step(percent)]})), "1.4.0") for percent in LADDER]
    assert all(lower < higher for lower, higher in pairwise(sets))


def test_rollouts_with_different_salts_ask_other_installations_first() -> None:
    first = admitted(table(world({"stable/1.4.0": [step(10)]})), "1.4.0")
    second = admitted(table(world({"stable/1.5.0": [step(10)]})), "1.5.0")
    assert len(first & second) < 30


def test_no_cohort_comes_last_and_never_by_chance() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(99)]})
    assert answer(facts, ask()) == ("1.3.0", Rule.everyone)
    assert answer(facts, ask("1.3.0")) == (None, Reason.no_cohort)


def test_a_held_back_cohort_gets_the_newest_version_that_is_open_to_everyone() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(1)]})
    assert answer(facts, ask(cohort=437)) == ("1.3.0", Rule.everyone)
    assert answer(facts, ask("1.3.0", cohort=437)) == (None, Reason.later_cohort)


def test_a_manual_check_passes_the_percentage() -> None:
    assert answer(world({"stable/1.4.0": [step(1)]}), ask(manual=True)) == ("1.4.0", Rule.manual)


def test_a_manual_check_does_not_pass_zero_percent() -> None:
    assert answer(world({"stable/1.4.0": [step(0)]}), ask(manual=True)) == (None, Reason.not_started)


def test_a_manual_check_does_not_pass_a_hold() -> None:
    facts = world({"stable/1.4.0": [step(25), hold(10)]})
    late = next(cohort for cohort in range(COHORTS) if cohort not in admitted(table(facts), "1.4.0"))
    assert answer(facts, ask(cohort=late, manual=True)) == (None, Reason.held)


# --- time ---------------------------------------------------------------------------------------------------------


def test_a_step_takes_effect_at_its_time_and_the_answer_says_until_when_it_holds() -> None:
    looked_up = table(world({"stable/1.4.0": [step(100, 2)]}))
    before, after = (decide(looked_up, ask(), at(hours)) for hours in (1.999, 2))
    assert isinstance(before, NoOffer)
    assert (before.reason, before.until) == (Reason.not_started, at(2))
    assert isinstance(after, Offer)
    assert after.until is None


def test_a_gated_step_waits_for_its_pass_however_late_it_is() -> None:
    lines = [step(10, -50), step(100, -40, "default")]
    assert answer(world({"stable/1.4.0": lines}), ask(), 1000) == (None, Reason.no_cohort)
    assert answer(world({"stable/1.4.0": [*lines, passed(100)]}), ask()) == ("1.4.0", Rule.everyone)


def test_a_held_rollout_offers_nothing_more() -> None:
    facts = world({"stable/1.4.0": [step(100), step(100, 2), hold(0)]})
    for hours in (-0.75, 0, 3, 1000):
        assert answer(facts, ask(cohort=1, manual=True), hours)[0] is None


def test_a_resume_ends_the_hold_at_its_percent() -> None:
    rollouts = {"stable/1.4.0": [step(25), hold(0), resume(25)]}
    assert admitted(table(world(rollouts)), "1.4.0") == admitted(table(world({"stable/1.4.0": [step(25)]})), "1.4.0")


# --- what is taken away -------------------------------------------------------------------------------------------


def test_a_withdrawn_version_gives_way_to_the_next_lower_one() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, withdrawals=[withdrawal("1.4.0")])
    assert answer(facts, ask()) == ("1.3.0", Rule.everyone)
    assert answer(facts, ask("1.3.0")) == (None, Reason.withdrawn)


def test_a_withdrawal_names_its_channels() -> None:
    facts = world({"stable/1.4.0": [step(100)]}, withdrawals=[withdrawal("1.4.0", "beta")])
    assert answer(facts, ask()) == ("1.4.0", Rule.everyone)


def test_a_stopped_channel_offers_nothing() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, stops=[stop("stable")])
    assert answer(facts, ask(manual=True)) == (None, Reason.stopped)


def test_a_stop_of_one_version_leaves_the_others() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, stops=[stop("stable", "1.4.0")])
    assert answer(facts, ask()) == ("1.3.0", Rule.everyone)


def test_a_version_that_just_failed_there_is_not_offered_again() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]})
    assert answer(facts, ask(failed="1.4.0")) == ("1.3.0", Rule.everyone)
    assert answer(facts, ask("1.3.0", failed="1.4.0")) == (None, Reason.failed)


def test_an_unsigned_bundle_is_no_candidate() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, unsigned=["1.4.0"])
    assert answer(facts, ask("1.3.0")) == (None, Reason.current)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Request("nightly", "linux-x86_64", "deb", "1.2.0"), Reason.unknown_channel),
        (Request("stable", "linux-mips", "deb", "1.2.0"), Reason.unknown_target),
        (Request("stable", "linux-x86_64", "msi", "1.2.0"), Reason.unknown_target),
        (Request("stable", "linux-x86_64", "deb", "one"), Reason.malformed),
        (Request("stable", "linux-x86_64", "deb", "1.2.0", 1000), Reason.malformed),
        (Request("stable", "linux-x86_64", "deb", "1.2.0", -1), Reason.malformed),
        (Request("stable", "linux-x86_64", "deb", "1.4.0"), Reason.current),
        (Request("stable", "linux-x86_64", "deb", "1.4.0+1"), Reason.current),
    ],
)
def test_a_no_always_has_its_reason(request_: Request, reason: Reason) -> None:
    said = decide(table(world({"stable/1.4.0": [step(100)]})), request_, NOON)
    assert isinstance(said, NoOffer)
    assert said.reason is reason


def test_a_pre_release_is_updated_to_its_release() -> None:
    assert answer(world({"stable/1.4.0": [step(100)]}), ask("1.4.0-beta.1")) == ("1.4.0", Rule.everyone)


def test_an_answer_names_the_line_that_decided_it() -> None:
    facts = world({"stable/1.4.0": [step(1, -2), step(100, -1)]})
    said = decide(table(facts), ask(), NOON)
    assert said.fact == "releases/rollouts/stable/1.4.0.yaml:6"


def test_a_client_that_does_not_know_its_bundle_gets_the_first_of_its_target() -> None:
    target = table(world(BASE)).targets["linux-x86_64"]
    assert [bundle_for(target, said) for said in (None, "", "unknown", "deb", "msi")] == [
        "appimage",
        "appimage",
        "appimage",
        "deb",
        None,
    ]


# --- barriers, blocks and dead ends -------------------------------------------------------------------------------

STAIRS = {f"stable/{version}": [step(100)] for version in ("1.3.0", "1.4.0", "1.5.0")}


def test_nobody_goes_past_the_nearest_barrier_in_one_leap() -> None:
    facts = world(STAIRS, barriers=[barrier("1.3.0"), barrier("1.4.0")])
    offered = [answer(facts, ask(version))[0] for version in ("1.2.0", "1.3.0", "1.4.0")]
    assert offered == ["1.3.0", "1.4.0", "1.5.0"]


def test_a_barrier_that_was_taken_away_lets_nobody_through_at_all() -> None:
    facts = world(STAIRS, barriers=[barrier("1.4.0")], withdrawals=[withdrawal("1.4.0")])
    assert answer(facts, ask("1.2.0")) == (None, Reason.barrier)
    assert answer(facts, ask("1.2.0", manual=True)) == (None, Reason.barrier)
    assert answer(facts, ask("1.4.0")) == ("1.5.0", Rule.everyone)


def test_a_barrier_that_failed_here_lets_nobody_through() -> None:
    assert answer(world(STAIRS, barriers=[barrier("1.4.0")]), ask("1.2.0", failed="1.4.0")) == (None, Reason.barrier)


def test_a_barrier_that_this_channel_never_had_bars_only_what_is_above_it() -> None:
    facts = world({**BASE, "stable/1.5.0": [step(100)], "beta/1.4.0": [step(100)]}, barriers=[barrier("1.4.0")])
    assert answer(facts, ask("1.2.0")) == ("1.3.0", Rule.everyone)
    assert answer(facts, ask("1.3.0")) == (None, Reason.barrier)


def test_below_a_barrier_that_is_not_open_to_a_client_it_gets_what_is_below_it() -> None:
    facts = world({**STAIRS, "stable/1.4.0": [step(1)]}, barriers=[barrier("1.4.0")])
    assert answer(facts, ask("1.2.0")) == ("1.3.0", Rule.everyone)


def test_a_barrier_is_for_those_below_a_version_and_on_its_targets() -> None:
    older = world(STAIRS, barriers=[barrier("1.4.0", "1.3.0")])
    assert [answer(older, ask(version))[0] for version in ("1.2.9", "1.3.0")] == ["1.4.0", "1.5.0"]
    elsewhere = world(STAIRS, barriers=[barrier("1.4.0", "1.4.0", "windows-x86_64")])
    assert answer(elsewhere, ask("1.2.0")) == ("1.5.0", Rule.everyone)


def test_a_blocked_edge_leads_to_the_highest_version_that_is_not_blocked() -> None:
    facts = world(STAIRS, blocks=[block(">=1.2.0 <1.3.1", ">=1.4.0 <1.6.0")])
    assert answer(facts, ask("1.2.0")) == ("1.3.0", Rule.everyone)
    assert answer(facts, ask("1.3.0", manual=True)) == (None, Reason.blocked)
    assert answer(facts, ask("1.3.1")) == ("1.5.0", Rule.everyone)


def test_a_range_holds_the_pre_releases_that_its_order_puts_there() -> None:
    facts = world({"stable/1.5.0-beta.1": [step(100)]}, blocks=[block("<1.4.0", "<1.5.0")])
    assert answer(facts, ask()) == (None, Reason.blocked)
    spared = world({"stable/1.5.0-beta.1": [step(100)]}, blocks=[block("<1.4.0", "<1.5.0-0")])
    assert answer(spared, ask()) == ("1.5.0-beta.1", Rule.everyone)


def test_a_block_is_for_its_targets() -> None:
    facts = world(STAIRS, blocks=[block(">=0.0.0", "=1.5.0", "windows-x86_64")])
    assert answer(facts, ask("1.4.0")) == ("1.5.0", Rule.everyone)


def test_a_warning_block_offers_the_version_with_its_warning() -> None:
    found = decide(table(world(STAIRS, blocks=[block("<1.4.0", "=1.5.0", effect="warn")])), ask("1.3.0"), NOON)
    assert isinstance(found, Offer)
    assert [warning.reason for warning in found.warnings] == ["crashes"]
    unharmed = decide(table(world(STAIRS, blocks=[block("<1.4.0", "=1.5.0", effect="warn")])), ask("1.4.0"), NOON)
    assert isinstance(unharmed, Offer)
    assert unharmed.warnings == ()


def test_of_a_block_and_a_warning_on_one_edge_the_block_holds() -> None:
    facts = world(STAIRS, blocks=[block("<1.4.0", "=1.5.0", effect="warn"), block("=1.3.0", "=1.5.0")])
    assert answer(facts, ask("1.3.0")) == ("1.4.0", Rule.everyone)


def test_a_dead_end_is_offered_nothing_whatever_it_asks() -> None:
    facts = world(STAIRS, deadends=[deadend("1.3.0")], withdrawals=[withdrawal("1.3.0", installed="reissue-as 1.4.0")])
    assert answer(facts, replace(ask("1.3.0", manual=True), accepts=DOWNGRADE)) == (None, Reason.deadend)
    assert answer(facts, ask("1.2.0")) == ("1.5.0", Rule.everyone)


@pytest.mark.parametrize(
    "taken",
    [
        {"withdrawals": [withdrawal("1.5.0", lifted=True)]},
        {"stops": [stop("stable", lifted=True)]},
        {"barriers": [barrier("1.4.0", lifted=True)]},
        {"deadends": [deadend("1.2.0", lifted=True)]},
        {"blocks": [block("<1.4.0", ">=1.4.0", lifted=True)]},
    ],
    ids=lambda taken: next(iter(taken)),
)
def test_what_was_lifted_takes_nothing_away(taken: dict[str, Any]) -> None:
    assert answer(world(STAIRS, **taken), ask("1.2.0")) == ("1.5.0", Rule.everyone)


# --- operating systems --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "version"),
    [("10.0.19041", "1.4.0"), ("11", "1.4.0"), ("10.0.19040", "1.3.0"), ("9.9", "1.3.0"), (None, "1.3.0"),
     ("", "1.3.0"), ("ten", "1.3.0"), ("-1", "1.3.0"), ("1e9", "1.3.0"), ("11.x", "1.3.0")],
)  # fmt: skip
def test_a_version_that_needs_a_newer_system_than_stated_is_not_offered(stated: str | None, version: str) -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, minimum_os={"1.4.0": "10.0.19041"})
    assert answer(facts, replace(ask(), os=stated)) == (version, Rule.everyone)


def test_a_zero_at_the_end_makes_no_system_newer() -> None:
    facts = world({"stable/1.4.0": [step(100)]}, minimum_os={"1.4.0": "12.0"})
    assert answer(facts, replace(ask(), os="12")) == ("1.4.0", Rule.everyone)


def test_any_minimum_is_one_for_who_states_no_system() -> None:
    facts = world({"stable/1.4.0": [step(100)]}, minimum_os={"1.4.0": "0"})
    assert answer(facts, ask(manual=True)) == (None, Reason.needs_os)


# --- targets ------------------------------------------------------------------------------------------------------


def test_a_rollout_for_some_targets_leaves_the_others_where_they_are() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, only={"stable/1.4.0": ("windows-x86_64",)}, targets=TARGETS)
    assert answer(facts, ask()) == ("1.3.0", Rule.everyone)
    assert answer(facts, replace(ask(), target="windows-x86_64", bundle="nsis")) == ("1.4.0", Rule.everyone)


# --- ramps --------------------------------------------------------------------------------------------------------


def test_a_ramp_admits_cohort_after_cohort_in_the_order_of_its_salt() -> None:
    looked_up = table(world({"stable/1.4.0": [step(1, -2), step(10, 0, over="90h")]}))
    sets = [admitted(looked_up, "1.4.0", hours) for hours in (-0.001, 0, 1, 1.001, 45, 89.999, 90, 1000)]
    assert [len(each) for each in sets] == [10, 10, 11, 11, 55, 99, 100, 100]
    assert all(lower <= higher for lower, higher in pairwise(sets))


def test_a_hold_during_a_ramp_keeps_what_it_had_reached() -> None:
    looked_up = table(world({"stable/1.4.0": [step(100, -10, over="20h"), hold(60, 0)]}))
    assert [len(admitted(looked_up, "1.4.0", hours)) for hours in (0, 5, 1000)] == [500, 500, 500]


def test_a_hold_during_a_ramp_lowers_it_to_its_percent() -> None:
    looked_up = table(world({"stable/1.4.0": [step(100, -10, over="20h"), hold(10, 0)]}))
    assert [len(admitted(looked_up, "1.4.0", hours)) for hours in (0, 1000)] == [100, 100]


def test_a_step_during_a_ramp_goes_on_from_where_it_stands() -> None:
    looked_up = table(world({"stable/1.4.0": [step(50, -10, over="20h"), step(100, 0, over="10h")]}))
    assert [len(admitted(looked_up, "1.4.0", hours)) for hours in (-2, 0, 5, 10)] == [200, 250, 625, 1001]


def test_the_answer_during_a_ramp_holds_until_the_next_cohort() -> None:
    said = decide(table(world({"stable/1.4.0": [step(100, 0, over="1000h")]})), ask(), NOON)
    assert said.until == at(1)


# --- critical, superseding, reissued, instead, backwards ----------------------------------------------------------


def test_a_critical_line_lifts_the_percentage_for_those_below_it_only() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(1), critical("1.3.2")]})
    assert answer(facts, ask("1.3.1")) == ("1.4.0", Rule.urgent)
    assert answer(facts, ask("1.3.2")) == (None, Reason.no_cohort)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([step(0), critical("1.3.2")], Reason.not_started),
        ([step(1, 1), critical("1.3.2")], Reason.not_started),
        ([step(1), critical("1.3.2", -0.7), hold(1)], Reason.held),
        ([step(1), critical("1.3.2", 1)], Reason.no_cohort),
    ],
)
def test_a_critical_line_counts_only_from_its_time_while_a_step_is_in_force_and_not_held(
    lines: list[Line], said: Reason
) -> None:
    assert answer(world({"stable/1.4.0": lines}), ask("1.3.1", manual=False)) == (None, said)


def test_a_critical_line_passes_no_barrier_and_no_block() -> None:
    lines = {**STAIRS, "stable/1.5.0": [step(1), critical("1.5.0")]}
    assert answer(world(lines, barriers=[barrier("1.4.0")]), ask("1.3.0")) == ("1.4.0", Rule.everyone)
    assert answer(world(lines, blocks=[block("=1.3.0", "=1.5.0")]), ask("1.3.0")) == ("1.4.0", Rule.everyone)


HOTFIX = {**BASE, "stable/1.4.0": [step(50)], "stable/1.4.1": [step(0, -2), step(10, 1)]}


def test_a_rollout_ends_the_older_one_that_it_supersedes_with_its_first_step_above_0() -> None:
    facts = world(HOTFIX, supersedes={"stable/1.4.1": "1.4.0"})
    looked_up = table(facts)
    assert [len(admitted(looked_up, "1.4.0", hours)) for hours in (0.999, 1)] == [500, 0]
    assert answer(facts, ask("1.3.0"), 1) == (None, Reason.no_cohort)


def test_those_on_the_superseded_version_are_admitted_first() -> None:
    facts = world(HOTFIX, supersedes={"stable/1.4.1": "1.4.0"})
    assert answer(facts, ask("1.4.0"), 0.999) == (None, Reason.not_started)
    assert answer(facts, ask("1.4.0"), 1) == ("1.4.1", Rule.admitted)


def test_a_hold_on_the_newer_rollout_does_not_bring_back_the_one_it_superseded() -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(50)], "stable/1.4.1": [step(10, -2), hold(0)]}
    looked_up = table(world(rollouts, supersedes={"stable/1.4.1": "1.4.0"}))
    assert admitted(looked_up, "1.4.0") == set()
    assert decide(looked_up, ask("1.4.0"), NOON).version == "1.4.1"  # and it is said to be held


def test_a_reissue_is_for_those_on_the_withdrawn_version_from_its_first_step_above_0() -> None:
    facts = world(HOTFIX, withdrawals=[withdrawal("1.4.0", installed="reissue-as 1.4.1")])
    assert answer(facts, ask("1.4.0"), 0.999) == (None, Reason.not_started)
    assert answer(facts, ask("1.4.0"), 1) == ("1.4.1", Rule.admitted)
    assert answer(facts, ask("1.3.9"), 1) == (None, Reason.no_cohort)


def test_a_held_reissue_waits_as_everything_else() -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(50)], "stable/1.4.1": [step(10, -2), hold(0)]}
    facts = world(rollouts, withdrawals=[withdrawal("1.4.0", installed="reissue-as 1.4.1")])
    assert answer(facts, ask("1.4.0", manual=True)) == (None, Reason.held)


PARTIAL = {"stable/1.2.0": [step(100)], "stable/1.3.0": [step(10)], "stable/1.4.0": [step(100)]}


def test_what_is_offered_instead_goes_to_everyone_below_it_whatever_its_percentage() -> None:
    facts = world(PARTIAL, withdrawals=[withdrawal("1.4.0", instead="1.3.0")])
    assert answer(facts, ask("1.2.0")) == ("1.3.0", Rule.instead)
    assert answer(facts, ask("1.3.0")) == (None, Reason.withdrawn)


def test_what_is_offered_instead_was_offered_before_and_is_not_held() -> None:
    instead = [withdrawal("1.4.0", instead="1.3.0")]
    for lines in ([step(0)], [step(10, 1)], [step(10), hold(10)]):
        facts = world({**PARTIAL, "stable/1.3.0": lines}, withdrawals=instead)
        assert answer(facts, ask("1.1.0")) == ("1.2.0", Rule.everyone)


def test_what_is_offered_instead_may_be_what_the_withdrawn_version_superseded() -> None:
    facts = world(PARTIAL, withdrawals=[withdrawal("1.4.0", instead="1.3.0")], supersedes={"stable/1.4.0": "1.3.0"})
    assert answer(facts, ask("1.2.0")) == ("1.3.0", Rule.instead)


BACK = withdrawal("1.4.0", installed="downgrade-to 1.3.0")


def test_a_downgrade_reaches_only_those_who_have_the_version_and_accept_one() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)]}, withdrawals=[BACK])
    assert answer(facts, ask("1.4.0", manual=True)) == (None, Reason.current)
    assert answer(facts, replace(ask("1.4.0"), accepts=DOWNGRADE)) == ("1.3.0", Rule.downgrade)
    assert answer(facts, replace(ask("1.4.1"), accepts=DOWNGRADE)) == (None, Reason.current)


def test_a_downgrade_passes_the_same_take_aways_as_an_offer() -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(100)]}
    asked = replace(ask("1.4.0"), accepts=DOWNGRADE)
    assert answer(world(rollouts, withdrawals=[BACK]), replace(asked, failed="1.3.0"))[0] is None
    assert answer(world(rollouts, withdrawals=[BACK], stops=[stop("stable", "1.3.0")]), asked)[0] is None
    assert answer(world(rollouts, withdrawals=[BACK], minimum_os={"1.3.0": "9"}), asked)[0] is None
    assert answer(world(rollouts, withdrawals=[BACK], blocks=[block("=1.4.0", "=1.3.0")]), asked)[0] is None
    assert answer(world({**rollouts, "stable/1.3.0": [step(50)]}, withdrawals=[BACK]), asked)[0] is None


def test_who_may_go_forward_does_not_go_back() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(100)], "stable/1.5.0": [step(100)]}, withdrawals=[BACK])
    assert answer(facts, replace(ask("1.4.0"), accepts=DOWNGRADE)) == ("1.5.0", Rule.everyone)


# --- holdbacks ----------------------------------------------------------------------------------------------------


def test_a_holdback_keeps_its_cohorts_from_the_rollout_even_at_100_percent_until_it_ends() -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(100)]}
    looked_up = table(world(rollouts, experiments=[holdback("stable/1.4.0", 5, (-1, 10))]))
    kept = set(range(COHORTS)) - admitted(looked_up, "1.4.0")
    assert len(kept) == 50
    assert admitted(looked_up, "1.4.0", 10) == {*range(COHORTS), None}
    assert answer(world(rollouts, experiments=[holdback("stable/1.4.0", 5)]), ask("1.3.0", min(kept))) == (
        None,
        Reason.held_back,
    )


def test_a_holdback_is_not_for_those_without_a_cohort_nor_for_manual_checks_nor_for_urgent_ones() -> None:
    back = [holdback("stable/1.4.0", 100)]
    facts = world({"stable/1.4.0": [step(100)]}, experiments=back)
    assert answer(facts, ask()) == ("1.4.0", Rule.everyone)
    assert answer(facts, ask(cohort=1)) == (None, Reason.held_back)
    assert answer(facts, ask(cohort=1, manual=True)) == ("1.4.0", Rule.everyone)
    urgent = world({"stable/1.4.0": [step(1), critical("1.4.0")]}, experiments=back)
    assert answer(urgent, ask(cohort=1)) == ("1.4.0", Rule.urgent)


def test_a_holdback_is_for_the_versions_of_its_audience() -> None:
    facts = world({"stable/1.4.0": [step(100)]}, experiments=[holdback("stable/1.4.0", 100, versions=">=1.3.0")])
    assert answer(facts, ask("1.2.0", cohort=1)) == ("1.4.0", Rule.everyone)
    assert answer(facts, ask("1.3.0", cohort=1)) == (None, Reason.held_back)


# --- the channel of what comes next -------------------------------------------------------------------------------


def ahead(version: str = "1.2.0") -> Request:
    return replace(ask(version), channel="stable-next")


def test_the_next_channel_answers_as_if_the_newest_rollout_stood_at_100_percent() -> None:
    for lines in ([step(0)], [step(10, 100)], [step(10), hold(0)], [step(10, 1, "default")]):
        assert answer(world({**BASE, "stable/1.4.0": lines}), ahead()) == ("1.4.0", Rule.next)


def test_only_the_newest_rollout_is_ahead_of_its_time_there() -> None:
    facts = world({**BASE, "stable/1.4.0": [step(10)], "stable/1.5.0": [step(0)]}, blocks=[block("=1.2.0", "=1.5.0")])
    assert answer(facts, ahead()) == ("1.3.0", Rule.everyone)


def test_the_next_channel_keeps_stops_blocks_and_barriers() -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(0)]}
    assert answer(world(rollouts, stops=[stop("stable")]), ahead()) == (None, Reason.stopped)
    assert answer(world(rollouts, stops=[stop("stable", "1.4.0")]), ahead("1.3.0")) == (None, Reason.stopped)
    assert answer(world(rollouts, blocks=[block("=1.3.0", "=1.4.0")]), ahead("1.3.0")) == (None, Reason.blocked)
    assert answer(world(rollouts, barriers=[barrier("1.3.0")]), ahead()) == ("1.3.0", Rule.everyone)


def test_a_stop_makes_no_other_rollout_the_newest_but_a_withdrawal_does() -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(0)], "stable/1.5.0": [step(10)]}
    assert answer(world(rollouts, stops=[stop("stable", "1.5.0")]), ahead()) == ("1.3.0", Rule.everyone)
    assert answer(world(rollouts, withdrawals=[withdrawal("1.5.0")]), ahead()) == ("1.4.0", Rule.next)


def test_there_is_nothing_next_of_a_channel_that_does_not_exist() -> None:
    assert answer(world(BASE), replace(ask(), channel="nightly-next")) == (None, Reason.unknown_channel)
    assert answer(world(BASE), replace(ask(), channel="stable-next-next")) == (None, Reason.unknown_channel)


# --- new visitors -------------------------------------------------------------------------------------------------


def visitor(facts: Facts, hours: float = 0) -> str | None:
    found = newcomer(table(facts), "stable", "linux-x86_64", "deb", at(hours))
    return found.version if found else None


def test_a_new_visitor_gets_the_newest_version_at_100_percent_and_meets_no_barrier() -> None:
    facts = world({**STAIRS, "stable/1.6.0": [step(99)]}, barriers=[barrier("1.4.0")], minimum_os={"1.5.0": "10"})
    assert visitor(facts) == "1.5.0"
    assert visitor(world({"stable/1.6.0": [step(99)]})) is None
    assert visitor(world({"stable/1.6.0": [step(100), hold(50)]})) is None
    assert visitor(world({"stable/1.6.0": [step(100, 1)]}), 1) == "1.6.0"


def test_a_new_visitor_gets_nothing_withdrawn_or_stopped_and_what_is_offered_instead() -> None:
    assert visitor(world(STAIRS, withdrawals=[withdrawal("1.5.0")])) == "1.4.0"
    assert visitor(world(STAIRS, stops=[stop("stable")])) is None
    assert visitor(world(PARTIAL, withdrawals=[withdrawal("1.4.0", instead="1.3.0")])) == "1.3.0"
