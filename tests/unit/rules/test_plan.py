"""What a plan says of the changes that people make most; test_plan_exact holds it to brute force."""

import time
from collections.abc import Mapping, Sequence

from delivery.rules.catalog import sha256, to_bytes
from delivery.rules.compare import Asks, Band, Clients, Move
from delivery.rules.facts import Facts, Line
from delivery.rules.plan import Effect, Newcomers, Plan, Wait, plan
from tests.unit.rules.worlds import ALL_TARGETS, NOON, at, catalog, hold, passed, resume, step, stop, withdrawal, world

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
        Move(Clients(None, "1.3.0"), "1.3.0", "1.4.0", wider=True),
        Move(Clients("1.3.0", "1.4.0"), None, "1.4.0", wider=True),
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
    assert found.newcomers == (Newcomers("stable", CELLS, "1.3.0", "1.4.0"),)


def test_a_raise_is_reversed_by_a_hold_and_never_by_a_deletion() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, step(25))))
    assert found.reverse == ('./inv hold stable --version 1.4.0 --reason "…"',)


def test_a_hold_is_reversed_by_a_resume() -> None:
    found = between(world(AT_TEN), world(lines(AT_TEN, hold(0))))
    assert found.reverse == ("add a line `resume:` to releases/rollouts/stable/1.4.0.yaml",)


def test_a_plan_of_one_line_with_200_versions_asks_few_questions() -> None:
    """Well under the second that is promised; the bound is wide because machines differ."""
    many = {f"stable/1.{number}.0": [step(1, -50), step(100)] for number in range(200)}
    before, after = ({**many, "stable/2.0.0": [step(10), *more]} for more in ([], [step(25, 1)]))
    catalogs = [catalog(world(rollouts, targets=ALL_TARGETS)) for rollouts in (before, after)]
    policy = world(BASE).policy.value
    begun = time.process_time()
    assert len(plan(catalogs[0], catalogs[1], NOON, policy).changes) == 1
    assert time.process_time() - begun < 1
