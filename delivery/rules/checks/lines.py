"""Rules of the lines of a rollout among themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from delivery.rules.checks.change import Change, at, did_you_mean, lines, stamp, warn
from delivery.rules.facts import Critical, Filed, Hold, Pass, Resume, Rollout, Step
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem
from delivery.rules.timeline import in_force, timeline


def steps_follow_in_time(change: Change) -> Iterator[Problem]:
    """Steps are written in the order of their times, and a resume comes after its hold."""
    for filed in change.facts.rollouts.values():
        before: tuple[int, datetime] | None = None
        for number, line in lines(filed):
            if isinstance(line, Pass | Critical):
                continue
            if before and line.at <= before[1] and not isinstance(line, Hold):  # a hold acts whatever the clock says
                what = f"{stamp(line.at)} is not after {stamp(before[1])} in line {filed.line('steps', before[0])}"
                yield at(filed, ("steps", number, "at"), what, "write the lines in the order of their times")
            before = (number, line.at)


def percents_only_rise(change: Change) -> Iterator[Problem]:
    """A step offers to more than the one before it; only a hold lowers."""
    for filed in change.facts.rollouts.values():
        before: tuple[int, int] | None = None
        for number, line in lines(filed):
            if isinstance(line, Step):
                if before and line.percent <= before[1]:
                    what = f"{line.percent} is not above {before[1]} in line {filed.line('steps', before[0])}"
                    yield at(filed, ("steps", number, "percent"), what, "write a hold to lower it, or a higher percent")
                before = (number, line.percent)
            elif isinstance(line, Resume):
                before = (number, line.resume)


def gates_are_in_the_policy(change: Change) -> Iterator[Problem]:
    """A step waits for a gate that policy.yaml describes."""
    gates = change.facts.policy.value.gates
    for filed in change.facts.rollouts.values():
        for number, line in lines(filed):
            if isinstance(line, Step) and line.gate is not None and line.gate not in gates:
                what = f"releases/policy.yaml has no gate {line.gate}"
                yield at(filed, ("steps", number, "gate"), what, did_you_mean(line.gate, gates, "gate"))


def passes_are_for_a_gated_step(change: Change) -> Iterator[Problem]:
    """A pass stands below the gated step it is for, is its only one, and no hold is between them."""
    for filed in change.facts.rollouts.values():
        waiting: dict[int, int | None] = {}  # percent of a gated step -> number of its pass
        for number, line in lines(filed):
            match line:
                case Step(gate=gate, percent=percent) if gate is not None:
                    waiting[percent] = None
                case Hold():
                    waiting = {}
                case Pass(pass_=percent) if percent not in waiting:
                    what = f"no gated step to {percent} % waits above it"
                    yield at(filed, ("steps", number, "pass"), what, "write the percent of the gated step that passed")
                case Pass(pass_=percent) if (first := waiting[percent]) is not None:
                    what = f"the step to {percent} % has its pass already, in line {filed.line('steps', first)}"
                    yield at(filed, ("steps", number, "pass"), what, "remove this one")
                case Pass(pass_=percent):
                    waiting[percent] = number


def only_a_resume_follows_a_hold(change: Change) -> Iterator[Problem]:
    """After a hold nothing counts but a resume (or a further hold), and a resume ends a hold."""
    for filed in change.facts.rollouts.values():
        held: int | None = None
        for number, line in lines(filed):
            match line:
                case Hold():
                    held = number
                case Resume() if held is None:
                    yield at(filed, ("steps", number, "resume"), "there is no hold to end", "write a step instead")
                case Resume():
                    held = None
                case _ if held is not None:
                    what = f"stands behind the hold in line {filed.line('steps', held)}, which voids it"
                    yield at(filed, ("steps", number), what, "write a resume before it")


def a_resume_goes_no_further_than_the_hold_found(change: Change) -> Iterator[Problem]:
    """A resume offers to no more than had it when the hold came: what is beyond takes steps, with their gates."""
    for filed in change.facts.rollouts.values():
        found: float | None = None
        for number, line in lines(filed):
            match line:
                case Hold() if found is None:
                    found = _in_force_before(filed, number)
                case Resume(resume=percent) if found is not None:
                    if percent > found:
                        what = f"{percent} is more than the {found} % in force when the hold came"
                        mend = f"resume at {found} at most and write steps behind it"
                        yield at(filed, ("steps", number, "resume"), what, mend)
                    found = None


def critical_lines_are_for_somebody(change: Change) -> Iterator[Problem]:
    """A critical line is for installations below a version that is at most the rollout's own, and there are some."""
    for filed in change.facts.rollouts.values():
        for number, line in lines(filed):
            if not isinstance(line, Critical):
                continue
            below, place = line.critical.below, ("steps", number, "critical", "below")
            if precedence(below) > precedence(filed.value.version):
                mend = f"write {filed.value.version} or a version below it"
                yield at(filed, place, f"{below} is above {filed.value.version}, which they would get", mend)
            elif not any(precedence(version) < precedence(below) for version in change.facts.versions):
                yield warn(filed, place, f"matches nothing: no version is below {below}", "look at releases/versions/")


def _in_force_before(filed: Filed[Rollout], number: int) -> float:
    """The percent in force when the hold of this number came."""
    before = replace(filed, value=replace(filed.value, steps=filed.value.steps[:number]))
    stage = in_force(timeline(before).stages, filed.value.steps[number].at)
    return stage.percent if stage else 0
