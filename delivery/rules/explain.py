"""Why a client gets what it gets: the decision, and what the rules say of every version it could have had.

Decides nothing itself: `decide` does. Knows facts by `path:line` (and a halt of the brake, where the catalog is braked,
by its name); who wrote a line is history's to say.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from delivery.rules.brake import halt_of
from delivery.rules.catalog import Catalog
from delivery.rules.compile import NEXT, SYSTEMS, Candidate, Table, ranks
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
    """The answer to this request at this moment, why, and every candidate above the client, highest first.

    `warnings` are what the offer comes with. `chain` are the facts that made the answer, in the order they counted:
    what took away the versions above it, what decided, and what warns of it.
    """

    request: Request
    now: datetime
    decision: Decision
    why: str
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()


def explanation(table: Table, request: Request, now: datetime) -> Explanation:
    """Replays one request; its decision is `decide`'s."""
    decision, words = decide(table, request, now), _Words(table.catalog, request, now)
    findings = tuple(words.finding(verdict) for verdict in verdicts(table, request, now))
    warned = decision.warnings if isinstance(decision, Offer) else ()
    warnings = tuple(f"block {block.name} warns of this update: {block.reason}" for block in warned)
    chain = (*_decisive(decision, findings), *(block.fact for block in warned))
    why = words.why(decision, findings)
    return Explanation(request, now, decision, why, findings, warnings, tuple(dict.fromkeys(chain)))


def _decisive(decision: Decision, findings: tuple[Finding, ...]) -> list[str]:
    """The facts that took away what is above the answer, and the one that decided; all of them if it is nothing."""
    if decision.fact is None or decision.version is None:  # a dead end: nothing else counts
        return [decision.fact] if decision.fact else []
    above = takewhile(lambda each: not isinstance(each.said, Rule), findings)
    return [*(each.fact for each in above), decision.fact]


@dataclass(frozen=True, slots=True)
class _Words:
    """Plain sentences about one request."""

    catalog: Catalog
    request: Request
    now: datetime

    def why(self, decision: Decision, findings: tuple[Finding, ...]) -> str:
        """The answer's reason in one sentence."""
        asked = self.request
        if isinstance(decision, Offer) and decision.rule is Rule.downgrade:
            return f"{asked.version} is withdrawn, and the client accepts to go back to {decision.version}"
        if isinstance(decision, Offer):
            return next(finding.why for finding in findings if isinstance(finding.said, Rule))
        match decision.reason:
            case Reason.malformed:
                return "its version is none, or its cohort is not a number from 0 to 999"
            case Reason.unknown_channel:
                return f"there is no channel {asked.channel}"
            case Reason.unknown_target:
                return f"nothing is built for {asked.target} ({asked.bundle})"
            case Reason.deadend:
                reason = next((each.reason for each in self.catalog.deadends if each.fact == decision.fact), "")
                return f"{asked.version} is a dead end, which cannot update itself: {reason}"
        if findings:
            return findings[0].why
        return f"{asked.channel} has nothing above {asked.version} for {asked.target}"

    def finding(self, verdict: Verdict) -> Finding:
        """What is said of one candidate."""
        words = self._taken_away(verdict) or self._first(verdict) or self._share(verdict)
        return Finding(verdict.candidate.version, verdict.said, words, verdict.fact)

    def _taken_away(self, verdict: Verdict) -> str | None:
        """Why it is not for this client, in the words of who said so."""
        version, catalog, fact = verdict.candidate.version, self.catalog, verdict.fact
        match verdict.said:
            case Reason.stopped:
                return f"{version} is {_stopped(catalog, fact)}"
            case Reason.withdrawn:
                return f"{version} is withdrawn: {_reason(catalog.withdrawals, fact)}"
            case Reason.superseded:
                newer = next((each.version for each in catalog.offerings if each.fact == fact), "a newer one")
                return f"{version} is superseded by {newer}"
            case Reason.blocked:
                return f"{version} is blocked from {self.request.version}: {_reason(catalog.blocks, fact)}"
            case Reason.barrier:
                barrier = next(each for each in catalog.barriers if each.fact == fact)
                return f"{version} lies behind the barrier {barrier.version}: {barrier.reason}"
            case Reason.needs_os:
                return f"{version} needs {self._system(verdict.candidate)}"
            case Reason.failed:
                return f"{version} just failed to install there"
            case Reason.held_back:
                trial = next(each.name for each in catalog.experiments if each.fact == fact)
                return f"{version} is held back from cohort {self.request.cohort} by the experiment {trial}"
        return None

    def _first(self, verdict: Verdict) -> str | None:
        """Why the percentage does not matter."""
        version, at = verdict.candidate.version, self._at(verdict.candidate)
        match verdict.said:
            case Rule.manual:
                return f"the user asked, so it does not matter that {at}"
            case Rule.urgent:
                return f"{version} is critical for {self.request.version}, so it does not matter that {at}"
            case Rule.admitted:
                return f"{version} takes the place of {self.request.version}, so it does not matter that {at}"
            case Rule.instead:
                gone = next((each.version for each in self.catalog.withdrawals if each.instead == version), "another")
                return f"{version} is offered instead of {gone}, which is withdrawn"
            case Rule.next:
                channel = self.request.channel.removesuffix(NEXT)
                return f"{version} is the newest on {channel}, and {self.request.channel} gives it to all who ask"
        return None

    def _share(self, verdict: Verdict) -> str:
        version, at = verdict.candidate.version, self._at(verdict.candidate)
        return {
            Rule.everyone: f"{version} is at 100 %",
            Rule.cohort: f"{at}, and {self._turn(verdict.candidate)}",
            Rule.downgrade: f"the client accepts to go back to {version}",
            Reason.not_started: f"the rollout of {version} has not begun",
            Reason.held: at,
            Reason.no_cohort: f"{at}, and a client without a cohort comes last",
            Reason.later_cohort: f"{at}, and {self._turn(verdict.candidate)}",
        }[verdict.said]

    def _at(self, candidate: Candidate) -> str:
        stage = candidate.stage(self.now.timestamp())
        held = "held at" if stage and stage.held else "at"
        return f"{candidate.version} is {held} {stage.percent if stage else 0} %"

    def _turn(self, candidate: Candidate) -> str:
        if self.request.cohort is None:
            return "it sends no cohort"
        return f"cohort {self.request.cohort} has its turn at {ranks(candidate.salt)[self.request.cohort] // 10 + 1} %"

    def _system(self, candidate: Candidate) -> str:
        system = SYSTEMS.get(self.request.target.partition("-")[0], "a system")
        least = ".".join(str(number) for number in candidate.minimum_os or ())
        return f"{system} {least} or newer, and the client says {self.request.os or 'nothing'}"


def _stopped(catalog: Catalog, fact: str) -> str:
    stop = next(each for each in catalog.stops if each.fact == fact)
    halt = halt_of(fact)
    by = f"halted by the brake ({halt}, since {stop.at:%Y-%m-%d %H:%M} UTC)" if halt else "stopped"
    return f"{by}: {stop.reason}"


def _reason(facts: tuple[object, ...], fact: str) -> str:
    return next(str(each.reason) for each in facts if each.fact == fact)  # type: ignore[attr-defined]
