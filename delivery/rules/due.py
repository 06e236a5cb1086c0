"""Which gated steps have come to their time and wait for nothing but their pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from delivery.rules.edit.which import is_held, is_moving
from delivery.rules.facts import Facts, Filed, Rollout
from delivery.rules.timeline import timeline


@dataclass(frozen=True, slots=True)
class Due:
    """A gated step that is the next of its rollout. `fact` is its path:line.

    `began` is when the step in force before it began, `since` when it was reached in full; None where nobody is offered
    the version yet.
    """

    rollout: str
    percent: int
    gate: str
    path: str
    fact: str
    began: datetime | None
    since: datetime | None

    @property
    def channel(self) -> str:
        """The channel that it is on."""
        return self.rollout.partition("/")[0]

    @property
    def version(self) -> str:
        """The version that it offers."""
        return self.rollout.partition("/")[2]


def due(facts: Facts, now: datetime) -> tuple[Due, ...]:
    """One of each rollout at most. A rollout that is held, withdrawn, stopped or superseded has none."""
    return tuple(each for _, filed in sorted(facts.rollouts.items()) for each in _next(facts, filed, now))


def _next(facts: Facts, filed: Filed[Rollout], now: datetime) -> Iterator[Due]:
    found = timeline(filed)
    first = next(iter(found.waiting), None)
    if first is None or first.at > now or is_held(filed) or not is_moving(facts, filed, now):
        return
    stage = next((each for each in reversed(found.stages) if each.at <= now), None)
    began, since = (stage.at, stage.ends) if stage and stage.permille else (None, None)
    yield Due(filed.value.rollout, first.percent, first.gate, filed.path, first.fact, began, since)
