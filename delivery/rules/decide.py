"""One client, one moment, one answer.

The only decider: endpoint, plan, explain, static manifests and simulation use it.

Candidates are the channel's versions above the client's that have a signed artifact for its target and bundle.
Stopped and withdrawn ones and the one that just failed there are taken away; of the rest the highest wins that is at
100 %, or whose percentage covers the client's cohort, or that a manual check may have. A "no" always has its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from delivery.rules.compile import COHORTS, Candidate, Cell, Table, ranks
from delivery.rules.facts import Artifact, Target
from delivery.rules.precedence import NotAVersion, precedence


class Rule(StrEnum):
    """Why a version is offered."""

    everyone = "everyone"  # at 100 %
    cohort = "cohort"  # the percentage covers this cohort
    manual = "manual"  # the user asked; passes the percentage


class Reason(StrEnum):
    """Why nothing is offered: the rule that took away the highest candidate."""

    malformed = "malformed"
    unknown_channel = "unknown-channel"
    unknown_target = "unknown-target"
    current = "current"
    stopped = "stopped"
    withdrawn = "withdrawn"
    failed = "failed"
    not_started = "not-started"
    held = "held"
    no_cohort = "no-cohort"
    later_cohort = "later-cohort"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client says of itself.

    `cohort` is 0..999 or None; `failed` is the version whose install just failed there.
    """

    channel: str
    target: str  # linux-x86_64
    bundle: str  # one of the target's updates
    version: str
    cohort: int | None = None
    manual: bool = False
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Install this. `fact` is the path:line that decided; the answer may change at `until`."""

    version: str
    artifact: Artifact
    rule: Rule
    fact: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class NoOffer:
    """Nothing for now. `version` and `fact` name the highest candidate and what took it away, if there was one."""

    reason: Reason
    version: str | None
    fact: str | None
    until: datetime | None


Decision = Offer | NoOffer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one candidate."""

    candidate: Candidate
    said: Rule | Reason
    fact: str


def decide(table: Table, request: Request, now: datetime) -> Decision:
    """The answer to this request at this moment (an aware datetime). Never raises for what a client can send."""
    moment = now.timestamp()
    cell = _cell(table, request)
    if isinstance(cell, Reason):
        return NoOffer(cell, None, None, None)
    until = _until(cell, moment)
    highest: Verdict | None = None
    for verdict in _verdicts(cell, request, moment):
        if isinstance(verdict.said, Rule):
            return Offer(verdict.candidate.version, verdict.candidate.artifact, verdict.said, verdict.fact, until)
        highest = highest or verdict
    if highest is None:
        return NoOffer(Reason.current, None, None, until)
    assert isinstance(highest.said, Reason)  # noqa: S101 - for the type checker: rules returned above
    return NoOffer(highest.said, highest.candidate.version, highest.fact, until)


def verdicts(table: Table, request: Request, now: datetime) -> tuple[Verdict, ...]:
    """What is said of every candidate above the client, highest first: the long form of `decide`, for explain."""
    cell = _cell(table, request)
    return () if isinstance(cell, Reason) else tuple(_verdicts(cell, request, now.timestamp()))


def bundle_for(target: Target, said: str | None) -> str | None:
    """The bundle a client gets: its own, or the target's first where it does not know (never deb or rpm by guess).

    None when the target has no such bundle.
    """
    if said is None or said in ("", "unknown", "{{bundle_type}}"):
        return target.updates[0] if target.updates else None
    return said if said in target.updates else None


def _cell(table: Table, request: Request) -> Cell | Reason:
    if request.channel not in table.channels:
        return Reason.unknown_channel
    target = table.targets.get(request.target)
    if target is None or request.bundle not in target.updates:
        return Reason.unknown_target
    if request.cohort is not None and not 0 <= request.cohort < COHORTS:
        return Reason.malformed
    try:
        precedence(request.version)
    except NotAVersion:
        return Reason.malformed
    return table.cells.get((request.channel, request.target, request.bundle), _EMPTY)


_EMPTY = Cell((), ())


def _verdicts(cell: Cell, request: Request, moment: float) -> Iterator[Verdict]:
    above = precedence(request.version)
    for candidate in cell.candidates:
        if candidate.key <= above:
            return
        said, fact = _judge(candidate, request, moment)
        yield Verdict(candidate, said, fact)


def _judge(candidate: Candidate, request: Request, moment: float) -> tuple[Rule | Reason, str]:
    if candidate.removed:
        reason, fact = candidate.removed
        return Reason(reason), fact
    if request.failed == candidate.version:
        return Reason.failed, candidate.fact
    stage = candidate.stage(moment)
    if stage is None or (stage.percent == 0 and not stage.held):
        return Reason.not_started, stage.fact if stage else candidate.fact
    return _share(candidate, request, stage.percent, stage.held), stage.fact


def _share(candidate: Candidate, request: Request, percent: int, held: bool) -> Rule | Reason:
    if percent == 100:
        return Rule.everyone
    if request.cohort is not None and ranks(candidate.salt)[request.cohort] < 10 * percent:
        return Rule.cohort
    if held:
        return Reason.held
    if request.manual:
        return Rule.manual
    return Reason.no_cohort if request.cohort is None else Reason.later_cohort


def _until(cell: Cell, moment: float) -> datetime | None:
    boundary = cell.next_boundary(moment)
    return None if boundary is None else datetime.fromtimestamp(boundary, UTC)
