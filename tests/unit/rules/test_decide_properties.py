"""What is true of every decision, over worlds at random: what may never widen, and what a change may not touch."""

from collections.abc import Mapping
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from delivery.rules.compile import NEXT, Table
from delivery.rules.decide import Offer, Request, Rule, decide, verdicts
from delivery.rules.facts import Facts, Line
from delivery.rules.precedence import precedence
from tests.examples import examples
from tests.unit.rules.worlds import at, deadend, experiment, hold, step, table, world
from tests.unit.rules.worlds_at_random import (
    A_VERSION,
    NAMES,
    TIMES,
    barriers,
    blocks,
    holdbacks,
    parts,
    requests,
    stops,
    withdrawals,
    worlds,
)

Parts = dict[str, Any]
KEYS = {"withdrawals": "withdraw", "barriers": "barrier", "blocks": "block", "deadends": "deadend",
        "experiments": "experiment"}  # fmt: skip

# Facts that take something away from somebody and give nobody anything, by what `world` calls them.
TAKING: Mapping[str, st.SearchStrategy[Any]] = {
    "stops": stops(),
    "blocks": blocks(),
    "deadends": st.builds(deadend, A_VERSION),
    "experiments": st.one_of(holdbacks(), st.just(experiment("colours", 50, {"dark": "on"}))),
    "withdrawals": withdrawals(),
    "barriers": barriers(),
    "versions": st.just("1.3.9"),
}


def open_to(table: Table, request: Request, hours: float) -> set[str]:
    """Every version that the rules let this client have, not only the highest."""
    found = {each.candidate.version for each in verdicts(table, request, at(hours)) if isinstance(each.said, Rule)}
    said = decide(table, request, at(hours))
    return found | ({said.version} if isinstance(said, Offer) else set())


@st.composite
def changes(draw: st.DrawFn) -> tuple[Parts, Parts, str]:
    """A world, the same with one fact more that only takes away, and the kind of that fact."""
    before, kind = draw(parts()), draw(st.sampled_from(sorted(TAKING)))
    return before, draw(one_more(before, kind)), kind


@st.composite
def one_more(draw: st.DrawFn, before: Parts, kind: str) -> Parts:
    fact, others = draw(TAKING[kind]), list(before.get(kind, []))
    if key := KEYS.get(kind):
        assume(all(getattr(fact, key) != getattr(other, key) for other in others))  # or it would replace that one
    return {**before, kind: [*others, fact]}


@st.composite
def with_a_rollout(draw: st.DrawFn) -> tuple[Parts, str]:
    """A world, and one of its rollouts."""
    before = draw(parts())
    return before, draw(st.sampled_from(sorted(before["rollouts"])))


def with_line(before: Parts, name: str, line: Line) -> Parts:
    """The same with one line more in a rollout."""
    return {**before, "rollouts": {**before["rollouts"], name: [*before["rollouts"][name], line]}}


# --- what is offered ----------------------------------------------------------------------------------------------


@given(worlds(), requests(), TIMES)
def test_nothing_offered_is_old_unsigned_stopped_withdrawn_or_just_failed(
    facts: Facts, request: Request, hours: float
) -> None:
    said = decide(table(facts), request, at(hours))
    if not isinstance(said, Offer):
        return
    channel = request.channel.removesuffix(NEXT)
    stopped = [filed.value.stop for filed in facts.stops.values() if filed.value.stop.channel == channel]
    withdrawn = facts.withdrawals.get(said.version)
    assert (precedence(said.version) < precedence(request.version)) is (said.rule is Rule.downgrade)
    assert said.version != request.version
    assert said.artifact.signature
    assert not any(scope.versions is None or said.version in scope.versions for scope in stopped)
    assert withdrawn is None or channel not in withdrawn.value.channels
    assert said.version != request.failed
    assert f"{channel}/{said.version}" in facts.rollouts


@given(worlds(), requests(), TIMES)
def test_nobody_goes_back_who_does_not_accept_that(facts: Facts, request: Request, hours: float) -> None:
    said = decide(table(facts), request, at(hours))
    if isinstance(said, Offer) and said.rule is Rule.downgrade:
        assert "downgrade" in request.accepts
        assert facts.withdrawals[request.version].value.downgrade_to == said.version


@given(worlds(), requests(), TIMES)
def test_an_offer_keeps_to_its_block_its_barrier_its_system_and_its_targets(
    facts: Facts, request: Request, hours: float
) -> None:
    said = decide(table(facts), request, at(hours))
    if not isinstance(said, Offer):
        return
    rollout = facts.rollouts[f"{request.channel.removesuffix(NEXT)}/{said.version}"].value
    assert rollout.targets == "all" or request.target in rollout.targets
    assert not (facts.versions[said.version].value.minimum_os and request.os in (None, "9", "garbage"))
    assert request.version not in facts.deadends
    for filed in facts.barriers.values():
        here = filed.value.targets == "all" or request.target in filed.value.targets
        if here and precedence(request.version) < precedence(filed.value.applies_below):
            assert not precedence(request.version) < precedence(filed.value.barrier) < precedence(said.version)


# --- what an answer is a function of ------------------------------------------------------------------------------


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
    if isinstance(said, Offer) and said.rule is not Rule.downgrade:
        assert (yes[0].candidate.version, yes[0].said, yes[0].fact) == (said.version, said.rule, said.fact)
    elif not isinstance(said, Offer) and request.version not in facts.deadends:
        assert not yes
        assert not found or found[0].said is said.reason


# --- what never widens --------------------------------------------------------------------------------------------


@examples(120)
@given(changes(), requests(), TIMES)
def test_a_fact_that_takes_away_never_offers_more_to_anybody(
    change: tuple[Parts, Parts, str], request: Request, hours: float
) -> None:
    before, after, kind = change
    # A withdrawal makes another rollout the newest, which <channel>-next is for. A barrier below one that was taken
    # away opens the way to itself.
    assume(kind != "withdrawals" or not request.channel.endswith(NEXT))
    assume(kind != "barriers" or not before["barriers"])
    old, new = (open_to(table(world(**each)), request, hours) for each in (before, after))
    assert new <= old


@examples(60)
@given(with_a_rollout(), st.sampled_from((0, 10, 50)), requests(), TIMES, TIMES)
def test_a_hold_never_offers_more_to_anybody_at_any_time(
    found: tuple[Parts, str], percent: int, request: Request, when: float, hours: float
) -> None:
    before, name = {**found[0], "supersedes": {}}, found[1]
    after = with_line(before, name, hold(percent, when))
    old, new = (open_to(table(world(**each)), request, hours) for each in (before, after))
    assert new <= old


@examples(60)
@given(with_a_rollout(), requests(), TIMES)
def test_a_hold_from_now_on_never_revives_what_was_superseded(
    found: tuple[Parts, str], request: Request, hours: float
) -> None:
    before, name = found
    after = with_line(before, name, hold(0, hours))
    old, new = (open_to(table(world(**each)), request, hours) for each in (before, after))
    assert new <= old


@examples(60)
@given(with_a_rollout(), requests(), TIMES, TIMES)
def test_a_raise_only_adds(found: tuple[Parts, str], request: Request, when: float, hours: float) -> None:
    before, name = {**found[0], "supersedes": {}}, found[1]
    after = with_line(before, name, step(100, when))
    old, new = (open_to(table(world(**each)), request, hours) for each in (before, after))
    assert {version for version in old if _is_higher(version, request)} <= new


@examples(60)
@given(parts(), st.sampled_from(NAMES), requests(), TIMES, st.sampled_from((None, "default")))
def test_a_new_rollout_offers_nothing_by_being_there(
    before: Parts, name: str, request: Request, hours: float, gate: str | None
) -> None:
    """At 0 %, or at any percent behind a gate that nobody passed. (What is ahead on -next is another matter.)"""
    assume(name not in before["rollouts"] and not request.channel.endswith(NEXT))
    rollouts = {**before["rollouts"], name: [step(100 if gate else 0, -3, gate)]}
    old, new = (open_to(table(world(**each)), request, hours) for each in (before, {**before, "rollouts": rollouts}))
    assert new <= old


@examples(60)
@given(parts(), requests(), TIMES)
def test_saying_less_of_oneself_never_gets_one_more(before: Parts, request: Request, hours: float) -> None:
    """Without a cohort, without a system, without asking by hand: absence never widens."""
    assume(not before["experiments"])  # a holdback is only for those with a cohort
    looked_up = table(world(**before))
    less = Request(request.channel, request.target, request.bundle, request.version, failed=request.failed)
    assert open_to(looked_up, less, hours) <= open_to(looked_up, request, hours)


# --- merges -------------------------------------------------------------------------------------------------------


@examples(60)
@given(parts(), st.data(), requests(), TIMES)
def test_two_facts_that_take_away_take_away_what_each_does(
    before: Parts, data: st.DataObject, request: Request, hours: float
) -> None:
    one, other = data.draw(st.permutations(["blocks", "deadends", "stops", "experiments"]))[:2]
    first, second = data.draw(one_more(before, one)), data.draw(one_more(before, other))
    both = {**first, other: second[other]}
    barriers_aside = [{**each, "barriers": []} for each in (first, second, both)]
    left, right, merged = (open_to(table(world(**each)), request, hours) for each in barriers_aside)
    assert {version for version in merged if _is_higher(version, request)} == {
        version for version in left & right if _is_higher(version, request)
    }


@examples(60)
@given(parts(), st.data(), requests(), TIMES)
def test_two_raises_of_two_rollouts_offer_what_each_does(
    before: Parts, data: st.DataObject, request: Request, hours: float
) -> None:
    assume(len(before["rollouts"]) > 1 and not before["supersedes"])
    one, other = data.draw(st.permutations(sorted(before["rollouts"])))[:2]
    raised = {name: [*before["rollouts"][name], step(100, -0.5)] for name in (one, other)}
    first, second = ({**before, "rollouts": {**before["rollouts"], name: raised[name]}} for name in (one, other))
    both = {**before, "rollouts": {**before["rollouts"], **raised}}
    left, right, merged = (open_to(table(world(**each)), request, hours) for each in (first, second, both))
    assert {version for version in merged if _is_higher(version, request)} == {
        version for version in left | right if _is_higher(version, request)
    }


@examples(60)
@given(parts(), parts(), requests(), TIMES)
def test_what_happens_on_one_channel_is_nothing_to_the_other(
    before: Parts, other: Parts, request: Request, hours: float
) -> None:
    """Rollouts of stable from one world and of beta from another: each channel answers as in its own."""
    alone = {**before, "withdrawals": [], "stops": [], "experiments": []}
    mine = {name: lines for name, lines in before["rollouts"].items() if name.startswith("stable")}
    theirs = {name: lines for name, lines in other["rollouts"].items() if name.startswith("beta")}
    assume(not request.channel.startswith("beta"))
    kept, merged = (table(world(**{**alone, "rollouts": each})) for each in (mine, {**mine, **theirs}))
    assert open_to(kept, request, hours) == open_to(merged, request, hours)


def _is_higher(version: str, request: Request) -> bool:
    """Downgrades aside: going back is what is left where nothing higher is open, so it is not a matter of sets."""
    return precedence(version) > precedence(request.version)
