"""Why a client gets what it gets: the decision, and what the rules say of every version it could have had.

Decides nothing itself: `decide` does. Knows facts by `path:line`; who wrote a line is history's to say.
"""

from dataclasses import dataclass
from datetime import datetime

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
    words = _removed(table, verdict) or _share(verdict, request, now)
    return Finding(verdict.candidate.version, verdict.said, words, verdict.fact)


def _why(decision: Decision, request: Request, findings: tuple[Finding, ...]) -> str:
    if isinstance(decision, Offer):
        return next(finding.why for finding in findings if isinstance(finding.said, Rule))
    if findings:
        return findings[0].why
    return {
        Reason.malformed: "its version is none, or its cohort is not a number from 0 to 999",
        Reason.unknown_channel: f"there is no channel {request.channel}",
        Reason.unknown_target: f"nothing is built for {request.target} ({request.bundle})",
    }.get(decision.reason, f"{request.channel} has nothing above {request.version} for {request.target}")


def _removed(table: Table, verdict: Verdict) -> str | None:
    """Why the candidate was taken away, in the words of who did it."""
    if verdict.candidate.removed is None:
        return None
    _, fact = verdict.candidate.removed
    said = next(each.reason for each in (*table.catalog.stops, *table.catalog.withdrawals) if each.fact == fact)
    return f"{verdict.candidate.version} is {verdict.said}: {said}"


def _share(verdict: Verdict, request: Request, now: datetime) -> str:
    version, stage = verdict.candidate.version, verdict.candidate.stage(now.timestamp())
    at = f"{version} is {'held' if stage and stage.held else ''} at {stage.percent if stage else 0} %".replace(
        "  ", " "
    )
    return {
        Rule.everyone: f"{version} is at 100 %",
        Rule.cohort: f"{at}, and {_turn(verdict.candidate, request)}",
        Rule.manual: f"the user asked, so it does not matter that {at}",
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
