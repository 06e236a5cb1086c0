"""Resources that somebody changed behind the engine's back, and changes of HEAD that were not applied. Pure."""

from collections.abc import Iterator

from delivery.drift.found import Drift
from delivery.engines.stack import Operation, Outcome, Step

_LONGEST = 60  # characters of a value that are shown


def changed(stack: str, refreshed: Outcome) -> Iterator[Drift]:
    """What a refresh found to be otherwise than the engine left it."""
    mend = f"./inv refresh {stack} takes it over, then ./inv apply {stack} puts back what HEAD says"
    for step in refreshed.changes:
        gone = step.operation is Operation.delete
        what = "was deleted by hand" if gone else f"was changed by hand: {_said(step)}"
        yield Drift(_where(stack, step), what, mend)
    for error in refreshed.errors:
        yield Drift(f"stack {stack}", f"cannot be compared: {error}", "mend that first, then look again")


def waiting(stack: str, previewed: Outcome) -> Iterator[Drift]:
    """What HEAD says and nobody applied."""
    for step in previewed.changes:
        what = f"waits to be {_TO_BE[step.operation]}{f': {_said(step)}' if step.changed else ''}"
        yield Drift(_where(stack, step), what, f"./inv apply {stack} makes it so")
    for error in previewed.errors:
        yield Drift(f"stack {stack}", f"HEAD cannot be applied: {error}", "mend HEAD by a commit")


_TO_BE = {
    Operation.create: "created",
    Operation.update: "updated",
    Operation.replace: "replaced",
    Operation.delete: "deleted",
}


def _where(stack: str, step: Step) -> str:
    return f"stack {stack}: {step.type} {step.name}"


def _said(step: Step) -> str:
    parts = (_values(name, step) for name in step.changed)
    return ", ".join(parts) or "its outputs"


def _values(name: str, step: Step) -> str:
    if name not in step.values:
        return name
    before, after = (_short(value) for value in step.values[name])
    return f"{name} from {before} to {after}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
