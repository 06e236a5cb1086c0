"""From the lines of a rollout to the percent in force at any time.

The rules of lines (releases/README.md says them to people):
- a step is in force from `at` on; a gated one from its pass on if that is later, and never without one;
- steps take effect in the order they are written, so one that waits makes those behind it wait;
- a hold keeps at most its percent from the moment it is live, whatever the clock says, and voids all later steps;
- a resume ends the hold at its `at`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from delivery.rules.facts import Filed, Hold, Pass, Resume, Rollout, Step


@dataclass(frozen=True, slots=True)
class Stage:
    """From `at` on, `percent` of the cohorts; `fact` is the path:line that says so."""

    at: datetime
    percent: int
    held: bool
    fact: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that is not in force by time alone: it, or one before it, waits for a pass."""

    at: datetime
    percent: int
    gate: str
    fact: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stages in order of time, and the steps that wait for a pass."""

    stages: tuple[Stage, ...]
    waiting: tuple[Waiting, ...]


def timeline(rollout: Filed[Rollout]) -> Timeline:
    """What the lines amount to. Lines that `check` refuses give a timeline that offers no more than they say."""
    stages: list[Stage] = []
    waiting: list[Waiting] = []
    blocked: str | None = None  # the gate that the first waiting step waits for
    for number, line in enumerate(rollout.value.steps):
        fact = rollout.at("steps", number)
        match line:
            case Step():
                since = _effective(rollout.value, number, line)
                if blocked is not None or since is None:
                    blocked = blocked or line.gate or ""
                    waiting.append(Waiting(line.at, line.percent, blocked, fact))
                else:
                    since = max(since, stages[-1].at) if stages else since
                    stages.append(Stage(since, line.percent, False, fact))
            case Hold():
                stages, waiting, blocked = _held(stages, line, fact), [], None
            case Resume():
                stages.append(Stage(line.at, line.resume, False, fact))
            case Pass():
                pass  # found from its step, by _effective
    return Timeline(tuple(stages), tuple(waiting))


def in_force(stages: tuple[Stage, ...], now: datetime) -> Stage | None:
    """The stage that holds now, if any has begun."""
    begun = [stage for stage in stages if stage.at <= now]
    return begun[-1] if begun else None


def _effective(rollout: Rollout, number: int, step: Step) -> datetime | None:
    """When a step takes effect by its own line and pass; None without a needed pass."""
    if step.gate is None:
        return step.at
    found = next(
        (line for line in _until_hold(rollout, number) if isinstance(line, Pass) and line.pass_ == step.percent),
        None,
    )
    return max(step.at, found.at) if found else None


def _until_hold(rollout: Rollout, number: int) -> Iterator[Step | Pass | Hold | Resume]:
    """The lines after a step that can still be about it: a hold voids what comes behind it."""
    for line in rollout.steps[number + 1 :]:
        if isinstance(line, Hold):
            return
        yield line


def _held(stages: list[Stage], hold: Hold, fact: str) -> list[Stage]:
    """The stages once a hold is live: it acts at once, so earlier stages are capped too, and later ones are void."""
    kept = [
        replace(stage, percent=min(stage.percent, hold.hold), held=True, fact=fact)
        for stage in stages
        if stage.at <= hold.at
    ]
    percent = kept[-1].percent if kept else 0
    return [*kept, Stage(hold.at, percent, True, fact)]
