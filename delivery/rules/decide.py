"""One client, one moment, one answer.

The only decider: endpoint, plan, explain, static manifests and simulation use it. Candidates are the channel's versions
above the client's that have a signed artifact for its target and bundle. Taken away are: stopped, withdrawn and
superseded ones, those blocked from here, those that need a newer system than stated (or any, if none is), and the one
that just failed there. Past the nearest barrier above the client nothing is offered; if the barrier itself was taken
away, nothing at all. Of the rest the highest wins that is at 100 %, or urgent for this client, or whose percentage
covers its cohort, or that a manual check may have. A "no" always has its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from delivery.rules.compile import COHORTS, NEXT, Blocked, Candidate, Cell, Gateway, Os, Table, os_version, ranks
from delivery.rules.facts import Artifact, Target
from delivery.rules.precedence import Key, NotAVersion, precedence


class Rule(StrEnum):
    """Why a version is offered."""

    everyone = "everyone"  # at 100 %
    cohort = "cohort"  # the percentage covers this cohort
    manual = "manual"  # the user asked; passes the percentage
    urgent = "urgent"  # a critical line is for the client's version
    admitted = "admitted"  # the client has the version that this one supersedes or reissues
    instead = "instead"  # offered in place of a withdrawn version
    next = "next"  # the newest rollout that was not withdrawn, on <channel>-next
    downgrade = "downgrade"  # a withdrawn version goes back, where the client accepts that


class Reason(StrEnum):
    """Why nothing is offered: the rule that took away the highest candidate."""

    malformed = "malformed"
    unknown_channel = "unknown-channel"
    unknown_target = "unknown-target"
    current = "current"
    deadend = "deadend"
    stopped = "stopped"
    withdrawn = "withdrawn"
    superseded = "superseded"
    blocked = "blocked"
    needs_os = "needs-os"
    failed = "failed"
    barrier = "barrier"
    not_started = "not-started"
    held = "held"
    held_back = "held-back"
    no_cohort = "no-cohort"
    later_cohort = "later-cohort"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client says of itself.

    `cohort` is 0..999 or None; `failed` is the version whose install just failed there; `os` the version of its
    operating system; `accepts` what it can do beyond updating, such as downgrade.
    """

    channel: str
    target: str  # linux-x86_64
    bundle: str  # one of the target's updates
    version: str
    cohort: int | None = None
    manual: bool = False
    failed: str | None = None
    os: str | None = None
    accepts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """Install this. `fact` is the path:line that decided; the answer may change at `until`.

    `warnings` are the blocks of this edge that only warn.
    """

    version: str
    artifact: Artifact
    rule: Rule
    fact: str
    until: datetime | None
    warnings: tuple[Blocked, ...] = ()


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
    if cell.deadends and (fact := cell.deadends.get(request.version)):
        return NoOffer(Reason.deadend, None, fact, until)
    highest: Verdict | None = None
    for verdict in _verdicts(cell, request, moment):
        if isinstance(verdict.said, Rule):
            return _offer(verdict, request, until)
        highest = highest or verdict
    if (lower := _downgrade(cell, request, moment)) is not None:
        return _offer(lower, request, until)
    if highest is None:
        return NoOffer(Reason.current, None, None, until)
    assert isinstance(highest.said, Reason)  # noqa: S101 - for the type checker: rules returned above
    return NoOffer(highest.said, highest.candidate.version, highest.fact, until)


def verdicts(table: Table, request: Request, now: datetime) -> tuple[Verdict, ...]:
    """What is said of every candidate above the client, highest first: the long form of `decide`, for explain."""
    cell = _cell(table, request)
    return () if isinstance(cell, Reason) else tuple(_verdicts(cell, request, now.timestamp()))


def newcomer(table: Table, channel: str, target: str, bundle: str, now: datetime) -> Candidate | None:
    """What a new visitor, a redirect or a package manager gets: the newest version that everyone may have.

    Who has nothing installed meets no barrier and no block, and is in no cohort.
    """
    cell, moment = table.cells.get((channel, target, bundle), _EMPTY), now.timestamp()
    return next((each for each in cell.candidates if not _gone(each, moment) and _is_for_all(each, moment)), None)


def bundle_for(target: Target, said: str | None) -> str | None:
    """The bundle a client gets: its own, or the target's first where it does not know (never deb or rpm by guess).

    None when the target has no such bundle.
    """
    if said is None or said in ("", "unknown", "{{bundle_type}}"):
        return target.updates[0] if target.updates else None
    return said if said in target.updates else None


_EMPTY = Cell((), ())


def _cell(table: Table, request: Request) -> Cell | Reason:
    channel = request.channel.removesuffix(NEXT)
    if channel not in table.channels:
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
    return table.cells.get((channel, request.target, request.bundle), _EMPTY)


def _verdicts(cell: Cell, request: Request, moment: float) -> Iterator[Verdict]:
    """What is said of each candidate above the client: first what is taken away, then whose turn it is."""
    key = precedence(request.version)
    gateway = _gateway(cell, key)
    closed = gateway is not None and _is_closed(gateway, request, key, moment)
    ahead = request.channel.endswith(NEXT)
    for candidate in cell.candidates:
        if candidate.key <= key:
            return
        if (taken := _taken_away(candidate, request, key, moment)) is not None:
            yield Verdict(candidate, *taken)
        elif gateway is not None and (closed or candidate.key > gateway.key):
            yield Verdict(candidate, Reason.barrier, gateway.fact)
        elif ahead and candidate.version == cell.newest:
            yield Verdict(candidate, Rule.next, candidate.fact)
        else:
            yield Verdict(candidate, *_turn(candidate, request, key, moment))


def _gateway(cell: Cell, key: Key) -> Gateway | None:
    """The nearest barrier above the client that applies to it."""
    return next((gateway for gateway in cell.gateways if gateway.key > key and key < gateway.below), None)


def _is_closed(gateway: Gateway, request: Request, key: Key, moment: float) -> bool:
    """Whether the barrier itself was taken away. One that this cell never had closes only what is above it."""
    return gateway.candidate is not None and _taken_away(gateway.candidate, request, key, moment) is not None


def _taken_away(candidate: Candidate, request: Request, key: Key, moment: float) -> tuple[Reason, str] | None:
    """What forbids this version to this client, whatever its percentage."""
    if gone := _gone(candidate, moment):
        return gone
    for block in candidate.blocks:
        if block.source.holds_key(key):
            return Reason.blocked, block.fact
    if candidate.minimum_os is not None and not _is_new_enough(os_version(request.os), candidate.minimum_os):
        return Reason.needs_os, candidate.release
    if request.failed == candidate.version:
        return Reason.failed, candidate.fact
    return None


def _is_new_enough(stated: Os | None, least: Os) -> bool:
    return stated is not None and stated >= least


def _gone(candidate: Candidate, moment: float) -> tuple[Reason, str] | None:
    """What forbids it to all."""
    if candidate.removed:
        return Reason(candidate.removed[0]), candidate.removed[1]
    if candidate.superseded and candidate.superseded[0] <= moment:
        return Reason.superseded, candidate.superseded[1]
    return None


def _turn(candidate: Candidate, request: Request, key: Key, moment: float) -> tuple[Rule | Reason, str]:
    """Whether it is this client's turn."""
    stage = candidate.stage(moment)
    if stage is None or (stage.permille == 0 and not stage.held):
        return Reason.not_started, stage.fact if stage else candidate.fact
    if not stage.held and (first := _first(candidate, request, key, moment)) is not None:
        return first
    if not request.manual and (kept := _kept_back(candidate, request, key, moment)) is not None:
        return Reason.held_back, kept
    return _share(candidate, request, stage.permille, stage.held), stage.fact


def _first(candidate: Candidate, request: Request, key: Key, moment: float) -> tuple[Rule, str] | None:
    """Those for whom the percentage does not count, only that one above 0 is in force and not held."""
    if candidate.instead:
        return Rule.instead, candidate.instead
    for version, fact in candidate.admits:
        if version == request.version:
            return Rule.admitted, fact
    for below, since, fact in candidate.urgent:
        if key < below and since <= moment:
            return Rule.urgent, fact
    return None


def _kept_back(candidate: Candidate, request: Request, key: Key, moment: float) -> str | None:
    return next((each.fact for each in candidate.kept if each.keeps(request.cohort, key, moment)), None)


def _share(candidate: Candidate, request: Request, permille: int, held: bool) -> Rule | Reason:
    if permille == COHORTS:
        return Rule.everyone
    if request.cohort is not None and ranks(candidate.salt)[request.cohort] < permille:
        return Rule.cohort
    if held:
        return Reason.held
    if request.manual:
        return Rule.manual
    return Reason.no_cohort if request.cohort is None else Reason.later_cohort


def _is_for_all(candidate: Candidate, moment: float) -> bool:
    stage = candidate.stage(moment)
    if stage is None:
        return False
    return stage.permille == COHORTS or (candidate.instead is not None and stage.permille > 0 and not stage.held)


def _downgrade(cell: Cell, request: Request, moment: float) -> Verdict | None:
    """The version that installations on a withdrawn one may go back to, if they accept that."""
    if not cell.downgrades or "downgrade" not in request.accepts or request.version not in cell.downgrades:
        return None
    version, fact = cell.downgrades[request.version]
    key = precedence(request.version)
    for candidate in cell.candidates:
        if candidate.version == version and _is_for_all(candidate, moment):
            return None if _taken_away(candidate, request, key, moment) else Verdict(candidate, Rule.downgrade, fact)
    return None


def _offer(verdict: Verdict, request: Request, until: datetime | None) -> Offer:
    candidate, key = verdict.candidate, precedence(request.version)
    assert isinstance(verdict.said, Rule)  # noqa: S101 - for the type checker: callers asked
    warnings = tuple(each for each in candidate.warnings if each.source.holds_key(key))
    return Offer(candidate.version, candidate.artifact, verdict.said, verdict.fact, until, warnings)


def _until(cell: Cell, moment: float) -> datetime | None:
    boundary = cell.next_boundary(moment)
    return None if boundary is None else datetime.fromtimestamp(boundary, UTC)
