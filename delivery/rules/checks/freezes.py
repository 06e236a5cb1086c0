"""Rules of freezes: times in which nothing widens unless a line says why."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from delivery.rules.checks.change import Change, at, did_you_mean, few, stamp, warn
from delivery.rules.checks.steps import begins_at
from delivery.rules.facts import Filed, Freeze, Pass, Rollout, Step, hours
from delivery.rules.problem import Problem


def freezes_are_of_channels_that_exist(change: Change) -> Iterator[Problem]:
    """A freeze names channels that exist."""
    for filed in change.facts.freezes.values():
        for number, channel in enumerate(filed.value.channels):
            if channel not in change.facts.channels:
                mend = did_you_mean(channel, change.facts.channels, "channel")
                yield at(filed, ("channels", number), f"there is no channel {channel}", mend)
        if not filed.value.channels:
            yield at(filed, ("channels",), "freezes nothing: it names no channel", "name the channels")


def freezes_end_after_they_begin(change: Change) -> Iterator[Problem]:
    """A freeze ends after it begins."""
    for filed in change.facts.freezes.values():
        if filed.value.until <= filed.value.from_:
            what = f"{stamp(filed.value.until)} is not after {stamp(filed.value.from_)}, when it begins"
            yield at(filed, ("until",), what, "write when it ends")


def freezes_are_still_to_come(change: Change) -> Iterator[Problem]:
    """A new freeze is not over when it is merged."""
    for filed in change.new("freezes"):
        if change.base and change.now and filed.value.from_ < filed.value.until <= change.now:
            what = f"matches nothing: it is over since {stamp(filed.value.until)}"
            yield warn(filed, ("until",), what, "see whether the year is right")


def nothing_new_widens_in_a_freeze(change: Change) -> Iterator[Problem]:
    """A new ungated step or pass does not fall into a freeze of its channel, unless it says why."""
    freezes = [filed for filed in change.facts.freezes.values() if filed.value.lifted is None]
    for name, filed in change.facts.rollouts.items() if freezes else ():
        for number, line in change.new_lines(name):
            if not isinstance(line, Step | Pass) or line.because:
                continue
            for freeze in freezes:
                if filed.value.channel in freeze.value.channels and _falls_in(change, freeze.value, filed, number):
                    named = f"{freeze.value.freeze} ({freeze.at('freeze')})"
                    what = f"falls into the freeze {named}, until {stamp(freeze.value.until)}"
                    yield at(filed, ("steps", number, "at"), what, "write a later time, or because: and why")


def freezes_are_not_laid_over_what_is_approved(change: Change) -> Iterator[Problem]:
    """A new freeze does not cover the time of a merged step that is still to come, unless it says why."""
    if change.before is None:
        return
    for filed in change.new("freezes"):
        covered = [] if filed.value.because or filed.value.lifted else list(_covered(change, filed.value))
        if covered:
            what = f"covers what is approved already: {few(covered)}"
            yield at(filed, ("from",), what, "hold those rollouts, or add because: and what becomes of these steps")


def _falls_in(change: Change, freeze: Freeze, filed: Filed[Rollout], number: int) -> bool:
    """Whether the line acts while frozen: from its time on (or the merge, if that is later) to its ramp's end."""
    begins, line = begins_at(filed.value, number), filed.value.steps[number]
    if begins is None:
        return False
    if change.base and change.now:
        begins = max(begins, change.now)
    over = line.over if isinstance(line, Step) else None
    ends = begins + timedelta(hours=hours(over) if over else 0)
    return begins < freeze.until and ends >= freeze.from_


def _covered(change: Change, freeze: Freeze) -> Iterator[str]:
    now: datetime | None = change.now
    for name, line in change.before.timelines.items() if change.before else ():
        if name.partition("/")[0] in freeze.channels:
            for stage in line.stages:
                is_to_come = stage.permille and not stage.held and (now is None or stage.at > now)
                if is_to_come and freeze.from_ <= stage.at < freeze.until:
                    yield f"{name} to {stage.percent} % at {stamp(stage.at)} ({stage.fact})"
