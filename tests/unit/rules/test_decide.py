"""One client, one moment, one answer."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.rules.compile import COHORTS, Table
from delivery.rules.decide import NoOffer, Offer, Reason, Request, Rule, bundle_for, decide, verdicts
from delivery.rules.facts import Facts, Hold
from delivery.rules.precedence import precedence
from tests.unit.rules.worlds import (
    LADDER,
    NOON,
    at,
    hold,
    passed,
    resume,
    step,
    stop,
    table,
    withdrawal,
    world,
)
from tests.unit.rules.worlds_at_random import TIMES, VERSIONS, requests, worlds

BASE = {"stable/1.3.0": [step(100)]}


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


# --- properties over worlds at random -----------------------------------------------------------------------------


@given(worlds(), requests(), TIMES)
def test_nothing_offered_is_old_unsigned_stopped_withdrawn_or_just_failed(
    facts: Facts, request: Request, hours: float
) -> None:
    said = decide(table(facts), request, at(hours))
    if not isinstance(said, Offer):
        return
    stopped = [filed.value.stop for filed in facts.stops.values() if filed.value.stop.channel == request.channel]
    withdrawn = facts.withdrawals.get(said.version)
    assert precedence(said.version) > precedence(request.version)
    assert said.artifact.signature
    assert not any(scope.versions is None or said.version in scope.versions for scope in stopped)
    assert withdrawn is None or request.channel not in withdrawn.value.channels
    assert said.version != request.failed
    assert f"{request.channel}/{said.version}" in facts.rollouts


@given(worlds(), requests(), TIMES)
def test_a_decision_is_a_function_of_table_request_and_now(facts: Facts, request: Request, hours: float) -> None:
    assert decide(table(facts), request, at(hours)) == decide(table(facts), request, at(hours))


@given(worlds(), requests(), TIMES)
def test_an_answer_holds_until_the_moment_it_names(facts: Facts, request: Request, hours: float) -> None:
    looked_up = table(facts)
    said = decide(looked_up, request, at(hours))
    later = at(10_000) if said.until is None else at(hours) + (said.until - at(hours)) * 0.999
    assert said.until is None or said.until > at(hours)
    assert decide(looked_up, request, later) == said


@given(worlds(), requests(), TIMES)
def test_the_long_form_agrees_with_the_decision(facts: Facts, request: Request, hours: float) -> None:
    looked_up = table(facts)
    said = decide(looked_up, request, at(hours))
    found = verdicts(looked_up, request, at(hours))
    yes = [verdict for verdict in found if isinstance(verdict.said, Rule)]
    if isinstance(said, Offer):
        assert (yes[0].candidate.version, yes[0].said, yes[0].fact) == (said.version, said.rule, said.fact)
    else:
        assert not yes
        assert not found or found[0].said is said.reason


@settings(max_examples=50)
@given(worlds(), st.sampled_from(VERSIONS), st.integers(0, 100), TIMES, st.booleans())
def test_a_hold_never_admits_anyone_new_at_any_time(
    facts: Facts, version: str, percent: int, hours: float, manual: bool
) -> None:
    name = f"stable/{version}"
    if name not in facts.rollouts or any(isinstance(line, Hold) for line in facts.rollouts[name].value.steps):
        return
    lines = {key: list(filed.value.steps) for key, filed in facts.rollouts.items()}
    held = {**lines, name: [*lines[name], hold(percent)]}
    before, after = (table(world({name: each[name]})) for each in (lines, held))
    assert admitted(after, version, hours, manual=manual) <= admitted(before, version, hours, manual=manual)
