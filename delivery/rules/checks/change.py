"""What the rules look at, and how they name a place and a mend. Holds no rule."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar, cast

from delivery.rules import expected
from delivery.rules.checks.standing import Standing
from delivery.rules.facts import Facts, Filed, Line, Rollout, Spot
from delivery.rules.problem import Problem, Severity
from delivery.rules.tree import dotted

T = TypeVar("T")
Lines = Iterator[tuple[int, Line]]
AHEAD = timedelta(minutes=10)  # clocks differ; a decision dated later than this was not made yet


@dataclass(frozen=True)  # without slots: what is computed once is kept beside the fields
class Change:
    """The facts to judge; those they would be merged onto; for which environment and at what time, if that is known.

    Without a base everything is new. Facts that are merged already are judged with themselves as the base.
    `understood` are the features of catalogs that the builds now live have; None where nobody asked them.
    """

    facts: Facts
    base: Facts | None = None
    environment: str | None = None
    now: datetime | None = None
    understood: frozenset[str] | None = None
    _found: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def once(self, name: str, find: Callable[[], T]) -> T:
        """What several rules of a theme ask for, found once."""
        if name not in self._found:
            self._found[name] = find()
        return cast("T", self._found[name])

    @cached_property
    def standing(self) -> Standing:
        """What the facts amount to."""
        return Standing(self.facts)

    @cached_property
    def before(self) -> Standing | None:
        """What the base amounts to."""
        if self.base is self.facts:
            return self.standing
        return Standing(self.base) if self.base else None

    def new(self, kind: str) -> Iterator[Filed[Any]]:
        """The facts of one kind that the base does not have."""
        merged = self.merged(kind)
        return (filed for name, filed in getattr(self.facts, kind).items() if name not in merged)

    def merged(self, kind: str) -> Mapping[str, Filed[Any]]:
        """The facts of one kind (the name of a field of Facts) in the base."""
        return getattr(self.base, kind) if self.base else {}

    def new_lines(self, name: str) -> Lines:
        """The lines of a rollout, with their numbers, that the base does not have yet."""
        first = self.merged_lines(name)
        return enumerate(self.facts.rollouts[name].value.steps[first:], first)

    def merged_lines(self, name: str) -> int:
        """How many lines of a rollout the base has."""
        old = self.merged("rollouts").get(name)
        return len(old.value.steps) if old else 0


def at(filed: Filed[Any], place: Spot, what: str, mend: str) -> Problem:
    """A problem with a part of a fact."""
    return Problem(filed.path, filed.line(*place), dotted(place), what, mend)


def warn(filed: Filed[Any], place: Spot, what: str, mend: str) -> Problem:
    """The same, as something to look at that refuses nothing."""
    return replace(at(filed, place, what, mend), severity=Severity.warning)


def at_fact(fact: str, what: str, mend: str) -> Problem:
    """A problem with the fact at `path:line`."""
    path, _, line = fact.rpartition(":")
    return Problem(path, int(line), "", what, mend)


def few(names: Sequence[str], most: int = 4) -> str:
    """Some names, and how many more: 1.2.0, 1.2.1 and 12 more."""
    if len(names) <= most:
        return expected.listed(names, "and")
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"


def stamp(moment: datetime) -> str:
    """A moment as facts write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def did_you_mean(name: str, names: Collection[str], kind: str) -> str:
    """The mend for a name that does not exist: the nearest that does, or a few of them."""
    if near := get_close_matches(name, names, 1):
        return f"did you mean {near[0]}?"
    if not names:
        return f"add {'an' if kind[0] in 'aeiou' else 'a'} {kind} first"
    few = sorted(names)
    return f"the {kind}s are {expected.listed(few, 'and')}" if len(few) < 8 else f"write one of the {len(few)} {kind}s"


def lines(rollout: Filed[Rollout]) -> Lines:
    """The lines of a rollout with their numbers."""
    return enumerate(rollout.value.steps)
