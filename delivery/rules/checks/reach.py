"""Proofs by asking: what `decide` tells every version ever shipped, on every channel, target and bundle.

Targets and bundles that treat their versions alike are asked once. Nobody may be *stranded*: no chain of offers leads
to any higher version and nothing bounds the wait. A wait that the `to` of a block bounds, the replacement of a
withdrawn version or the end of a stop is *waiting*: it is counted, named, and refused to nobody.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from delivery.rules.checks.change import Change, at_fact, few
from delivery.rules.checks.standing import Standing, Way
from delivery.rules.compile import Cell, CellKey, Table
from delivery.rules.decide import Decision, NoOffer, Offer, Reason, Request, Rule, decide, verdicts
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem, Severity

_ANY_OS = "999999"  # an operating system newer than any minimum: who has an older one is told by the version's fact
_TURN = {Reason.not_started, Reason.held, Reason.held_back, Reason.no_cohort, Reason.later_cohort}
_ENDS = {Reason.stopped: "the stop is lifted", Reason.withdrawn: "a higher version takes its place"}


class Asked(NamedTuple):
    """A channel with targets and bundles that treat their versions alike, and what each version is told there."""

    channel: str
    ways: tuple[Way, ...]
    answers: Mapping[str, tuple[Decision, Decision]]  # version -> to who waits, to who asks and accepts a downgrade


@dataclass(frozen=True, slots=True)
class Stuck:
    """Versions from which nothing leads up, by the fact that bars the way; `until` is what ends the wait."""

    channel: str
    ways: tuple[Way, ...]
    fact: str
    why: str
    until: str | None
    versions: tuple[str, ...]


def nobody_is_stranded(change: Change) -> Iterator[Problem]:
    """From every version ever shipped a chain of offers leads to a higher one, or something bounds the wait for it."""
    for stuck in _stuck(change):
        if stuck.until is None:
            what = f"{_who(stuck)} are stranded: {stuck.why}"
            yield at_fact(stuck.fact, what, "give them a way up, or declare a dead end with a notice")


def those_who_wait_are_named(change: Change) -> Iterator[Problem]:
    """Versions whose way up is barred for a time are counted and named."""
    for stuck in _stuck(change):
        if stuck.until is not None:
            problem = at_fact(stuck.fact, f"{_who(stuck)} wait: {stuck.why}", f"they go on once {stuck.until}")
            yield replace(problem, severity=Severity.warning)


def nothing_offered_is_taken_back_unsigned_or_older(change: Change) -> Iterator[Problem]:
    """No version is offered that is withdrawn, stopped, unsigned, or older than what the client has."""
    for asked in _answers(change):
        for version, decisions in asked.answers.items():
            for decision in decisions:
                if isinstance(decision, Offer) and (wrong := _wrong(change.standing, asked.channel, version, decision)):
                    what = f"{version} on {asked.channel} would be offered {decision.version}, which {wrong}"
                    yield at_fact(decision.fact, what, "report it: the decision itself is wrong")


def offers_never_lead_in_a_circle(change: Change) -> Iterator[Problem]:
    """Whoever takes every offer, downgrades too, comes to an end."""
    for asked in _answers(change):
        following = {
            version: decisions[1].version
            for version, decisions in asked.answers.items()
            if isinstance(decisions[1], Offer)
        }
        if circle := _circle(following):
            fact = next(d.fact for d in asked.answers[circle[0]] if isinstance(d, Offer))
            what = f"offers lead in a circle on {asked.channel}: {', '.join([*circle, circle[0]])}"
            yield at_fact(fact, what, "remove a downgrade or a reissue from it")


# --- asking -------------------------------------------------------------------------------------------------------


def _answers(change: Change) -> tuple[Asked, ...]:
    """What every version is told; nothing where no time is known, or names lead nowhere."""
    table, now = change.standing.table, change.now
    return change.once("answers", lambda: tuple(_ask(table, now)) if table and now else ())


def _ask(table: Table, now: datetime) -> Iterator[Asked]:
    shipped: dict[Way, list[str]] = defaultdict(list)
    for version, release in table.catalog.releases.items():
        for target, bundles in release.artifacts.items():
            for bundle in bundles:
                shipped[target, bundle].append(version)
    alike: dict[object, list[CellKey]] = defaultdict(list)
    for key, cell in table.cells.items():
        alike[key[0], _shape(cell), tuple(shipped[key[1:]])].append(key)
    for keys in alike.values():
        channel, target, bundle = keys[0]
        answers = {}
        for version in shipped[target, bundle]:
            waits = Request(channel, target, bundle, version, os=_ANY_OS)
            asks = replace(waits, manual=True, accepts=frozenset({"downgrade"}))
            answers[version] = decide(table, waits, now), decide(table, asks, now)
        yield Asked(channel, tuple(key[1:] for key in keys), answers)


def _shape(cell: Cell) -> object:
    """All by which cells of one channel can differ: rollouts are the same for all its targets."""
    candidates = tuple(
        (each.version, each.minimum_os, tuple(block.fact for block in each.blocks)) for each in cell.candidates
    )
    return candidates, cell.gateways


def _wrong(standing: Standing, channel: str, version: str, offer: Offer) -> str | None:
    if fact := standing.removal(channel, offer.version):
        return f"{fact} takes back"
    if not offer.artifact.signature:
        return "has no signature"
    if precedence(offer.version) <= precedence(version) and offer.rule is not Rule.downgrade:
        return "is no higher"
    return None


def _circle(following: Mapping[str, str]) -> list[str] | None:
    done: set[str] = set()
    for start in following:
        walked: list[str] = []
        here: str | None = start
        while here is not None and here not in done and here not in walked:
            walked.append(here)
            here = following.get(here)
        if here in walked:
            return walked[walked.index(here) :]
        done.update(walked)
    return None


# --- who does not get on ------------------------------------------------------------------------------------------


def _stuck(change: Change) -> tuple[Stuck, ...]:
    table, now = change.standing.table, change.now
    return change.once("stuck", lambda: tuple(_find_stuck(change, table, now)) if table and now else ())


def _find_stuck(change: Change, table: Table, now: datetime) -> Iterator[Stuck]:
    for asked in _answers(change):
        found: dict[tuple[str, str, str | None], list[str]] = defaultdict(list)
        for version, (_, decision) in asked.answers.items():
            if isinstance(decision, NoOffer) and decision.version and decision.reason not in _TURN:
                request = Request(asked.channel, *asked.ways[0], version, os=_ANY_OS, manual=True)
                if barred := _barred(change, table, request, now):
                    found[barred].append(version)
        for (fact, why, until), versions in found.items():
            yield Stuck(asked.channel, asked.ways, fact, why, until, tuple(versions))


def _barred(change: Change, table: Table, request: Request, now: datetime) -> tuple[str, str, str | None] | None:
    """The fact that bars the way up, why, and what ends that; None where it is only a matter of time and turn."""
    said = verdicts(table, request, now)
    if any(isinstance(each.said, Rule) or each.said in _TURN for each in said):
        return None
    there = {each.candidate.version for each in said}
    passages = {barrier.fact: barrier.version for barrier in table.catalog.barriers if barrier.version not in there}
    if shut := next((each.fact for each in said if each.said is Reason.barrier and each.fact in passages), None):
        return shut, f"they must go through {passages[shut]}, which nobody can get there", None
    for each in said:  # highest first
        if each.said is Reason.blocked:
            return each.fact, f"{each.candidate.version} is blocked for them", _end_of_block(change, each.fact)
        if isinstance(each.said, Reason) and each.said in _ENDS:
            return each.fact, f"{each.candidate.version} is {each.said}", _ENDS[each.said]
    return said[0].fact, f"{said[0].candidate.version} is not for them ({said[0].said})", None


def _end_of_block(change: Change, fact: str) -> str | None:
    """What the `to` of a block bounds the wait by."""
    for filed in change.facts.blocks.values():
        if filed.at("block") == fact and any(part[0] in "<=" for part in filed.value.to.split(" ")):
            return f"there is a version outside {filed.value.to}"
    return None


def _who(stuck: Stuck) -> str:
    named = few(stuck.versions)
    where = few([f"{target} {bundle}" for target, bundle in stuck.ways])
    count = f"{len(stuck.versions)} versions ({named})" if len(stuck.versions) > 1 else f"installations of {named}"
    return f"{count} on {stuck.channel} ({where})"
