"""What is live in one environment at one moment, for people: pure, and decided by the production rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from delivery.endpoint.look import Live
from delivery.rules.catalog import Offering
from delivery.rules.compile import COHORTS, Candidate, Table
from delivery.rules.decide import newcomer
from delivery.rules.precedence import precedence
from delivery.rules.timeline import in_force


@dataclass(frozen=True, slots=True)
class Coming:
    """What a rollout does next: a percentage at a time, or (`gate`) at the earliest then, once that gate is passed."""

    percent: float
    at: datetime
    gate: str | None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A version on its way to everybody. `state`: not started, under way, held, stopped, withdrawn or superseded."""

    version: str
    state: str
    percent: float
    targets: tuple[str, ...]
    coming: Coming | None
    fact: str


@dataclass(frozen=True, slots=True)
class Channel:
    """`everyone`: by target and bundle the newest version that all may have, None if there is none."""

    name: str
    everyone: Mapping[str, Mapping[str, str | None]]
    rollouts: tuple[Rollout, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """These versions (None: all) are offered to nobody on this channel."""

    channel: str
    versions: tuple[str, ...] | None
    at: datetime
    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """This version is offered to nobody on this channel any more."""

    channel: str
    version: str
    at: datetime
    reason: str
    downloads: str
    fact: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything at one moment."""

    product: str
    environment: str
    serial: int
    commit: str
    catalog: str  # its sha256
    issued: datetime
    expires: datetime
    targets: Mapping[str, str]  # by name: the title
    channels: tuple[Channel, ...]
    stops: tuple[Stop, ...]
    withdrawals: tuple[Withdrawal, ...]


def standing(live: Live, now: datetime) -> Standing:
    """What this catalog means at this moment."""
    head, catalog = live.head, live.table.catalog
    return Standing(
        product=head.product,
        environment=head.environment,
        serial=head.serial,
        commit=head.commit,
        catalog=head.sha256,
        issued=head.issued,
        expires=head.expires,
        targets={name: target.title for name, target in catalog.targets.items()},
        channels=tuple(_channel(live.table, name, now) for name in catalog.channels),
        stops=tuple(Stop(each.channel, each.versions, each.at, each.reason, each.fact) for each in catalog.stops),
        withdrawals=tuple(
            Withdrawal(each.channel, each.version, each.at, each.reason, each.downloads, each.fact)
            for each in catalog.withdrawals
        ),
    )


def _channel(table: Table, name: str, now: datetime) -> Channel:
    everyone = {
        target: {bundle: _open(table, name, target, bundle, now) for bundle in its.updates}
        for target, its in table.targets.items()
    }
    offerings = [each for each in table.catalog.offerings if each.channel == name]
    ahead = [each for each in offerings if any(_is_ahead(each, offerings, target, now) for target in everyone)]
    newest_first = sorted(ahead, key=lambda each: precedence(each.version), reverse=True)
    candidates = {each.version: each for each in _candidates(table, name)}
    return Channel(name, everyone, tuple(_rollout(each, candidates.get(each.version), now) for each in newest_first))


def _open(table: Table, channel: str, target: str, bundle: str, now: datetime) -> str | None:
    found = newcomer(table, channel, target, bundle, now)
    return found.version if found else None


def _is_ahead(offering: Offering, offerings: Iterable[Offering], target: str, now: datetime) -> bool:
    """Whether it goes to this target and neither it nor a newer one has reached everybody there: else it is history."""
    key = precedence(offering.version)
    newer = (each for each in offerings if precedence(each.version) >= key and _is_for(each, target))
    return _is_for(offering, target) and not any(_has_reached_all(each, now) for each in newer)


def _is_for(offering: Offering, target: str) -> bool:
    return offering.targets is None or target in offering.targets


def _has_reached_all(offering: Offering, now: datetime) -> bool:
    stage = in_force(offering.stages, now)
    return stage is not None and stage.permille == COHORTS


def _candidates(table: Table, channel: str) -> Iterator[Candidate]:
    for (name, _, _), cell in table.cells.items():
        if name == channel:
            yield from cell.candidates


def _rollout(offering: Offering, candidate: Candidate | None, now: datetime) -> Rollout:
    stage = in_force(offering.stages, now)
    return Rollout(
        version=offering.version,
        state=_state(offering, candidate, now),
        percent=stage.percent if stage else 0,
        targets=offering.targets or (),
        coming=_coming(offering, now),
        fact=offering.fact,
    )


def _state(offering: Offering, candidate: Candidate | None, now: datetime) -> str:
    if candidate and candidate.removed:
        return candidate.removed[0]
    if candidate and candidate.superseded and candidate.superseded[0] <= now.timestamp():
        return "superseded"
    stage = in_force(offering.stages, now)
    if stage and stage.held:
        return "held"
    return "under way" if stage and stage.permille else "not started"


def _coming(offering: Offering, now: datetime) -> Coming | None:
    later = next((stage for stage in offering.stages if stage.ends > now), None)
    if later:
        return Coming(later.percent, later.ends, None)
    waiting = next(iter(offering.waiting), None)
    return Coming(waiting.percent, waiting.at, waiting.gate) if waiting else None
