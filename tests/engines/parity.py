"""Plays one sequence of runs through two engines, each on a cloud of its own, and compares all that they did.

What differs by nature is made equal, and nothing else: when something was made or changed, where in the program it
stands, in which order Python's sets give what it depends on, how secrets are encrypted (they are compared decrypted),
and what a cloud drew at random (known by standing in an id or a computed output; where one uses it, so must the other).
"""

from __future__ import annotations

import difflib
import json
import pprint
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.engines.stack import EngineError, Operation, Outcome, Stack
from delivery.engines.state import Vault

BY_NATURE = {"created", "modified", "sourcePosition", "stackTrace"}
SETS = {"dependencies", "propertyDependencies", "additionalSecretOutputs"}


@dataclass(frozen=True)
class Turn:
    """One run.

    `first` is done to the cloud before it, behind the engine's back. `ends`: the real engine ends the run at the first
    problem, where the embedded one goes on to find the others, so what it says is a part of what the embedded one says.
    """

    verb: str
    stack: Stack
    first: Callable[[Any], None] = lambda _: None
    ends: bool = False


@dataclass
class Record:
    """What one turn came to."""

    steps: dict[str, Any]
    outputs: Any
    errors: list[str]
    kept: dict[str, dict[str, Any]]
    pending: list[Any]
    exported: Any
    out_of_order: list[str]

    def content(self) -> dict[str, Any]:
        return dict(vars(self))


def play(engine: Any, passphrase: Path, cloud: Any, turns: Sequence[Turn]) -> list[Record]:
    """The records of these turns by one engine; the passphrase is that of its state."""
    return [_turn(engine, turn, cloud, passphrase) for turn in turns]


def compare(turns: Sequence[Turn], embedded: Sequence[Record], real: Sequence[Record]) -> None:
    """Asserts that both did the same, turn by turn."""
    drawn = Drawn()
    for number, (turn, one, other) in enumerate(zip(turns, embedded, real, strict=True)):
        drawn.learn(one.kept, other.kept)
        ours, theirs = drawn.named(0, one.content()), drawn.named(1, other.content())
        if turn.ends:
            ours, theirs = _part(ours, theirs), _part(theirs, theirs)
        for what in ours:
            assert ours[what] == theirs[what], _difference(
                f"turn {number}, {turn.verb}: {what}", ours[what], theirs[what]
            )


def _difference(what: str, ours: Any, theirs: Any) -> str:
    lines = [pprint.pformat(each, width=160).splitlines() for each in (ours, theirs)]
    return f"{what} differ\n" + "\n".join(difflib.unified_diff(*lines, "embedded", "real", n=1, lineterm=""))


def _part(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Of what one engine says, that which the other says too; what it keeps, whole."""
    return {
        **whole,
        "steps": {urn: step for urn, step in whole["steps"].items() if urn in part["steps"]},
        "errors": [error for error in whole["errors"] if error in part["errors"]],
        "outputs": None,
    }


def _turn(engine: Any, turn: Turn, cloud: Any, passphrase: Path) -> Record:
    turn.first(cloud)
    before, _ = _state(engine, turn.stack.name, passphrase)
    more = {"preview": True} if turn.verb == "refresh" else {}
    try:
        outcome = getattr(engine, turn.verb)(turn.stack, **more)
    except EngineError as error:
        outcome = Outcome((), {}, (str(error),))
    after, pending = _state(engine, turn.stack.name, passphrase)
    return Record(
        steps={step.urn: [step.operation.value, list(step.changed), dict(step.values)] for step in outcome.steps},
        outputs=dict(outcome.outputs),
        errors=sorted(outcome.errors),
        kept={each["urn"]: each for each in after},
        pending=pending,
        exported=dict(engine.outputs(turn.stack.name)),
        out_of_order=[*_misplaced(outcome, before, after), *_unfounded(after)],
    )


def _state(engine: Any, stack: str, passphrase: Path) -> tuple[list[dict[str, Any]], list[Any]]:
    """The resources of the state, secrets decrypted, and what is pending."""
    deployment = engine.deployment(stack)["deployment"] or {}
    vault = Vault(passphrase, deployment.get("secrets_providers", {}).get("state", {}).get("salt", ""))
    resources = [
        {
            key: vault.open(_sorted(value) if key in SETS else value)
            for key, value in each.items()
            if key not in BY_NATURE
        }
        for each in deployment.get("resources") or ()
    ]
    return resources, deployment.get("pending_operations") or []


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else {key: sorted(each) for key, each in value.items()}


# -- order -------------------------------------------------------------------------------------------------------------


def _needs(resource: Mapping[str, Any]) -> set[str]:
    """Parents do not count: the real engine tells of a component when it is whole."""
    return {*resource.get("dependencies", ()), resource.get("provider", "").rsplit("::", 1)[0]} - {""}


def _misplaced(outcome: Outcome, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    """Changes that were made before something that they depend on, and deletions that were made after it."""
    place = {step.urn: number for number, step in enumerate(outcome.steps)}
    changes = {step.urn for step in outcome.changes}
    deletes = {step.urn for step in outcome.steps if step.operation is Operation.delete}
    for each in after:
        for needed in _needs(each) & (changes - deletes):
            if each["urn"] in changes - deletes and place[each["urn"]] < place[needed]:
                yield each["urn"]
    for each in before:
        for needed in _needs(each) & deletes:
            if each["urn"] in deletes and place[each["urn"]] > place[needed]:
                yield each["urn"]


def _unfounded(resources: list[dict[str, Any]]) -> Iterator[str]:
    """Resources that stand in the state before something that they need, which no engine could read again."""
    seen: set[str] = set()
    for each in resources:
        if not _needs(each) <= seen:
            yield f"{each['urn']} in the state"
        seen.add(each["urn"])


# -- what is drawn at random -------------------------------------------------------------------------------------------


@dataclass
class Drawn:
    """What the two clouds drew at random, under one name for both."""

    names: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))

    def learn(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
        """Find it in the ids and the computed outputs of the same resources."""
        for urn in one.keys() & other.keys():
            pairs = [(f"{urn} id", one[urn].get("id"), other[urn].get("id"))]
            pairs += _computed(urn, one[urn], other[urn])
            for where, mine, theirs in pairs:
                if isinstance(mine, str) and isinstance(theirs, str) and mine != theirs:
                    self._name(where, mine, theirs)

    def _name(self, where: str, mine: str, theirs: str) -> None:
        if mine not in self.names[0] and theirs not in self.names[1]:
            self.names[0][mine] = self.names[1][theirs] = f"<{where}>"

    def named(self, which: int, content: Any) -> Any:
        """The content with those names in the place of what was drawn; numbers that tell a time are all alike."""
        names = self.names[which]
        found = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)")
        return json.loads(found.sub(lambda match: names[match[0]], json.dumps(content)))


def _computed(urn: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Leaves of the outputs that the provider computed, in both."""
    inputs = dict(_leaves(one.get("inputs", {})))
    mine, theirs = (dict(_leaves(each.get("outputs", {}))) for each in (one, other))
    for path in mine.keys() & theirs.keys():
        if path not in inputs:
            yield f"{urn} {path}", mine[path], theirs[path]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]")
    else:
        yield path, value
