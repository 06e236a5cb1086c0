"""Plays one sequence of runs through an engine and writes down all that it did, so that two engines can be compared.

What differs by nature is made equal, and nothing else: ids that are drawn at random (by the thing they name), when
something was made or changed, where in the program it stands, and secrets, which are compared decrypted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from delivery.deploy.stack import EngineError, Operation, Outcome, Stack
from delivery.deploy.state import Vault

RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BY_NATURE = {"created", "modified", "sourcePosition", "stackTrace"}


class Engine(Protocol):
    """Both, as far as a sequence needs them."""

    name: str

    def preview(self, stack: Stack) -> Outcome: ...
    def apply(self, stack: Stack) -> Outcome: ...
    def destroy(self, stack: Stack) -> Outcome: ...
    def refresh(self, stack: Stack, *, preview: bool) -> Outcome: ...
    def deployment(self, stack_name: str) -> dict[str, Any]: ...
    def outputs(self, stack_name: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Turn:
    """One run; `first` is what happens to the cloud before it, behind the engine's back."""

    verb: str
    stack: Stack
    first: Callable[[Any], None] = lambda _: None


@dataclass
class Record:
    """What one turn came to, in a form in which two engines can be compared."""

    steps: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]]
    outputs: Any
    errors: list[str]
    kept: dict[str, dict[str, Any]]
    exported: Any
    out_of_order: list[str] = field(default_factory=list)


def play(engine: Engine, turns: Iterable[Turn], cloud: Any, passphrase: Path) -> list[Record]:
    """The records of these turns."""
    return [_turn(engine, turn, cloud, passphrase) for turn in turns]


def _turn(engine: Engine, turn: Turn, cloud: Any, passphrase: Path) -> Record:
    turn.first(cloud)
    before = _resources(engine, turn.stack.name, passphrase)
    more = {"preview": True} if turn.verb == "refresh" else {}
    try:
        outcome = getattr(engine, turn.verb)(turn.stack, **more)
    except EngineError as error:
        outcome = Outcome((), {}, (str(error),))
    after = _resources(engine, turn.stack.name, passphrase)
    anonymous = _anonymous([*before, *after])
    return Record(
        steps={step.urn: (step.operation.value, step.changed, anonymous(dict(step.values))) for step in outcome.steps},
        outputs=anonymous(dict(outcome.outputs)),
        errors=sorted(outcome.errors),
        kept={each["urn"]: anonymous(each) for each in after},
        exported=anonymous(dict(engine.outputs(turn.stack.name))),
        out_of_order=_out_of_order(outcome, before, after),
    )


def _resources(engine: Engine, stack: str, passphrase: Path) -> list[dict[str, Any]]:
    """The resources of the state, without what differs by nature."""
    deployment = engine.deployment(stack)["deployment"] or {}
    vault = Vault(passphrase, deployment.get("secrets_providers", {}).get("state", {}).get("salt", ""))
    return [
        {key: vault.open(value) for key, value in each.items() if key not in BY_NATURE}
        for each in deployment.get("resources") or ()
    ]


def _anonymous(resources: Iterable[Mapping[str, Any]]) -> Callable[[Any], Any]:
    """Puts the name of a thing in place of its id, where that was drawn at random."""
    names = {
        each["id"]: f"<{each['urn'].split('::', 3)[3]}>" for each in resources if RANDOM.fullmatch(each.get("id", ""))
    }
    found = re.compile("|".join(map(re.escape, names)) or r"(?!)")
    return lambda value: json.loads(found.sub(lambda match: names[match[0]], json.dumps(value)))


def _needs(resource: Mapping[str, Any]) -> set[str]:
    provider = resource.get("provider", "").rsplit("::", 1)[0]
    return {*resource.get("dependencies", ()), provider} - {""}


def _out_of_order(outcome: Outcome, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    """Steps that came before something that they depend on, or, if they delete, after it; and states told so.

    Parents do not count: the real engine tells of a component when it is whole, the embedded one when it is begun.
    """
    place = {step.urn: number for number, step in enumerate(outcome.steps)}
    doing = {step.urn: step.operation for step in outcome.steps}
    wrong = []
    for each in after:
        for needed in _needs(each):
            if {each["urn"], needed} <= place.keys() and Operation.delete not in (doing[each["urn"]], doing[needed]):
                wrong += [each["urn"]] if place[each["urn"]] < place[needed] else []
    for each in before:
        for needed in _needs(each):
            if doing.get(each["urn"]) is doing.get(needed) is Operation.delete:
                wrong += [each["urn"]] if place[each["urn"]] > place[needed] else []
    kept = [each["urn"] for each in after]
    wrong += [
        f"state: {each['urn']}" for each in after if any(kept.index(n) > kept.index(each["urn"]) for n in _needs(each))
    ]
    return wrong
