"""Rules of experiments and flags: who is in which, and that each can end."""

from collections.abc import Iterator
from itertools import combinations

from delivery.rules import expected, ranges
from delivery.rules.checks.change import Change, at, did_you_mean, stamp, warn
from delivery.rules.facts import Experiment, Filed
from delivery.rules.problem import Problem

Pair = tuple[Filed[Experiment], Filed[Experiment]]


def experiments_name_what_exists(change: Change) -> Iterator[Problem]:
    """An experiment is on a channel, of flags and variants, or of a rollout there, that exist."""
    facts = change.facts
    for filed in facts.experiments.values():
        channel, holdback = filed.value.audience.channel, filed.value.holdback
        if channel not in facts.channels:
            mend = did_you_mean(channel, facts.channels, "channel")
            yield at(filed, ("audience", "channel"), f"there is no channel {channel}", mend)
        if holdback and holdback not in facts.rollouts:
            mend = did_you_mean(holdback, facts.rollouts, "rollout")
            yield at(filed, ("holdback",), f"there is no rollout {holdback}", mend)
        for name, arm in (filed.value.arms or {}).items():
            for flag, variant in (arm.flags or {}).items():
                place, known = ("arms", name, "flags", flag), facts.flags.get(flag)
                if known is None:
                    mend = did_you_mean(flag, facts.flags, "flag")
                    yield at(filed, place, f"there is no flag {flag}", mend)
                elif variant not in known.value.body.variants:
                    mend = did_you_mean(variant, known.value.body.variants, "variant")
                    yield at(filed, place, f"{flag} has no variant {variant}", mend)


def defaults_are_variants(change: Change) -> Iterator[Problem]:
    """A flag's default is one of its variants."""
    for filed in change.facts.flags.values():
        body = filed.value.body
        if body.defaultVariant not in body.variants:
            what = f"{filed.value.flag} has no variant {body.defaultVariant}"
            mend = did_you_mean(body.defaultVariant, body.variants, "variant")
            yield at(filed, ("body", "defaultVariant"), what, mend)


def decisions_keep_an_arm(change: Change) -> Iterator[Problem]:
    """A decision keeps one of the experiment's arms, or none."""
    for filed in change.facts.experiments.values():
        decision, arms = filed.value.decision, filed.value.arms or {}
        if decision and decision.keep not in (*arms, "none"):
            what = f"there is no arm {decision.keep}"
            yield at(filed, ("decision", "keep"), what, did_you_mean(decision.keep, (*arms, "none"), "arm"))


def experiments_are_of_flags_or_a_holdback(change: Change) -> Iterator[Problem]:
    """An experiment has arms with flags, or holds back from a rollout on its own channel, never both."""
    for filed in change.facts.experiments.values():
        arms, holdback = filed.value.arms, filed.value.holdback
        if (arms is None) == (holdback is None):
            said = "has neither arms nor a holdback" if arms is None else "has arms and a holdback"
            yield at(filed, ("experiment",), said, "write one of them")
        elif arms is not None and not any(arm.flags for arm in arms.values()):
            yield at(filed, ("arms",), "no arm has flags, so all get the same", "give one arm flags")
        elif holdback and holdback.partition("/")[0] != filed.value.audience.channel:
            what = f"{holdback} is not on {filed.value.audience.channel}, where its audience is"
            yield at(filed, ("holdback",), what, f"name a rollout on {filed.value.audience.channel}")


def weights_add_up(change: Change) -> Iterator[Problem]:
    """The weights of an experiment's arms, of which there are two or more, add up to 100."""
    for filed in change.facts.experiments.values():
        arms = filed.value.arms
        if arms is None:
            continue
        total = sum(arm.weight for arm in arms.values())
        if len(arms) < 2:
            yield at(filed, ("arms",), f"{len(arms)} arms compare with nothing", "add the control")
        elif total != 100:
            yield at(filed, ("arms",), f"the weights add up to {total}", "make them add up to 100")


def experiments_end_after_they_start(change: Change) -> Iterator[Problem]:
    """An experiment ends after it starts."""
    for filed in change.facts.experiments.values():
        if filed.value.end <= filed.value.start:
            what = f"{stamp(filed.value.end)} is not after {stamp(filed.value.start)}, when it starts"
            yield at(filed, ("end",), what, "write when it ends")


_SHARES = ("-free", "-rate", "-success")  # what is measured as a share from 0 to 1 ends so: crash-free


def guardrails_can_be_met(change: Change) -> Iterator[Problem]:
    """A guardrail has a bound, and some measurement is within its bounds."""
    for filed in change.facts.experiments.values():
        for number, guardrail in enumerate(filed.value.guardrails):
            least, most = guardrail.least, guardrail.most
            if least is None and most is None:
                what = f"{guardrail.metric} has no bound"
                yield at(filed, ("guardrails", number), what, "write least: or most:")
            elif guardrail.metric.endswith(_SHARES) and (least or 0) > 1:
                what = f"{guardrail.metric} is a share, which is never above 1"
                yield at(filed, ("guardrails", number), what, f"write {least / 100 if least else 0:g} for {least:g} %")
            elif least is not None and most is not None and least > most:
                what = f"no measurement is at least {least:g} and at most {most:g}"
                yield at(filed, ("guardrails", number), what, "exchange them, or mend one")


def layers_do_not_overlap(change: Change) -> Iterator[Problem]:
    """No two experiments of a layer are for the same installations at the same time."""
    for one, other in _overlapping(change):
        if one.value.layer == other.value.layer:
            who = f"{other.value.experiment} ({other.at('layer')})"
            what = f"{who} is in layer {one.value.layer} too, for the same installations"
            yield at(one, ("layer",), what, "write another layer, other versions, or times behind the other's end")


def a_flag_is_in_one_experiment_at_a_time(change: Change) -> Iterator[Problem]:
    """No two experiments set one flag for the same installations at the same time."""
    for one, other in _overlapping(change):
        for name, arm in (one.value.arms or {}).items():
            shared = sorted(set(arm.flags or {}) & _flags(other.value))
            for flag in shared:
                what = (
                    f"{other.value.experiment} ({other.at('experiment')}) sets {flag} too, for the same installations"
                )
                yield at(one, ("arms", name, "flags", flag), what, "let one of them end first")


def audiences_are_somebody(change: Change) -> Iterator[Problem]:
    """A new experiment's audience has a version that was rolled out on its channel, and some percent of it."""
    for filed in change.new("experiments"):
        audience = filed.value.audience
        there = [each.value.version for each in change.standing.channels.get(audience.channel, ())]
        if audience.channel in change.facts.channels and not ranges.parse(audience.versions).expand(there):
            what = f"matches nothing: no version on {audience.channel} is {audience.versions}"
            yield warn(filed, ("audience", "versions"), what, f"look at releases/rollouts/{audience.channel}/")
        if audience.percent == 0:
            yield warn(filed, ("audience", "percent"), "matches nothing: 0 % is nobody", "write a percent above 0")


def experiments_are_decided(change: Change) -> Iterator[Problem]:
    """An experiment that has ended has a decision."""
    for filed in change.facts.experiments.values():
        if change.now and filed.value.end <= change.now and filed.value.decision is None:
            what = f"ended at {stamp(filed.value.end)} without a decision"
            yield warn(filed, ("end",), what, "add decision: with the arm to keep, or none")


def flags_do_not_outlive_their_day(change: Change) -> Iterator[Problem]:
    """A flag is gone from the product by the day it expires."""
    for filed in change.facts.flags.values():
        if change.now and f"{change.now:%Y-%m-%d}" > filed.value.expires:
            what = f"expired on {filed.value.expires}"
            yield warn(filed, ("expires",), what, f"ask {filed.value.owner}: remove it from the product, or extend it")


def flags_keep_their_meaning(change: Change) -> Iterator[Problem]:
    """A merged flag's name is not used again by another owner for other variants."""
    for name, old in change.merged("flags").items():
        new = change.facts.flags.get(name)
        if (
            new
            and new.value.owner != old.value.owner
            and new.value.body.variants.keys() != old.value.body.variants.keys()
        ):
            said = expected.listed(sorted(old.value.body.variants), "and")
            what = f"the name was {old.value.owner}'s, for {said}: old versions still ask for it"
            yield at(new, ("flag",), what, "give the new flag a name of its own")


def _flags(experiment: Experiment) -> set[str]:
    return {flag for arm in (experiment.arms or {}).values() for flag in arm.flags or {}}


def _overlapping(change: Change) -> Iterator[Pair]:
    """Pairs of undecided experiments, the new or later one first, whose times and audiences meet."""
    running = [filed for filed in change.facts.experiments.values() if filed.value.decision is None]
    merged = change.merged("experiments")
    running.sort(key=lambda filed: (filed.value.experiment not in merged, filed.value.start, filed.value.experiment))
    for other, one in combinations(running, 2):
        mine, theirs = one.value, other.value
        in_time = mine.start < theirs.end and theirs.start < mine.end
        if in_time and mine.audience.channel == theirs.audience.channel and _share_a_version(change, mine, theirs):
            yield one, other


def _share_a_version(change: Change, one: Experiment, other: Experiment) -> bool:
    """Whether some version is in both ranges; versions to come count by the bounds of the ranges themselves."""
    both = ranges.parse(f"{one.audience.versions} {other.audience.versions}")
    bounds = [part.lstrip("<>=") for part in both.text.split(" ")]
    return any(both.holds(version) for version in (*change.standing.versions, *bounds, *map(_just_above, bounds)))


def _just_above(version: str) -> str:
    """A version right above this one, for ranges open below."""
    core, plus, build = version.partition("+")
    return f"{core}{plus}{build}{'.0' if plus else '+0'}"
