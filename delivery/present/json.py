"""The same values for machines. Keys are added, never renamed or removed: scripts and the console read them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from delivery.present import terminal, words
from delivery.present.asides import sections
from delivery.present.terminal import Outcome
from delivery.rules.compare import Change
from delivery.rules.decide import Decision, Offer
from delivery.rules.edges import Edges
from delivery.rules.explain import Explanation
from delivery.rules.facts import Artifact
from delivery.rules.flags import Variant
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
        "why": list(plan.why),
        "catalog": {"before": plan.before, "after": plan.after},
        "hash": plan.hash,
        "changes": [_change(change) for change in plan.changes],
        "populations": [
            {"who": each.who, "before": each.before, "after": each.after, "when": each.when}
            for each in words.populations(plan)
        ],
        "ahead": [_change(change) for change in plan.ahead],
        "after_failure": [_change(change) for change in plan.after_failure],
        "newcomers": [
            {
                "channel": each.channel,
                "targets": _cells(each.cells),
                "before": each.before,
                "after": each.after,
                "since": each.since.isoformat(),
                "until": _moment(each.until),
            }
            for each in plan.newcomers
        ],
        "downloads": [asdict(each) for each in plan.downloads],
        "flags": [_variant(each) for each in plan.variants],
        "flag_rules": [{"flag": each.flag, "parts": list(each.parts)} for each in plan.edited],
        "notices": [(after or before).name for before, after in plan.notices if before or after],  # type: ignore[union-attr]
        "halts_ended": [asdict(each) for each in plan.ended],
        "blocks": [_edges(each) for each in plan.edges],
        "crossings": [
            {"channel": each.channel, "from": list(each.sources), "to": each.version} for each in plan.crossings
        ],
        "stuck": [
            {
                "channel": each.channel,
                "targets": _cells(each.cells),
                "versions": list(each.versions),
                "reason": each.reason.value,
                "fact": each.fact,
                "waits": each.waits,
            }
            for each in plan.stuck
        ],
        "promises": [{"what": promise.what, "kept": promise.kept} for promise in plan.promises],
        "waiting": [asdict(wait) for wait in plan.waiting],
        "costs": [{**asdict(each), "since": each.since.isoformat()} for each in plan.burdens],
        "sections": [{"title": each.title, "lines": list(each.lines)} for each in sections(plan)],
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
        "warnings": [each.name for each in said.warnings] if isinstance(said, Offer) else [],
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
            "os": asked.os,
            "accepts": sorted(asked.accepts),
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
        "warnings": list(explained.warnings),
        "chain": list(explained.chain),
    }


def outcome(outcome: Outcome, *, diff: bool = False) -> dict[str, Any]:
    """What an engine did, or would do; `changes` leaves out what stayed the same, `diff` adds what was and becomes."""
    return {
        "summary": terminal.outcome_line(outcome),
        "changes": [_step(step, diff) for step in outcome.steps if step.operation != "same"],
        "errors": list(outcome.errors),
    }


def _step(step: terminal.Step, diff: bool) -> dict[str, Any]:
    said = {"operation": str(step.operation), "type": step.type, "name": step.name, "changed": list(step.changed)}
    values = {name: {"was": was, "becomes": becomes} for name, (was, becomes) in step.values.items()}
    return {**said, "values": values} if diff else said


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
        "until": _moment(change.until),
        "one_by_one": bool(change.spread),
        "failed": change.failed,
        "accepts": change.accepts.value,
        "systems": {"from": change.systems.least, "below": change.systems.below} if change.systems else None,
        "moves": [
            {
                "from": move.clients.least,
                "below": move.clients.below,
                "before": move.before,
                "after": move.after,
                "wider": move.wider,
                "warned": list(move.warned),
                "warnings": list(move.warnings),
                "back": move.back,
                "unless_failed": list(move.unless),
            }
            for move in change.moves
        ],
    }


def _variant(those: Variant) -> dict[str, Any]:
    return {
        "flag": those.flag,
        "channels": list(those.channels),
        "from": those.least,
        "below": those.below,
        "cohorts": len(those.people - {None}),
        "without_cohort": None in those.people,
        "since": those.since.isoformat(),
        "until": _moment(those.until),
        "before": those.before,
        "after": those.after,
        "targeted": those.is_targeted,
    }


def _edges(block: Edges) -> dict[str, Any]:
    return {
        "block": block.name,
        "effect": block.effect,
        "added": block.added,
        "from": block.source,
        "to": block.to,
        "targets": list(block.targets) if block.targets else None,
        "updates": [{"from": list(old), "to": list(new)} for old, new in block.pairs],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _cells(cells: Cells) -> list[dict[str, str]]:
    return [{"target": target, "bundle": bundle} for target, bundle in cells]
