"""From the lines of a rollout to the share in force at any time.

The rules of lines (releases/README.md says them to people):
- a step is in force from `at` on; a gated one from its pass on if that is later, and never without one;
- steps take effect in the order they are written, so one that waits makes those behind it wait;
- a step with `over` gets there cohort by cohort in that time, evenly;
- a hold keeps at most its percent from the moment it is live, whatever the clock says, and voids all later steps;
- a resume ends the hold at its `at`.

Shares are per mille here: one is one cohort of the thousand, which is as fine as a ramp can be.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from delivery.rules.facts import Critical, Filed, Hold, Pass, Resume, Rollout, Step, hours


@dataclass(frozen=True, slots=True)
class Stage:
    """From `at` on `permille` of the cohorts; with `over` seconds it rises to it evenly from what was reached before.

    The next stage ends a ramp where it stands. `fact` is the path:line that says so.
    """

    at: datetime
    permille: int
    held: bool
    fact: str
    over: int = 0

    @property
    def percent(self) -> float:
        """The share in percent; an int wherever no ramp was cut short."""
        return self.permille // 10 if self.permille % 10 == 0 else self.permille / 10

    @property
    def ends(self) -> datetime:
        """When its ramp is over; `at` without one."""
        return self.at + timedelta(seconds=self.over)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that is not in force by time alone: it, or one before it, waits for a pass."""

    at: datetime
    percent: int
    gate: str
    fact: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stages in order of time, and the steps that wait for a pass.

    `began` is when the first step above 0 took effect: a later hold lowers what is offered, but does not undo that.
    """

    stages: tuple[Stage, ...]
    waiting: tuple[Waiting, ...]
    began: datetime | None


def timeline(rollout: Filed[Rollout]) -> Timeline:
    """What the lines amount to. Lines that `check` refuses give a timeline that offers no more than they say."""
    stages: list[Stage] = []
    waiting: list[Waiting] = []
    blocked: str | None = None  # the gate that the first waiting step waits for
    began: datetime | None = None
    for number, line in enumerate(rollout.value.steps):
        fact = rollout.at("steps", number)
        match line:
            case Step():
                since = _effective(rollout.value, number, line)
                if blocked is not None or since is None:
                    blocked = blocked or line.gate or ""
                    waiting.append(Waiting(line.at, line.percent, blocked, fact))
                else:
                    stages = _behind(stages, Stage(since, 10 * line.percent, False, fact, _seconds(line)))
            case Hold():
                began = began or _first_above_0(stages, line.at)
                stages, waiting, blocked = _held(stages, line, fact), [], None
            case Resume():
                stages = _behind(stages, Stage(line.at, 10 * line.resume, False, fact))
            case Pass() | Critical():
                pass  # a pass is found from its step, by _effective; critical lines are `criticals`
    return Timeline(tuple(stages), tuple(waiting), began or _first_above_0(stages))


def in_force(stages: tuple[Stage, ...], now: datetime) -> Stage | None:
    """The stage that holds now, with the share its ramp has reached; None before the first."""
    begun = takewhile(lambda stage: stage.at <= now, unrolled(stages))
    return next(iter(deque(begun, maxlen=1)), None)


def unrolled(stages: tuple[Stage, ...]) -> Iterator[Stage]:
    """The same without ramps: a stage for each cohort that a ramp admits, until the next stage begins."""
    reached = 0
    for number, stage in enumerate(stages):
        if not stage.over or stage.permille <= reached:
            reached = stage.permille
            yield replace(stage, over=0) if stage.over else stage
            continue
        start, rise = reached, stage.permille - reached
        ends = stages[number + 1].at if number + 1 < len(stages) else None
        for step in range(rise + 1):
            at = stage.at + timedelta(seconds=stage.over) * step / rise
            if ends is not None and at > ends:
                break
            reached = start + step
            yield Stage(at, reached, stage.held, stage.fact)


def pass_of(rollout: Rollout, number: int) -> int | None:
    """The number of the line that lets a gated step take effect, if there is one: a hold voids what is behind it."""
    step = rollout.steps[number]
    if not isinstance(step, Step) or step.gate is None:
        return None
    for later, line in enumerate(rollout.steps[number + 1 :], number + 1):
        if isinstance(line, Hold):
            return None
        if isinstance(line, Pass) and line.pass_ == step.percent:
            return later
    return None


def _behind(stages: list[Stage], stage: Stage) -> list[Stage]:
    """With a further stage, which begins no earlier than the one before."""
    return [*stages, replace(stage, at=max(stage.at, stages[-1].at)) if stages else stage]


def _first_above_0(stages: list[Stage], until: datetime | None = None) -> datetime | None:
    """When these stages first offer to somebody, if that is no later than `until`."""
    first = next((stage.at for stage in unrolled(tuple(stages)) if stage.permille), None)
    return first if first is None or until is None or first <= until else None


def _seconds(step: Step) -> int:
    return hours(step.over) * 3600 if step.over else 0


def _effective(rollout: Rollout, number: int, step: Step) -> datetime | None:
    """When a step takes effect by its own line and pass; None without a needed pass."""
    if step.gate is None:
        return step.at
    found = pass_of(rollout, number)
    return None if found is None else max(step.at, rollout.steps[found].at)


def _held(stages: list[Stage], hold: Hold, fact: str) -> list[Stage]:
    """The stages once a hold is live: it acts at once, so earlier stages are capped too, and later ones are void."""
    begun = tuple(stage for stage in stages if stage.at <= hold.at)
    reached = in_force(begun, hold.at)
    most = 10 * hold.hold
    kept = [replace(stage, permille=min(stage.permille, most), held=True, fact=fact) for stage in begun]
    return [*kept, Stage(hold.at, min(reached.permille, most) if reached else 0, True, fact)]
