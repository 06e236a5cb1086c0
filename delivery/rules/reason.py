"""Whether words may stand as the reason of a fact, asked before there is a fact that they could stand in."""

from dataclasses import dataclass

from delivery.rules.append import whole
from delivery.rules.load import parse
from delivery.rules.problem import Problem
from delivery.rules.shapes import STRICT, Sentence


@dataclass(frozen=True, slots=True)
class _Said:
    __pydantic_config__ = STRICT
    reason: Sentence


def unfit(reason: str) -> tuple[Problem, ...]:
    """What every fact that has a reason would say of this one; it is in no file yet."""
    return tuple(parse("", whole(_Said(reason)), _Said)[1])
