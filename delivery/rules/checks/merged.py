"""Rules of what was merged: facts are history, so they are added to and never edited or removed.

Channels, flags, policy.yaml and product.yaml are policy: they may be edited, though not removed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from delivery.rules.checks.change import Change, at, stamp
from delivery.rules.facts import Filed, Rollout, Spot
from delivery.rules.problem import Problem
from delivery.rules.shapes import yaml_key

_KINDS = (
    *("versions", "channels", "rollouts", "withdrawals", "stops", "barriers", "deadends"),
    *("blocks", "freezes", "experiments", "flags", "notices"),
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*|[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")  # needs no quotes here
_LESS = "restore it; to offer less, add a hold, a withdrawal or a stop"
_ENDING = {
    **dict.fromkeys(
        ("barriers", "deadends", "blocks", "freezes", "notices"),
        "restore it; to end it, add lifted: {at: …, reason: …}",
    ),
    "experiments": "restore it; to end it, add a decision",
    "flags": "restore it: installed versions still ask for it",
}
_LIFT = "restore it: what was decided stays written; to end it, add lifted: {at: …, reason: …}"
_INSTEAD = {
    "versions": "a build is never changed: restore it, and release a new version",
    "withdrawals": "restore it: what was withdrawn stays so, and a new version mends it",
    "experiments": "restore it: what runs is not changed; end it with a decision, and begin another",
    **dict.fromkeys(("stops", "barriers", "deadends", "blocks", "freezes", "notices"), _LIFT),
}
_MAY_BE_ADDED = {
    "versions": (),
    "withdrawals": ("installed", "lifted"),
    "experiments": ("decision",),
    **dict.fromkeys(("stops", "barriers", "deadends", "blocks", "freezes", "notices"), ("lifted",)),
}


def nothing_merged_is_removed(change: Change) -> Iterator[Problem]:
    """A merged fact keeps its file."""
    for kind in _KINDS:
        present = getattr(change.facts, kind)
        for name, old in change.merged(kind).items():
            if name not in present:
                yield Problem(old.path, 0, "", "was merged and is gone", _ENDING.get(kind, _LESS))


def merged_facts_are_not_edited(change: Change) -> Iterator[Problem]:
    """A merged fact that is no policy says what it said, and gains only what its kind may gain."""
    for kind, mend in _INSTEAD.items():
        present = getattr(change.facts, kind)
        for name, old in change.merged(kind).items():
            for place, said, says in _differences(old.value, present[name].value) if name in present else ():
                if said is not None or place[0] not in _MAY_BE_ADDED[kind] or len(place) > 1:
                    what = f"said {written(said)} and now says {written(says)}"
                    yield at(present[name], place, what, mend)


def merged_rollouts_keep_what_they_began_with(change: Change) -> Iterator[Problem]:
    """A merged rollout keeps its salt, its targets and what it supersedes, or others would be offered it."""
    for old, new in _rollouts(change):
        for key in ("salt", "targets", "supersedes"):
            said, says = getattr(old.value, key), getattr(new.value, key)
            if said != says:
                mend = f"restore {written(said)}" if said is not None else "remove it"
                yield at(new, (key,), f"said {written(said)} and now says {written(says)}", mend)


def merged_lines_stay(change: Change) -> Iterator[Problem]:
    """The merged lines of a rollout stay as they are and where they are; new ones come behind them."""
    for old, new in _rollouts(change):
        for number, line in enumerate(old.value.steps):
            if new.value.steps[number : number + 1] != (line,):
                yield _moved(old, new, number)
                break  # what follows is out of place for the same reason


def _moved(old: Filed[Rollout], new: Filed[Rollout], number: int) -> Problem:
    """Whether a merged line was pushed down, removed or edited."""
    place, line, present = ("steps", number), old.value.steps[number], new.value.steps
    if line in present:
        what = f"{written(present[number])} stands before the merged line {written(line)}"
        return at(new, place, what, "write new lines at the end")
    if number >= len(present) or present[number] in old.value.steps:
        what = f"the merged line {written(line)} is gone"
        return at(old, place, what, "restore it; to offer less, write a hold at the end")
    what = f"said {written(line)} and now says {written(present[number])}"
    return at(new, place, what, "restore it and write a new line at the end")


def _rollouts(change: Change) -> Iterator[tuple[Filed[Rollout], Filed[Rollout]]]:
    for name, old in change.merged("rollouts").items():
        if name in change.facts.rollouts:
            yield old, change.facts.rollouts[name]


def _differences(said: Any, says: Any, place: Spot = ()) -> Iterator[tuple[Spot, Any, Any]]:
    """The smallest parts that differ, with what they said and say; None where there is none."""
    if said == says:
        return
    before, after = _parts(said), _parts(says)
    if before is None or after is None:
        yield place, said, says
        return
    for key in {**before, **after}:
        yield from _differences(before.get(key), after.get(key), (*place, key))


def _parts(value: Any) -> Mapping[str, Any] | None:
    """A fact, or a mapping in it, by the keys of its YAML; None for anything smaller."""
    if is_dataclass(value):
        return {
            yaml_key(field.name): part for field in fields(value) if (part := getattr(value, field.name)) is not None
        }
    return value if isinstance(value, Mapping) else None


def written(value: Any) -> str:
    """A value on one line, as YAML: {at: "2026-11-25T14:00:00Z", percent: 10}."""
    if (parts := _parts(value)) is not None:
        return "{" + ", ".join(f"{key}: {written(part)}" for key, part in parts.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if value is None:
        return "nothing"
    if isinstance(value, datetime):
        return f'"{stamp(value)}"'
    return value if isinstance(value, str) and _WORD.fullmatch(value) else json.dumps(value)
