"""What the rules look at, and how they name a place and a mend. Holds no rule."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from delivery.rules import expected
from delivery.rules.facts import Facts, Filed, Line, Rollout, Spot
from delivery.rules.problem import Problem
from delivery.rules.tree import dotted

Lines = Iterator[tuple[int, Line]]


@dataclass(frozen=True, slots=True)
class Change:
    """The facts to judge; those they would be merged onto; for which environment and at what time, if that is known.

    Without a base everything is new. Facts that are merged already are judged with themselves as the base.
    """

    facts: Facts
    base: Facts | None = None
    environment: str | None = None
    now: datetime | None = None

    def merged(self, kind: str) -> Mapping[str, Filed[Any]]:
        """The facts of one kind (the name of a field of Facts) in the base."""
        return getattr(self.base, kind) if self.base else {}

    def new_lines(self, name: str) -> Lines:
        """The lines of a rollout, with their numbers, that the base does not have yet."""
        old = self.base.rollouts.get(name) if self.base else None
        steps = self.facts.rollouts[name].value.steps
        return ((number, line) for number, line in enumerate(steps) if not old or number >= len(old.value.steps))


def at(filed: Filed[Any], place: Spot, what: str, mend: str) -> Problem:
    """A problem with a part of a fact."""
    return Problem(filed.path, filed.line(*place), dotted(place), what, mend)


def stamp(moment: datetime) -> str:
    """A moment as facts write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def did_you_mean(name: str, names: Collection[str], kind: str) -> str:
    """The mend for a name that does not exist: the nearest that does, or a few of them."""
    if near := get_close_matches(name, names, 1):
        return f"did you mean {near[0]}?"
    if not names:
        return f"add a {kind} first"
    few = sorted(names)
    return f"the {kind}s are {expected.listed(few, 'and')}" if len(few) < 8 else f"write one of the {len(few)} {kind}s"


def lines(rollout: Filed[Rollout]) -> Lines:
    """The lines of a rollout with their numbers."""
    return enumerate(rollout.value.steps)
