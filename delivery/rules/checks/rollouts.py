"""Rules of rollouts and their lines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

from delivery.rules import expected
from delivery.rules.checks.change import Change, at, did_you_mean, lines, stamp
from delivery.rules.facts import Filed, Hold, Line, Pass, Resume, Rollout, Step
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem
from delivery.rules.timeline import in_force, timeline

AHEAD = timedelta(minutes=10)  # clocks differ; a decision dated later than this was not made yet
_NEVER = datetime.max.replace(tzinfo=UTC)


def rollouts_name_what_exists(change: Change) -> Iterator[Problem]:
    """A rollout is of a version and on a channel that exist."""
    facts = change.facts
    for filed in facts.rollouts.values():
        version, channel = filed.value.version, filed.value.channel
        if version not in facts.versions:
            mend = did_you_mean(version, facts.versions, "version")
            yield at(filed, ("rollout",), f"there is no version {version}", mend)
        if channel not in facts.channels:
            mend = did_you_mean(channel, facts.channels, "channel")
            yield at(filed, ("rollout",), f"there is no channel {channel}", mend)


def steps_follow_in_time(change: Change) -> Iterator[Problem]:
    """Steps are written in the order of their times, and a resume comes after its hold."""
    for filed in change.facts.rollouts.values():
        before: tuple[int, datetime] | None = None
        for number, line in lines(filed):
            if isinstance(line, Pass):
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


def salts_are_unique(change: Change) -> Iterator[Problem]:
    """No two rollouts share a salt, so none asks the same installations first."""
    first: dict[str, Filed[Rollout]] = {}
    for _, filed in sorted(change.facts.rollouts.items()):
        other = first.setdefault(filed.value.salt, filed)
        if other is not filed:
            mend = f"write {filed.value.rollout.replace('/', '-')}"
            yield at(filed, ("salt",), f"{filed.value.salt} is also the salt of {other.at('salt')}", mend)


def one_partial_rollout_a_channel(change: Change) -> Iterator[Problem]:
    """Two rollouts of a channel are never between 0 and 100 % at once, unless one is withdrawn or stopped."""
    running = [
        (filed, spans)
        for filed in change.facts.rollouts.values()
        if not _is_removed(change, filed.value) and (spans := _partial(filed))
    ]
    running.sort(key=lambda found: precedence(found[0].value.version))
    for (older, its_spans), (newer, spans) in combinations(running, 2):
        if older.value.channel == newer.value.channel and (since := _first_common(its_spans, spans)):
            what = f"{older.value.rollout} is between 0 and 100 % too, from {stamp(since)} on"
            mend = f"first bring {older.value.version} to 100 %, hold it at 0 or withdraw it"
            yield at(newer, ("steps",), what, mend)


def holds_and_resumes_are_not_dated_ahead(change: Change) -> Iterator[Problem]:
    """A new hold or resume records a decision made by now, give or take ten minutes."""
    for name, filed in change.facts.rollouts.items():
        for number, line in change.new_lines(name):
            if isinstance(line, Hold | Resume) and change.now and line.at > change.now + AHEAD:
                what = f"{stamp(line.at)} is more than 10 minutes ahead"
                yield at(filed, ("steps", number, "at"), what, "write the time of the decision: it acts once merged")


def a_merge_takes_one_step(change: Change) -> Iterator[Problem]:
    """A merge puts at most one step of a rollout into effect at once; the times of the others lie ahead."""
    if change.base is None or change.now is None:
        return
    for name, filed in change.facts.rollouts.items():
        old = change.base.rollouts.get(name)
        known = set(_begun(old, change.now)) if old else set()
        begun = [begin for begin in _begun(filed, change.now) if begin not in known]
        if len(begun) > 1:
            said = expected.listed([f"{percent} %" for _, percent in begun], "and")
            what = f"{said} would take effect at once"
            yield at(filed, ("steps",), what, "restate the times, so that one is due and the others lie ahead")


def _percent(line: Line) -> tuple[int, str]:
    """The percent that a line offers to, and its key; no key for lines that widen nothing."""
    match line:
        case Step(percent=percent):
            return percent, "percent"
        case Resume(resume=percent):
            return percent, "resume"
    return 0, ""


def _in_force_before(filed: Filed[Rollout], number: int) -> float:
    """The percent in force when the hold of this number came."""
    before = replace(filed, value=replace(filed.value, steps=filed.value.steps[:number]))
    stage = in_force(timeline(before).stages, filed.value.steps[number].at)
    return stage.percent if stage else 0


def _is_removed(change: Change, rollout: Rollout) -> bool:
    withdrawal = change.facts.withdrawals.get(rollout.version)
    stops = (filed.value.stop for filed in change.facts.stops.values())
    return (withdrawal is not None and rollout.channel in withdrawal.value.channels) or any(
        stop.channel == rollout.channel and (stop.versions is None or rollout.version in stop.versions)
        for stop in stops
    )


@dataclass(frozen=True, slots=True)
class _Span:
    since: datetime
    until: datetime


def _partial(filed: Filed[Rollout]) -> list[_Span]:
    """When a rollout is between 0 and 100 %. No clock: what time alone will bring counts already."""
    stages = timeline(filed).stages
    ends = [*(stage.at for stage in stages[1:]), _NEVER]
    return [
        _Span(stage.at, end)
        for stage, end in zip(stages, ends, strict=False)
        if 0 < stage.permille < 1000 or stage.over
    ]


def _first_common(one: list[_Span], other: list[_Span]) -> datetime | None:
    """The first moment that is in both."""
    common = (_Span(max(mine.since, theirs.since), min(mine.until, theirs.until)) for mine in one for theirs in other)
    return min((span.since for span in common if span.since < span.until), default=None)


def _begun(filed: Filed[Rollout], now: datetime) -> Iterator[tuple[datetime, float]]:
    for stage in timeline(filed).stages:
        if stage.at <= now and stage.permille and not stage.held:
            yield stage.at, stage.percent
