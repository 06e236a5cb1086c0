"""Why a client gets what it gets: the decision, and what the rules say of every version it could have had.

Decides nothing itself: `decide` does. Knows facts by `path:line`; who wrote a line is history's to say.
"""

from dataclasses import dataclass
from datetime import datetime

from delivery.rules.catalog import Edge, Passage, Stopped, Withdrawn
from delivery.rules.compile import Candidate, Table, ranks
from delivery.rules.decide import Decision, Offer, Reason, Request, Rule, Verdict, decide, verdicts


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one candidate, in a word and in a sentence, and the `path:line` that says so."""

    version: str
    said: Rule | Reason
    why: str
    fact: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to this request at this moment, why, and every candidate above the client, highest first."""

    request: Request
    now: datetime
    decision: Decision
    why: str
    findings: tuple[Finding, ...]


def explanation(table: Table, request: Request, now: datetime) -> Explanation:
    """Replays one request; its decision is `decide`'s."""
    decision = decide(table, request, now)
    findings = tuple(_finding(table, verdict, request, now) for verdict in verdicts(table, request, now))
    return Explanation(request, now, decision, _why(decision, request, findings), findings)


def _finding(table: Table, verdict: Verdict, request: Request, now: datetime) -> Finding:
    words = _taken_away(table, verdict) or _share(verdict, request, now)
    return Finding(verdict.candidate.version, verdict.said, words, verdict.fact)


def _why(decision: Decision, request: Request, findings: tuple[Finding, ...]) -> str:
    if isinstance(decision, Offer):
        return next(finding.why for finding in findings if isinstance(finding.said, Rule))
    if findings:
        return findings[0].why
    return {
        Reason.malformed: "its version is none, or its cohort is not a number from 0 to 999",
        Reason.unknown_channel: f"there is no channel {request.channel}",
        Reason.deadend: f"{request.version} is a dead end: it cannot update itself",
        Reason.unknown_target: f"nothing is built for {request.target} ({request.bundle})",
    }.get(decision.reason, f"{request.channel} has nothing above {request.version} for {request.target}")


def _taken_away(table: Table, verdict: Verdict) -> str | None:
    """Why the candidate was taken away, in the words of who did it."""
    catalog = table.catalog
    sources: tuple[Stopped | Withdrawn | Edge | Passage, ...]
    sources = (*catalog.stops, *catalog.withdrawals, *catalog.blocks, *catalog.barriers)
    reasons = {each.fact: each.reason for each in sources}
    version, said = verdict.candidate.version, reasons.get(verdict.fact)
    match verdict.said:
        case Reason.stopped | Reason.withdrawn:
            return f"{version} is {verdict.said}: {said}"
        case Reason.superseded:
            return f"{version} is superseded by a newer rollout"
        case Reason.blocked:
            return f"{version} is blocked from here: {said}"
        case Reason.barrier:
            return f"{version} lies behind a barrier: {said}"
        case Reason.needs_os:
            return f"{version} needs a newer operating system than is stated"
    return None


def _share(verdict: Verdict, request: Request, now: datetime) -> str:
    version, stage = verdict.candidate.version, verdict.candidate.stage(now.timestamp())
    held = "held at" if stage and stage.held else "at"
    at = f"{version} is {held} {stage.percent if stage else 0} %"
    return {
        Rule.everyone: f"{version} is at 100 %",
        Rule.cohort: f"{at}, and {_turn(verdict.candidate, request)}",
        Rule.manual: f"the user asked, so it does not matter that {at}",
        Rule.urgent: f"{version} is critical for this version, so it does not matter that {at}",
        Rule.admitted: f"{version} takes the place of the installed version, so it does not matter that {at}",
        Rule.instead: f"{version} is offered instead of a withdrawn version",
        Rule.next: f"{version} is the newest rollout, and -next answers as if it stood at 100 %",
        Rule.downgrade: f"the installed version is withdrawn, and the client accepts to go back to {version}",
        Reason.held_back: f"{version} is held back from this cohort by an experiment",
        Reason.failed: f"{version} just failed to install there",
        Reason.not_started: f"the rollout of {version} has not begun",
        Reason.held: at,
        Reason.no_cohort: f"{at}, and a client without a cohort comes last",
        Reason.later_cohort: f"{at}, and {_turn(verdict.candidate, request)}",
    }[verdict.said]


def _turn(candidate: Candidate, request: Request) -> str:
    if request.cohort is None:
        return "it sends no cohort"
    return f"cohort {request.cohort} has its turn at {ranks(candidate.salt)[request.cohort] // 10 + 1} %"
