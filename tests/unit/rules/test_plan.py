"""What a plan says of the changes that people make most; test_compare_exact holds it to asking everyone."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from delivery.rules.catalog import sha256, to_bytes
from delivery.rules.compare import Accepts, Asks, Band, Clients, Move, Systems
from delivery.rules.decide import Reason
from delivery.rules.facts import Approvals, Facts, Filed, Flag, Flagd, Line
from delivery.rules.plan import Effect, Plan, Wait, plan
from delivery.rules.promises import Crossing, Promise
from delivery.rules.visitors import Downloads, Newcomers
from tests.unit.rules.worlds import (
    ALL_TARGETS,
    NOON,
    at,
    barrier,
    block,
    catalog,
    critical,
    deadend,
    experiment,
    hold,
    passed,
    resume,
    step,
    stop,
    withdrawal,
    world,
)

Rollouts = Mapping[str, Sequence[Line]]
BASE: Rollouts = {"stable/1.2.0": [step(100, -50)], "stable/1.3.0": [step(100)]}
AT_TEN: Rollouts = {**BASE, "stable/1.4.0": [step(10)]}
CELLS = (("linux-x86_64", "appimage"), ("linux-x86_64", "deb"))


def lines(rollouts: Rollouts, *more: Line) -> Rollouts:
    """The same with more lines for stable's 1.4.0."""
    return {**rollouts, "stable/1.4.0": [*rollouts.get("stable/1.4.0", ()), *more]}


def between(before: Facts, after: Facts) -> Plan:
    return plan(catalog(before), catalog(after), NOON, after.policy.value)


def test_nothing_differs_between_a_catalog_and_itself() -> None:
    same = between(world(AT_TEN), world(AT_TEN))
    assert same.is_empty
    assert same.effect is Effect.none
    assert same.before == same.after


def test_a_raise_names_the_cohorts_it_adds_what_they_get_and_since_when() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(25, 2))))
    (change,) = found.changes
    assert (change.channel, change.cells, change.cohorts) == ("stable", CELLS, 150)
    assert change.band == Band("1.4.0", 10, 25)
    assert None not in change.people
    assert (change.since, change.until) == (at(2), None)
    assert change.moves == (
        Move(Clients(None, "1.3.0"), "1.3.0", "1.4.0", wider=True, unless=("1.4.0", "1.3.0")),
        Move(Clients("1.3.0", "1.4.0"), None, "1.4.0", wider=True, unless=("1.4.0",)),
    )


def test_a_raise_leaves_manual_checks_alone_because_they_had_the_version_already() -> None:
    (change,) = between(world(AT_TEN), world(lines(AT_TEN, step(25)))).changes
    assert change.asks is Asks.automatic


def test_a_first_percent_reaches_everyone_who_checks_by_hand_and_the_plan_says_so_apart() -> None:
    some, others = between(world(BASE), world(lines(BASE, step(1)))).changes
    assert (some.asks, some.cohorts, None in some.people) == (Asks.any, 10, False)
    assert (others.asks, others.cohorts, None in others.people) == (Asks.manual, 990, True)


def test_a_step_brought_forward_changes_answers_until_its_old_time() -> None:
    found = between(world(lines(AT_TEN, step(25, 5))), world(lines(AT_TEN, step(25, 2))))
    assert [(change.since, change.until) for change in found.changes] == [(at(2), at(5))]


def test_a_version_missing_for_a_target_leaves_that_target_out() -> None:
    facts = world(lines(BASE, step(100)), targets=ALL_TARGETS)
    del facts.versions["1.4.0"].value.artifacts["darwin-aarch64"]  # type: ignore[attr-defined]
    (change,) = between(world(BASE, targets=ALL_TARGETS), facts).changes
    assert {target for target, _ in change.cells} == {"linux-x86_64", "windows-x86_64"}


def test_the_first_catalog_of_all_is_compared_with_nothing() -> None:
    found = plan(None, catalog(world(BASE)), NOON, world(BASE).policy.value)
    assert found.before is None
    assert found.after == sha256(to_bytes(catalog(world(BASE))))
    assert [move.after for change in found.changes for move in change.moves] == ["1.3.0"]


# --- effects and approvals ----------------------------------------------------------------------------------------


def test_a_hold_is_proved_narrower() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, hold(0))))
    assert (found.effect, found.approvals) == (Effect.narrower, 1)


def test_a_withdrawal_that_uncovers_a_version_open_to_everyone_is_proved_narrower() -> None:
    found = between(world(BASE), world(BASE, withdrawals=[withdrawal("1.3.0")]))
    assert found.effect is Effect.narrower
    assert {move.after for change in found.changes for move in change.moves} == {"1.2.0", None}


def test_a_withdrawal_that_uncovers_a_partial_rollout_is_not_narrower() -> None:
    rollouts = {**AT_TEN, "stable/1.5.0": [step(100)]}
    found = between(world(rollouts), world(rollouts, withdrawals=[withdrawal("1.5.0")]))
    assert found.effect is Effect.wider


def test_a_stop_is_proved_narrower_and_its_lifting_is_wider() -> None:
    free, stopped = world(AT_TEN), world(AT_TEN, stops=[stop("stable")])
    assert between(free, stopped).effect is Effect.narrower
    assert between(stopped, free).effect is Effect.wider


def test_a_gated_step_changes_nothing_and_the_plan_says_that_it_waits() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(25, gate="default"))))
    assert found.effect is Effect.none
    assert found.waiting == (Wait("stable", "1.4.0", 10, 25, "default", "releases/rollouts/stable/1.4.0.yaml:6"),)


def test_the_pass_of_the_next_step_is_the_next_step() -> None:
    gated = lines(AT_TEN, step(25, gate="default"))
    found = between(world(gated), world(lines(gated, passed(25))))
    assert (found.effect, found.approvals, found.waiting) == (Effect.next_step, 1, ())


def test_a_pass_that_lets_a_second_step_through_is_wider() -> None:
    gated = lines(AT_TEN, step(25, -0.9, gate="default"), step(50, -0.8))
    assert between(world(gated), world(lines(gated, passed(25, -0.85)))).effect is Effect.wider


def test_a_pass_that_comes_with_one_step_more_is_wider() -> None:
    gated = lines(AT_TEN, step(25, gate="default"))
    assert between(world(gated), world(lines(gated, passed(25), step(50, 5)))).effect is Effect.wider


def test_a_step_without_a_gate_is_wider_and_needs_two() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(25))))
    assert (found.effect, found.approvals) == (Effect.wider, 2)


def test_a_resume_is_wider() -> None:
    held = lines(AT_TEN, hold(0))
    assert between(world(held), world(lines(held, resume(10)))).effect is Effect.wider


def test_a_hold_written_with_its_later_resume_is_wider_where_that_reaches_more() -> None:
    resumed = lines(AT_TEN, hold(0), resume(50, 5))
    assert between(world(AT_TEN), world(resumed)).effect is Effect.wider


def test_other_bytes_under_a_published_version_break_a_promise_and_are_wider() -> None:
    found = between(world(BASE), world(BASE, unsigned=["1.2.0"]))
    assert [promise.what for promise in found.promises if not promise.kept] == ["nothing published changes"]
    assert found.effect is Effect.wider


# --- what else people ask -----------------------------------------------------------------------------------------


def test_the_plan_says_what_new_visitors_and_static_manifests_get() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(100))))
    assert found.newcomers == (Newcomers("stable", CELLS, "1.3.0", "1.4.0", NOON),)


def test_new_visitors_get_a_version_from_when_it_reaches_everyone() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(100, 5, over="2h"))))
    assert found.newcomers == (Newcomers("stable", CELLS, "1.3.0", "1.4.0", at(7)),)


def test_what_a_withdrawal_does_to_files_is_told_apart() -> None:
    gone = replace(withdrawal("1.3.0"), downloads="gone")
    found = between(world(BASE), world(BASE, withdrawals=[gone]))
    assert found.downloads == (Downloads("1.3.0", "keep", "gone"),)


def test_a_raise_is_reversed_by_a_hold_and_never_by_a_deletion() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(25))))
    assert found.reverse == ('./inv hold stable --version 1.4.0 --reason "…"',)


def test_a_hold_is_reversed_by_a_resume() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, hold(0))))
    assert found.reverse == ('./inv resume stable 10 --version 1.4.0 --reason "…"',)


def test_what_can_be_lifted_is_reversed_by_its_lifting() -> None:
    facts = world(BASE, withdrawals=[withdrawal("1.3.0")], barriers=[barrier("1.2.0")], stops=[stop("beta")])
    assert between(world(BASE), facts).reverse == (
        './inv lift withdrawal 1.3.0 --reason "…"',
        './inv lift barrier 1.2.0 --reason "…"',
        './inv lift stop 2026-11-25-0-beta --reason "…"',
    )


# --- what else there is to say ------------------------------------------------------------------------------------


def test_a_block_is_told_in_the_versions_that_exist_with_their_pre_releases() -> None:
    rollouts = {**BASE, "beta/1.3.0-beta.1": [step(100)], "stable/1.4.0": [step(100)]}
    found = between(world(rollouts), world(rollouts, blocks=[block(">=1.2.0 <1.3.1", ">=1.3.0-0 <1.4.1")]))
    (told,) = found.edges
    assert (told.added, told.effect, told.count) == (True, "block", 6)
    assert told.pairs == (
        (("1.2.0",), ("1.3.0-beta.1", "1.3.0", "1.4.0")),
        (("1.3.0-beta.1",), ("1.3.0", "1.4.0")),
        (("1.3.0",), ("1.4.0",)),
    )
    (ended,) = between(world(rollouts, blocks=[block("<1.3.0", ">=1.3.0")]), world(rollouts)).edges
    assert not ended.added


def test_a_warning_changes_what_is_said_with_an_offer_and_is_narrower() -> None:
    found = between(world(BASE), world(BASE, blocks=[block("<1.3.0", "=1.3.0", effect="warn")]))
    (change,) = found.changes
    (move,) = change.moves
    assert (move.before, move.after, move.warned, move.warnings) == ("1.3.0", "1.3.0", (), ("1-3-0--1-3-0-warn",))
    assert found.effect is Effect.narrower


def test_a_lifted_warning_is_wider() -> None:
    warned = world(BASE, blocks=[block("<1.3.0", "=1.3.0", effect="warn")])
    assert between(warned, world(BASE)).effect is Effect.wider


def test_a_ramp_is_one_population_one_after_another() -> None:
    (change,) = between(world(AT_TEN), world(lines(AT_TEN, step(25, 2, over="15h")))).changes
    assert (change.cohorts, change.band, len(change.spread)) == (150, Band("1.4.0", 10, 25), 150)
    assert (change.since, change.spread[0][1], change.spread[-1][1]) == (at(2.1), at(2.1), at(17))
    assert change.until is None


def test_a_minimum_system_divides_people() -> None:
    found = between(world(BASE), world(lines(BASE, step(100)), minimum_os={"1.4.0": "12"}))
    (change,) = found.changes
    assert change.systems == Systems("12", None)


def test_a_downgrade_that_was_asked_for_is_told_apart_and_breaks_no_promise() -> None:
    found = between(world(BASE), world(BASE, withdrawals=[withdrawal("1.3.0", installed="downgrade-to 1.2.0")]))
    back = [change for change in found.changes if change.accepts is Accepts.downgrade]
    assert [move for change in back for move in change.moves if move.back] == [
        Move(Clients("1.3.0", "1.3.0+0"), None, "1.2.0", wider=True, back=True, unless=("1.2.0",))
    ]
    assert Promise("nobody is downgraded", kept=True) in found.promises
    assert found.effect is Effect.wider


def test_a_failed_install_is_told_apart() -> None:
    found = between(world(BASE), world(lines(BASE, step(100))))
    (change,) = found.changes
    assert {version for move in change.moves for version in move.unless} == {"1.4.0", "1.3.0"}
    (other,) = [each for each in found.after_failure if not each.is_ahead]  # where 1.4.0 failed nothing changes
    assert other.failed == "1.3.0"
    assert [(move.before, move.after) for move in other.moves] == [("1.2.0", "1.4.0"), (None, "1.4.0")]


def test_those_who_asked_to_be_ahead_get_a_rollout_that_waits_for_its_first_pass() -> None:
    found = between(world(BASE), world(lines(BASE, step(1, gate="default"))))
    assert found.changes == ()
    (change,) = found.ahead
    assert (change.channel, change.cohorts, None in change.people) == ("stable-next", 1000, True)


@pytest.mark.parametrize(
    ("more", "edges"),
    [
        ({"barriers": [barrier("1.3.0", "1.2.5")]}, [(None, "1.2.5")]),
        ({"blocks": [block(">1.2.5 <=1.2.7", ">=1.4.0")]}, [("1.2.5+0", "1.2.7+0")]),
        ({"deadends": [deadend("1.2.5")]}, [("1.2.5", "1.2.5+0")]),
    ],
    ids=["barrier", "block", "dead end"],
)
def test_versions_that_nobody_built_divide_people_where_facts_name_them(
    more: dict[str, list[object]], edges: list[tuple[str | None, str]]
) -> None:
    rollouts = {**BASE, "stable/1.4.0": [step(100)]}
    found = between(world(rollouts), world(rollouts, **more))  # type: ignore[arg-type]
    assert [(move.clients.least, move.clients.below) for each in found.changes for move in each.moves] == edges


def test_a_critical_line_divides_people_where_it_says() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, critical("1.2.5"))))
    assert {(move.clients.least, move.clients.below) for each in found.changes for move in each.moves} == {
        (None, "1.2.5")
    }


def test_a_major_version_that_is_crossed_in_one_leap_is_named_and_a_barrier_between_them_ends_that() -> None:
    rollouts = {**BASE, "stable/2.0.0": [step(100)]}
    assert between(world(BASE), world(rollouts)).crossings == (Crossing("stable", ("1.2.0", "1.3.0"), "2.0.0"),)
    through = world(rollouts, barriers=[barrier("1.3.0")])
    assert between(world(BASE), through).crossings == (Crossing("stable", ("1.3.0",), "2.0.0"),)


def test_whoever_a_block_without_end_leaves_behind_is_stranded_and_with_an_end_waits() -> None:
    (bar,) = between(world(BASE), world(BASE, blocks=[block("=1.2.0", ">=1.3.0")])).stuck
    assert (bar.versions, bar.reason, bar.waits) == (("1.2.0",), Reason.blocked, False)
    found = between(world(BASE), world(BASE, blocks=[block("=1.2.0", ">=1.3.0 <1.3.1")]))
    assert [bar.waits for bar in found.stuck] == [True]
    assert Promise("nobody is stranded", kept=True) in found.promises


def test_who_is_stranded_breaks_a_promise_but_no_brake_waits_for_a_second_approval() -> None:
    found = between(world(BASE), world(BASE, blocks=[block("=1.2.0", ">=1.3.0")]))
    assert Promise("nobody is stranded", kept=False) in found.promises
    assert (found.effect, found.approvals) == (Effect.narrower, 1)


def test_what_a_step_costs_is_counted_by_cohorts_where_nobody_counted_installations() -> None:
    (cost,) = between(world(AT_TEN), world(lines(AT_TEN, step(25, 2)))).burdens
    assert (cost.installations, cost.bytes, cost.out_of, cost.since) == (150, 150_000, 1000, at(2))
    assert cost.peak == pytest.approx(3 * 150 / (12 * 3600))


def test_what_a_step_costs_is_counted_by_installations_where_they_are_known() -> None:
    before, after = world(AT_TEN), world(lines(AT_TEN, step(25, 2)))
    active = {("stable", "linux-x86_64", "deb", "1.2.0"): 40_000, ("stable", "linux-x86_64", "deb", "1.4.0"): 9}
    found = plan(catalog(before), catalog(after), NOON, after.policy.value, active=active)
    (cost,) = found.burdens
    assert (cost.installations, cost.bytes, cost.out_of) == (6000, 6_000_000, None)


def test_flags_and_who_gets_another_variant_are_part_of_the_plan_and_are_wider() -> None:
    flag = Flag("router", "@core", "2027-01-31", Flagd("ENABLED", {"on": True, "off": False}, "off"))
    flags = {"router": Filed("releases/flags/router.yaml", flag)}
    before = replace(world(BASE), flags=flags)
    trial = Filed("releases/experiments/a.yaml", experiment("a", 20, {"router": "on"}))
    found = between(before, replace(before, experiments={"a": trial}))
    (variant,) = found.variants
    assert (variant.flag, variant.before, variant.after, len(variant.people)) == ("router", "off", "on", 100)
    assert (found.effect, found.is_empty) == (Effect.wider, False)
    assert found.reverse == ('./inv conclude a none --reason "…"',)


# --- the hash -----------------------------------------------------------------------------------------------------


def test_the_hash_is_of_catalogs_and_code_and_never_of_the_clock() -> None:
    old, new, policy = catalog(world(AT_TEN)), catalog(world(lines(AT_TEN, step(25, 2)))), world(BASE).policy.value
    first = plan(old, new, NOON, policy, code="a")
    assert plan(old, new, at(1), policy, code="a").hash == first.hash
    assert plan(old, new, at(50), policy, code="a").hash == first.hash
    assert plan(old, new, NOON, policy, code="b").hash != first.hash
    assert plan(new, old, NOON, policy, code="a").hash != first.hash


def test_approvals_are_counted_by_the_policy_that_asks_for_more() -> None:
    old, new, policy = catalog(world(AT_TEN)), catalog(world(lines(AT_TEN, hold(0)))), world(BASE).policy.value
    strict = replace(policy, approvals=Approvals(3, 3, 3))
    assert plan(old, new, NOON, policy).approvals == 1
    assert plan(old, new, NOON, policy, base=strict).approvals == 3
    assert plan(old, new, NOON, strict, base=policy).approvals == 3


@pytest.mark.slow
@pytest.mark.parametrize("line", [step(25, 1), step(100, 1, over="10d"), hold(0)], ids=["step", "ramp", "hold"])
def test_a_plan_of_one_line_is_made_within_a_second_however_long_the_history(line: Line) -> None:
    """1,000 versions on 3 channels for 8 targets; in processor time, and twice the second, as machines differ."""
    channels, targets = ("stable", "beta", "nightly"), {f"linux{n}-x86_64": ("appimage",) for n in range(8)}
    many: Rollouts = {f"{channel}/1.{n}.0": [step(1, -50), step(100)] for n in range(1000) for channel in channels}
    before, after = ({**many, "stable/2.0.0": [step(10), *more]} for more in ([], [line]))
    catalogs = [catalog(world(rollouts, targets=targets)) for rollouts in (before, after)]
    policy = world(BASE).policy.value
    begun = time.process_time()
    assert plan(catalogs[0], catalogs[1], NOON, policy).changes
    assert time.process_time() - begun < 2
