"""The same values for machines. Keys are added, never renamed or removed: scripts and the console read them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from delivery.present import terminal, words
from delivery.present.terminal import Outcome
from delivery.rules.compare import Change
from delivery.rules.decide import Decision, Offer
from delivery.rules.explain import Explanation
from delivery.rules.facts import Artifact
from delivery.rules.plan import Effect, Plan
from delivery.rules.problem import Problem, Severity

Cells = Sequence[tuple[str, str]]


def text(value: Mapping[str, Any]) -> str:
    """As it is printed: indented, keys in the order below."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def plan(plan: Plan) -> dict[str, Any]:
    """A plan; versions that are null mean that nothing is offered, `until` null means for good."""
    return {
        "environment": plan.environment,
        "now": plan.now.isoformat(),
        "is_empty": plan.is_empty,
        "effect": plan.effect.value,
        "narrower": plan.effect in (Effect.none, Effect.narrower),
        "approvals": plan.approvals,
        "catalog": {"before": plan.before, "after": plan.after},
        "changes": [_change(change) for change in plan.changes],
        "populations": [
            {"who": each.who, "before": each.before, "after": each.after, "when": each.when}
            for each in words.populations(plan)
        ],
        "newcomers": [
            {"channel": each.channel, "targets": _cells(each.cells), "before": each.before, "after": each.after}
            for each in plan.newcomers
        ],
        "promises": [{"what": promise.what, "kept": promise.kept} for promise in plan.promises],
        "waiting": [
            {
                "channel": wait.channel,
                "version": wait.version,
                "stays": wait.stays,
                "percent": wait.percent,
                "gate": wait.gate,
                "fact": wait.fact,
            }
            for wait in plan.waiting
        ],
        "reverse": list(plan.reverse),
    }


def problems(problems: Sequence[Problem]) -> dict[str, Any]:
    """Every problem, and how many of them refuse the change."""
    errors = sum(problem.severity is Severity.error for problem in problems)
    return {
        "problems": [problem.to_json() for problem in problems],
        "errors": errors,
        "warnings": len(problems) - errors,
    }


def decision(said: Decision) -> dict[str, Any]:
    """An answer; without an `offer`, `said` is the reason and `version` the highest that it took away."""
    return {
        "offer": said.version if isinstance(said, Offer) else None,
        "said": said.rule.value if isinstance(said, Offer) else said.reason.value,
        "version": said.version,
        "fact": said.fact,
        "until": said.until.isoformat() if said.until else None,
        "artifact": _artifact(said.artifact) if isinstance(said, Offer) else None,
    }


def explanation(explained: Explanation, commits: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A replayed request; `commits` as in `terminal.explanation`."""
    asked = explained.request
    return {
        "request": {
            "channel": asked.channel,
            "target": asked.target,
            "bundle": asked.bundle,
            "version": asked.version,
            "cohort": asked.cohort,
            "manual": asked.manual,
            "failed": asked.failed,
        },
        "now": explained.now.isoformat(),
        "decision": decision(explained.decision),
        "why": explained.why,
        "findings": [
            {
                "version": finding.version,
                "said": finding.said.value,
                "why": finding.why,
                "fact": finding.fact,
                "commit": (commits or {}).get(finding.fact),
            }
            for finding in explained.findings
        ],
    }


def outcome(outcome: Outcome) -> dict[str, Any]:
    """What an engine did, or would do; `changes` leaves out what stayed the same."""
    return {
        "summary": terminal.outcome_line(outcome),
        "changes": [
            {"operation": str(step.operation), "type": step.type, "name": step.name, "changed": list(step.changed)}
            for step in outcome.steps
            if step.operation != "same"
        ],
        "errors": list(outcome.errors),
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {"file": artifact.file, "size": artifact.size, "sha256": artifact.sha256}


def _change(change: Change) -> dict[str, Any]:
    band = change.band
    return {
        "channel": change.channel,
        "targets": _cells(change.cells),
        "cohorts": change.cohorts,
        "without_cohort": None in change.people,
        "band": {"version": band.version, "from": band.least, "below": band.below} if band else None,
        "asks": change.asks.value,
        "since": change.since.isoformat(),
        "until": change.until.isoformat() if change.until else None,
        "moves": [
            {
                "from": move.clients.least,
                "below": move.clients.below,
                "before": move.before,
                "after": move.after,
                "wider": move.wider,
            }
            for move in change.moves
        ],
    }


def _cells(cells: Cells) -> list[dict[str, str]]:
    return [{"target": target, "bundle": bundle} for target, bundle in cells]
