"""Rules of lines that are new: what a merge may bring about, when, and on what grounds.

Merged lines are history: they are not judged again by a ladder, cap or calendar that came later.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from delivery.rules import expected
from delivery.rules.checks.change import AHEAD, Change, at, lines, stamp, warn
from delivery.rules.facts import Filed, Hold, Line, Pass, Resume, Rollout, Step, hours
from delivery.rules.problem import Problem
from delivery.rules.timeline import Timeline

PAST = timedelta(days=1)  # a merge may take that long after the time was written
SOON = timedelta(days=14)
_SATURDAY = 5


def new_percents_are_on_the_ladder(change: Change) -> Iterator[Problem]:
    """A new step or resume uses a percent of its channel's ladder, or 0."""
    for name, filed in change.facts.rollouts.items():
        channel = change.facts.channels.get(filed.value.channel)
        for number, line in change.new_lines(name) if channel else ():
            percent, key = _percent(line)
            if channel and key and percent not in (0, *channel.value.ladder):
                rungs = expected.listed([str(rung) for rung in channel.value.ladder], "or")
                what = f"{percent} is not on the ladder of {filed.value.channel}"
                yield at(filed, ("steps", number, key), what, f"write {rungs}")


def new_steps_leave_out_no_rung(change: Change) -> Iterator[Problem]:
    """A new step goes to the next percent of its channel's ladder, or says why not."""
    for name, filed in change.facts.rollouts.items():
        channel = change.facts.channels.get(filed.value.channel)
        for number, line in change.new_lines(name) if channel else ():
            if not channel or not isinstance(line, Step) or line.because or line.percent not in channel.value.ladder:
                continue
            before = _stands_at(filed.value, number)
            if skipped := [rung for rung in sorted(channel.value.ladder) if before < rung < line.percent]:
                rungs = expected.listed([str(rung) for rung in skipped], "and")
                what = f"{line.percent} after {before} leaves out {rungs} of the ladder of {filed.value.channel}"
                yield at(filed, ("steps", number, "percent"), what, f"write {skipped[0]}, or because: and why")


def new_ungated_steps_stay_below_the_cap(change: Change) -> Iterator[Problem]:
    """A new step without a gate reaches no more than policy.yaml lets ungated steps of its channel reach."""
    policy = change.facts.policy
    for name, filed in change.facts.rollouts.items():
        cap = policy.value.ungated.get(filed.value.channel, 0)
        for number, line in change.new_lines(name) if filed.value.channel in change.facts.channels else ():
            if isinstance(line, Step) and line.gate is None and line.percent > cap:
                most = f"{cap} % at most" if cap else "nobody"
                where = f"{policy.path} lets ungated steps of {filed.value.channel} reach {most}"
                what = f"{line.percent} % without a gate, where {where}"
                gate = min(policy.value.gates, default="<name>")
                yield at(filed, ("steps", number), what, f"add gate: {gate}, and a pass once it is met")


def first_steps_have_evidence(change: Change) -> Iterator[Problem]:
    """A first step above 0 says what a full update through the channel's -next showed."""
    for filed, number, step in _first_steps(change):
        if step.evidence is None:
            channel = filed.value.channel
            what = f"the first step above 0 of {filed.value.version} has no evidence"
            yield at(
                filed, ("steps", number), what, f"update through {channel}-next, and add evidence: and what you saw"
            )


def versions_soak_before_they_start(change: Change) -> Iterator[Problem]:
    """A first step above 0 comes after the time on another channel that its channel asks for, or says why not."""
    for filed, number, step in _first_steps(change):
        channel = change.facts.channels.get(filed.value.channel)
        soak = channel.value.soak if channel else None
        if channel is None or soak is None or step.because or soak.in_ not in change.facts.channels:
            continue
        version, place = filed.value.version, ("steps", number, "at")
        since = _offered_since(change, soak.in_, version)
        if since is None:
            what = f"{version} was never offered on {soak.in_}, where {channel.value.channel} asks for {soak.at_least}"
            yield at(filed, place, what, f"roll it out on {soak.in_} first, or add because: and why")
        elif step.at < (ready := since + timedelta(hours=hours(soak.at_least))):
            what = f"{version} is offered on {soak.in_} since {stamp(since)}, which is not {soak.at_least} before"
            yield at(filed, place, what, f"write {stamp(ready)} or later, or add because: and why")


def versions_come_from_the_channel_below(change: Change) -> Iterator[Problem]:
    """A first step above 0 is of a version that the channel it promotes from offered, or says why not."""
    for filed, number, step in _first_steps(change):
        channel = change.facts.channels.get(filed.value.channel)
        source = channel.value.promotes_from if channel else None
        if (
            source in change.facts.channels
            and not step.because
            and _offered_since(change, str(source), filed.value.version) is None
        ):
            what = f"{filed.value.version} was never offered on {source}, which {filed.value.channel} promotes from"
            yield at(filed, ("steps", number), what, f"roll it out on {source} first, or add because: and why")


def new_steps_are_not_over_when_merged(change: Change) -> Iterator[Problem]:
    """A new step begins a day ago at the earliest, and its ramp ends after the merge."""
    for name, filed in change.facts.rollouts.items() if change.base and change.now else ():
        for number, line in change.new_lines(name):
            if not isinstance(line, Step) or line.gate is not None or line.percent == 0 or change.now is None:
                continue
            place, ends = ("steps", number, "at"), line.at + timedelta(hours=hours(line.over) if line.over else 0)
            if line.over and ends <= change.now:
                what = f"the ramp is over since {stamp(ends)}, so all of it would come at once"
                yield at(filed, place, what, "write the time from which it should rise")
            elif line.at < change.now - PAST:
                what = f"{stamp(line.at)} is more than a day ago"
                yield at(filed, place, what, "write the time that is meant: it acts as soon as it is merged")


def first_steps_come_soon(change: Change) -> Iterator[Problem]:
    """A first step above 0 is at most 14 days ahead."""
    for filed, number, step in _first_steps(change):
        if change.now and step.at > change.now + SOON:
            what = f"{stamp(step.at)} is more than 14 days ahead"
            yield warn(filed, ("steps", number, "at"), what, "see whether the day is right: a year is soon mistyped")


def new_steps_are_on_working_days(change: Change) -> Iterator[Problem]:
    """A new step or pass does not widen a rollout on a Saturday or Sunday."""
    for name, filed in change.facts.rollouts.items():
        for number, _ in change.new_lines(name):
            if (begins := begins_at(filed.value, number)) and begins.weekday() >= _SATURDAY:
                what = f"{stamp(begins)} is a {begins:%A}"
                yield warn(filed, ("steps", number, "at"), what, "see that somebody is there to watch and hold it")


def holds_and_resumes_are_not_dated_ahead(change: Change) -> Iterator[Problem]:
    """A new hold or resume records a decision made by now, give or take ten minutes."""
    for name, filed in change.facts.rollouts.items():
        for number, line in change.new_lines(name):
            if isinstance(line, Hold | Resume) and change.now and line.at > change.now + AHEAD:
                what = f"{stamp(line.at)} is more than 10 minutes ahead"
                yield at(filed, ("steps", number, "at"), what, "write the time of the decision: it acts once merged")


def a_merge_takes_one_step(change: Change) -> Iterator[Problem]:
    """A merge puts at most one step of a rollout into effect at once; the times of the others lie ahead."""
    if change.before is None or change.now is None or change.before is change.standing:
        return
    for name, filed in change.facts.rollouts.items():
        known = set(_begun(change.before.timelines.get(name), change.now))
        begun = [begin for begin in _begun(change.standing.timelines[name], change.now) if begin not in known]
        if len(begun) > 1:
            said = expected.listed([f"{percent} %" for _, percent in begun], "and")
            what = f"{said} would take effect at once"
            yield at(filed, ("steps",), what, "restate the times, so that one is due and the others lie ahead")


def begins_at(rollout: Rollout, number: int) -> datetime | None:
    """When a line widens its rollout by time alone: a step without a gate, or a pass. None for other lines."""
    match rollout.steps[number]:
        case Step(gate=None, percent=percent, at=moment) if percent:
            return moment
        case Pass(pass_=percent, at=moment):
            above = (line for line in reversed(rollout.steps[:number]) if isinstance(line, Step))
            return max((moment, *(line.at for line in above if line.gate and line.percent == percent)))
    return None


def _first_steps(change: Change) -> Iterator[tuple[Filed[Rollout], int, Step]]:
    """The first step above 0 of each rollout, where it is new."""
    for name, filed in change.facts.rollouts.items():
        first = next(((number, line) for number, line in lines(filed) if isinstance(line, Step) and line.percent), None)
        if first and filed.value.channel in change.facts.channels and first[0] >= change.merged_lines(name):
            yield filed, *first


def _offered_since(change: Change, channel: str, version: str) -> datetime | None:
    name = f"{channel}/{version}"
    stage = change.standing.opens(name) if name in change.facts.rollouts else None
    return stage.at if stage else None


def _stands_at(rollout: Rollout, number: int) -> int:
    """The percent that the lines above this one come to; 100 behind a hold, which voids what it stands before."""
    for line in reversed(rollout.steps[:number]):
        match line:
            case Step(percent=percent) | Resume(resume=percent):
                return percent
            case Hold():
                return 100
    return 0


def _percent(line: Line) -> tuple[int, str]:
    """The percent that a line offers to, and its key; no key for lines that widen nothing."""
    match line:
        case Step(percent=percent):
            return percent, "percent"
        case Resume(resume=percent):
            return percent, "resume"
    return 0, ""


def _begun(line: Timeline | None, now: datetime) -> Iterator[tuple[datetime, float]]:
    for stage in line.stages if line else ():
        if stage.at <= now and stage.permille and not stage.held:
            yield stage.at, stage.percent
