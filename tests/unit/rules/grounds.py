"""What the verbs stand on in tests: a small repository at noon, edits made in it, and refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from delivery.rules.edit import Edit, EditRefused, Ground
from delivery.rules.facts import Facts
from delivery.rules.read import POLICY, read
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOON, step, world

PATH = "releases/rollouts/stable/1.4.0.yaml"
HEAD = "rollout: stable/1.4.0\nsalt: stable-1.4.0\ntargets: all\n"
TEN = '  - {at: "2026-11-25T11:00:00Z", percent: 10}\n'
BASE = {"stable/1.3.0": [step(100, -2)], "stable/1.4.0": [step(10)]}


def filed(text: str | None = None, facts: Facts | None = None) -> Ground:
    """A repository at noon whose rollout of 1.4.0 on stable is this text, and what it says."""
    files = worlds.files(facts or world({**BASE, "beta/1.4.0": [step(100)]}))
    files[POLICY] = files[POLICY].rstrip() + b"\nungated: {beta: 100, stable: 100}\n"
    if text is not None:
        files[PATH] = text.encode()
    read_facts, problems = read(files)
    assert read_facts, problems
    return Ground(read_facts, files, NOON)


def made(ground: Ground, edit: Edit) -> Ground:
    """The repository once the edit is written."""
    files = {**ground.files, edit.path: edit.after}
    read_facts, problems = read(files)
    assert read_facts, problems
    assert read_facts == edit.facts
    return Ground(read_facts, files, NOON)


def last(ground: Ground) -> Any:
    """The last line of the rollout of 1.4.0 on stable."""
    return ground.facts.rollouts["stable/1.4.0"].value.steps[-1]


def refused(verb: Callable[..., Edit], ground: Ground, *said: Any, **more: Any) -> str:
    """What the refusal of this verb says."""
    with pytest.raises(EditRefused) as refusal:
        verb(ground, *said, **more)
    return str(refusal.value)
