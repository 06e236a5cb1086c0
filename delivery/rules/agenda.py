"""What will come by itself: everything that facts say of a time to come. Needs no merge, and shows what needs one.

Knows no clock (it is told the stretch of time) and no calendar file (`present` writes it).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from delivery.rules.facts import Critical, Facts, Filed, Rollout
from delivery.rules.timeline import Stage, Timeline, in_force, timeline


class Kind(StrEnum):
    """What it is that comes."""

    step = "step"
    ramp_begins = "ramp-begins"
    ramp_ends = "ramp-ends"
    critical = "critical"
    freeze_begins = "freeze-begins"
    freeze_ends = "freeze-ends"
    experiment_starts = "experiment-starts"
    experiment_ends = "experiment-ends"
    notice = "notice"
    support_ends = "support-ends"
    flag_expires = "flag-expires"
    block_review = "block-review"
    page_appears = "page-appears"
    page_review = "page-review"


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a moment, or (`all_day`) on a day, said in a sentence, and the `path:line` that says so.

    `but` is why it will not do what it says, or should make one think.
    """

    at: datetime
    kind: Kind
    what: str
    fact: str
    channels: tuple[str, ...] = ()
    all_day: bool = False
    but: str | None = None

    @property
    def ends(self) -> datetime:
        """When it is over: at once, or with its day."""
        return self.at + timedelta(days=1) if self.all_day else self.at


@dataclass(frozen=True, slots=True)
class Gated:
    """A step that time alone does not bring: it waits for a pass, and comes no earlier than `at`."""

    at: datetime
    what: str
    gate: str
    fact: str


def agenda(facts: Facts, since: datetime, until: datetime) -> tuple[Event, ...]:
    """What comes after `since` and not after `until`, in order of time. A day counts until it is over."""
    every = (*_rollouts(facts), *_freezes(facts), *_experiments(facts), *_notices(facts), *_days(facts))
    return tuple(sorted((each for each in every if since < each.ends and each.at <= until), key=_order))


def gated(facts: Facts) -> tuple[Gated, ...]:
    """The next step of each rollout that waits for its pass, unless the rollout came to its end."""
    found = []
    for name, filed in sorted(facts.rollouts.items()):
        waiting = timeline(filed).waiting
        if waiting and not _ended(facts, filed.value, None):
            first = waiting[0]
            found.append(Gated(first.at, f"{name} to {first.percent} %", first.gate, first.fact))
    return tuple(sorted(found, key=lambda each: (each.at, each.what)))


# --- rollouts -----------------------------------------------------------------------------------------------------


def _rollouts(facts: Facts) -> Iterator[Event]:
    for filed in facts.rollouts.values():
        line = timeline(filed)
        for event in (*_steps(filed.value.rollout, line), *_criticals(filed)):
            but = _ended(facts, filed.value, event.at) or _frozen(facts, filed.value.channel, event)
            yield replace(event, channels=(filed.value.channel,), but=but)


def _steps(name: str, line: Timeline) -> Iterator[Event]:
    for number, stage in enumerate(line.stages):
        before = in_force(line.stages[:number], stage.at)
        start = before.percent if before else 0
        if not stage.over or stage.percent <= start:
            yield Event(stage.at, Kind.step, f"{name} to {stage.percent} %", stage.fact)
            continue
        rise = f"{name} from {start} % to {stage.percent} %"
        yield Event(stage.at, Kind.ramp_begins, f"{rise} begins, until {_stamp(stage.ends)}", stage.fact)
        if not _is_cut(stage, line.stages[number + 1 :]):
            yield Event(stage.ends, Kind.ramp_ends, f"{rise} is complete", stage.fact)


def _is_cut(stage: Stage, later: Iterable[Stage]) -> bool:
    return any(each.at < stage.ends for each in later)


def _criticals(filed: Filed[Rollout]) -> Iterator[Event]:
    for number, line in enumerate(filed.value.steps):
        if isinstance(line, Critical):
            what = f"{filed.value.rollout} becomes critical for those below {line.critical.below}"
            yield Event(line.at, Kind.critical, what, filed.at("steps", number))


def _ended(facts: Facts, rollout: Rollout, at: datetime | None) -> str | None:
    """Why a rollout offers nothing (at this moment; ever again when None)."""
    channel, version = rollout.channel, rollout.version
    for stop in _in_force(facts.stops.values()):
        scope = stop.value.stop
        if scope.channel == channel and (scope.versions is None or version in scope.versions):
            return f"no effect: stopped by {stop.path}"
    withdrawal = facts.withdrawals.get(version)
    if withdrawal and withdrawal.value.lifted is None and channel in withdrawal.value.channels:
        return f"no effect: withdrawn by {withdrawal.path}"
    for newer in facts.rollouts.values():
        if newer.value.channel == channel and newer.value.supersedes == version:
            began = timeline(newer).began
            if began and (at is None or began <= at):
                return f"no effect: superseded by {newer.path}"
    return None


def _frozen(facts: Facts, channel: str, event: Event) -> str | None:
    for freeze in _in_force(facts.freezes.values()):
        if channel in freeze.value.channels and freeze.value.from_ <= event.at < freeze.value.until:
            return f"inside the freeze {freeze.value.freeze}"
    return None


# --- everything else that has a time ------------------------------------------------------------------------------


def _freezes(facts: Facts) -> Iterator[Event]:
    for filed in _in_force(facts.freezes.values()):
        freeze, where = filed.value, ", ".join(filed.value.channels)
        ends = f"the freeze {freeze.freeze} of {where}"
        yield Event(freeze.from_, Kind.freeze_begins, f"{ends} begins", filed.at("from"), freeze.channels)
        yield Event(freeze.until, Kind.freeze_ends, f"{ends} ends", filed.at("until"), freeze.channels)


def _experiments(facts: Facts) -> Iterator[Event]:
    for filed in facts.experiments.values():
        trial = filed.value
        what, channels = f"the experiment {trial.experiment}", (trial.audience.channel,)
        if trial.decision is None:
            yield Event(trial.start, Kind.experiment_starts, f"{what} starts", filed.at("start"), channels)
            yield Event(trial.end, Kind.experiment_ends, f"{what} ends", filed.at("end"), channels)


def _notices(facts: Facts) -> Iterator[Event]:
    for filed in _in_force(facts.notices.values()):
        told = filed.value
        what = f"the notice {told.notice} is shown to {told.versions}"
        yield Event(told.at, Kind.notice, what, filed.at("at"), told.channels)
        if told.support_ends:
            what = f"support ends for {told.versions}"
            yield _day(told.support_ends, Kind.support_ends, what, filed.at("support-ends"), told.channels)


def _days(facts: Facts) -> Iterator[Event]:
    for flag in facts.flags.values():
        what = f"the flag {flag.value.flag} expires ({flag.value.owner})"
        yield _day(flag.value.expires, Kind.flag_expires, what, flag.at("expires"))
    for block in _in_force(facts.blocks.values()):
        what = f"the block {block.value.block} is to be reviewed by {block.value.owner}"
        yield _day(block.value.review_by, Kind.block_review, what, block.at("review-by"))


def _day(day: str, kind: Kind, what: str, fact: str, channels: tuple[str, ...] = ()) -> Event:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Event(at, kind, what, fact, channels, all_day=True)


def _in_force(filed: Iterable[Filed[Any]]) -> Iterator[Filed[Any]]:
    return (each for each in filed if each.value.lifted is None)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _order(event: Event) -> tuple[datetime, str, str]:
    return event.at, event.kind.value, event.what
