"""What people read in a terminal, with colours, by rich; `.plain` of it is the same without.

Lines are never wrapped here: `path:line` must stay whole for editors that follow it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from rich.text import Text

from delivery.present import words
from delivery.present.asides import sections
from delivery.rules.decide import Rule
from delivery.rules.explain import Explanation
from delivery.rules.plan import Effect, Plan
from delivery.rules.problem import Problem, Severity

_EFFECTS = {Effect.none: "dim", Effect.narrower: "green", Effect.next_step: "cyan", Effect.wider: "yellow"}
_OPERATIONS = {
    "create": "green",
    "update": "yellow",
    "replace": "magenta",
    "delete": "red",
    "import": "cyan",
    "read": "dim",
}


class Step(Protocol):
    """One resource's share of an engine's run, by shape: nothing of an engine is imported to print it."""

    @property
    def operation(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def changed(self) -> Sequence[str]: ...
    @property
    def values(self) -> Mapping[str, tuple[Any, Any]]: ...


class Outcome(Protocol):
    """A whole run."""

    @property
    def steps(self) -> Sequence[Step]: ...
    @property
    def errors(self) -> Sequence[str]: ...


def plan(plan: Plan) -> Text:
    """A plan: its effect, who gets what, what else there is to know, what is promised, and how to undo it."""
    lines = [
        Text(f"Plan for {plan.environment} at {words.moment(plan.now, plan.offices)}", "bold"),
        Text(f"{words.EFFECTS[plan.effect]}; needs {words.approvals(plan)}", _EFFECTS[plan.effect]),
    ]
    for those in words.populations(plan):
        lines += [Text(), Text(those.who)]
        lines.append(Text.assemble("    ", those.before, " → ", (those.after, "bold"), f", {those.when}"))
    for section in sections(plan):
        lines += [Text(), Text(section.title, "bold" if section.loud else "dim")]
        lines += [Text(f"    {line}", "" if section.loud else "dim") for line in section.lines]
    return Text("\n").join([*lines, Text(), *_end(plan)])


def plan_text(plan_: Plan) -> str:
    """The same without colours."""
    return plan(plan_).plain


def problems(problems: Sequence[Problem]) -> Text:
    """One problem a line, and how many there are."""
    lines = [Text(str(each), "red" if each.severity is Severity.error else "yellow") for each in problems]
    return Text("\n").join([*lines, Text(words.problems_count(problems), "bold")])


def explanation(explained: Explanation, commits: Mapping[str, str] | None = None) -> Text:
    """The answer, why, and each candidate with the line that decided it.

    `commits`: for each `path:line`, the commit that wrote it.
    """
    lines = [
        Text(f"{words.asked(explained.request)}, at {words.moment(explained.now)}"),
        Text(words.answer(explained), "bold"),
        *(Text(f"    {warning}", "yellow") for warning in explained.warnings),
    ]
    for finding in explained.findings:
        style = "green" if isinstance(finding.said, Rule) else "dim"
        commit = f" ({commits[finding.fact][:12]})" if commits and finding.fact in commits else ""
        lines.append(Text.assemble("    ", (f"{finding.version} {finding.said}", style), f": {finding.why}"))
        lines.append(Text(f"        {finding.fact}{commit}", "dim"))
    return Text("\n").join(lines)


def outcome(outcome: Outcome, *, diff: bool = False) -> Text:
    """What an engine did, or would do: each resource that differs, errors, and the counts.

    `diff`: also what was and what becomes of each property that differs.
    """
    lines = []
    for each in outcome.steps:
        if each.operation != "same":
            lines.append(step(each))
            lines += _differences(each) if diff else []
    errors = [Text(error, "red") for error in outcome.errors]
    return Text("\n").join([*lines, *errors, Text(outcome_line(outcome), "bold")])


def step(step: Step) -> Text:
    """One resource's share: what happens to it, and the properties that differ."""
    changed = f": {', '.join(step.changed)}" if step.changed else ""
    kind = (f"{step.operation:8}", _OPERATIONS.get(str(step.operation), ""))
    return Text.assemble(kind, f"{step.type} {step.name}{changed}")


def outcome_line(outcome: Outcome) -> str:
    """`create 2, update 1, same 40`, and how many errors if any."""
    done = [str(step.operation) for step in outcome.steps]
    counts = [f"{name} {done.count(name)}" for name in (*_OPERATIONS, "same") if name in done]
    errors = [words.counted(len(outcome.errors), "error")] if outcome.errors else []
    return ", ".join([*counts, *errors]) or "no resources"


def _differences(step: Step) -> list[Text]:
    lines = []
    for name, (was, becomes) in step.values.items():
        old, new = (json.dumps(each, ensure_ascii=False) for each in (was, becomes))
        lines.append(Text.assemble(f"    {name}: ", (old, "red"), " → ", (new, "green")))
    return lines


def _end(plan: Plan) -> list[Text]:
    marks = [(f"✓ {each.what}", "green") if each.kept else (f"✗ {each.what}", "bold red") for each in plan.promises]
    catalogs = f"catalog {(plan.before or 'none')[:12]} → {plan.after[:12]}, plan {plan.hash[:12]}"
    return [
        Text("  ").join(Text(*mark) for mark in marks),
        *(Text(f"To reverse: {command}") for command in plan.reverse),
        Text(catalogs, "dim"),
    ]
