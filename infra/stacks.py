"""The stacks that an environment has, and what they are called. Nowhere else are they told apart."""

from __future__ import annotations

from enum import StrEnum
from typing import get_args

from delivery.rules.shapes import Environment

PROJECT = "espice"  # as in Pulumi.yaml


class Kind(StrEnum):
    """What one of an environment's stacks holds; in the order in which they need one another."""

    ground = "ground"
    platform = "platform"
    live = "live"

    def of(self, environment: Environment) -> str:
        """The name of this stack: the platform's is the environment's own."""
        return environment if self is Kind.platform else f"{environment}-{self.value}"


def split(stack: str) -> tuple[Environment, Kind]:
    """The environment, and which of its stacks it is.

    Raises ValueError, which names the stacks there are.
    """
    environments: tuple[Environment, ...] = get_args(Environment)
    there = {kind.of(environment): (environment, kind) for environment in environments for kind in Kind}
    if stack not in there:
        raise ValueError(f"there is no stack {stack}; there are {', '.join(there)}")
    return there[stack]
