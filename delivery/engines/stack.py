"""What both engines are given and what they hand back.

A `Stack` is a program with its configuration; an `Outcome` is what an engine did, or would do, with it. Nothing
here runs anything: see `engine_embedded` and `engine_pulumi`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class EngineError(Exception):
    """An engine could not start or finish its work; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One program under one name. `config` keys are full (`espice:infra`), values strings (JSON for objects).

    `secrets` are those keys of `config` whose values may lie nowhere in plain text.
    """

    project: str
    name: str
    program: Callable[[], None]
    config: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()


class Operation(StrEnum):
    """What happens to one resource."""

    create = "create"
    update = "update"
    replace = "replace"  # type: ignore[assignment] # hides str.replace, which nobody calls on an operation
    delete = "delete"
    same = "same"
    import_ = "import"  # taken over as it is; only the real engine does this and the next
    read = "read"


@dataclass(frozen=True, slots=True)
class Step:
    """One resource's share of a run.

    `changed` names the top-level input properties that differ; `values` holds, for those, what was and what becomes,
    as far as the engine knows it, secrets and unknown values only named.
    """

    operation: Operation
    urn: str
    type: str
    name: str
    changed: tuple[str, ...] = ()
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


Listener = Callable[[Step], None]
"""Told of every step once it is done (or, in a preview, decided). May be called from other threads, one at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a run did, in order. An outcome with errors may have done some of its steps."""

    steps: tuple[Step, ...]
    outputs: Mapping[str, Any]
    errors: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def counts(self) -> Mapping[Operation, int]:
        return Counter(step.operation for step in self.steps)

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that change something: all but the `same` ones."""
        return tuple(step for step in self.steps if step.operation is not Operation.same)


class Engine(Protocol):
    """What carries a stack out. Both engines are this; what one cannot do it refuses by name, with an EngineError.

    `targets` are URNs, or their last parts (names), that a run is limited to; empty for all.
    """

    name: str

    def preview(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """What `apply` would do. Changes nothing, reports every problem it can find at once."""
        ...

    def apply(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Make the stack so; EngineError where another run holds it."""
        ...

    def destroy(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Delete everything the state knows, dependents first; protected resources refuse."""
        ...

    def recover(self, stack: Stack) -> None:
        """Bring a stack that a killed run left half-done to where it can be previewed; EngineError if it is held."""
        ...

    def refresh(self, stack: Stack, on_step: Listener | None = None, *, preview: bool = False) -> Outcome:
        """Compare the state with what is really there, and unless it is a preview, take that over into the state."""
        ...

    def outputs(self, stack_name: str) -> Mapping[str, Any]:
        """What the stack exports, secrets only named."""
        ...

    def deployment(self, stack_name: str) -> dict[str, Any]:
        """The stack's state as `pulumi stack import` takes it."""
        ...

    def tags(self, stack_name: str) -> Mapping[str, str]:
        """What was noted of the stack beside its state; nothing of one that is not there."""
        ...

    def tag(self, stack_name: str, name: str, value: str | None) -> None:
        """Note this of a stack that is there, or with None take the note away."""
        ...
