"""The channels: the newest version that everybody may have, what is on its way to everybody, and what is stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Response

from delivery.endpoint.operations import TAGGED, UNAVAILABLE, Operation, Reply
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.offered import File, file
from delivery.endpoint.reads.responses import value
from delivery.endpoint.reads.standing import Rollout, Standing, When, is_halt, reached_all, standing
from delivery.rules.precedence import Key, precedence


@dataclass(frozen=True, slots=True)
class Newest:
    """What new visitors get on a target; without a version, nothing is offered to everybody there now."""

    target: str
    title: str
    version: str | None
    file: File | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A version that is not everybody's yet, and where it stands."""

    version: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Stop:
    """These versions (null: all) are offered to nobody; `halted`: by the emergency brake, ahead of its merge."""

    versions: tuple[str, ...] | None
    since: When
    reason: str
    halted: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """`rollouts` are of versions above those that everybody may have, the highest first."""

    channel: str
    newest: tuple[Newest, ...]
    rollouts: tuple[Ahead, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels, by name."""

    product: str
    environment: str
    channels: tuple[Channel, ...]


CHANNELS = Operation(
    path="/v1/channels",
    name="channels",
    summary="All channels",
    description=(
        "For each channel the newest version that everybody may have, by target; the rollouts that have not reached "
        "everybody; and what is stopped."
    ),
    tag="Releases",
    answers={
        HTTPStatus.OK: Reply("The channels.", Channels, headers=TAGGED),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)


def view(moment: Moment) -> Response:
    """CHANNELS."""
    found = moment.rollouts
    channels = tuple(
        Channel(name, _newest(moment, name), _ahead(found, name, moment.now), stops(moment, name))
        for name in moment.catalog.channels
    )
    said = Channels(moment.catalog.product, moment.catalog.environment, channels)
    return value(said, moment.live, moment.now, moment.until())


def stops(moment: Moment, channel: str) -> tuple[Stop, ...]:
    """What is stopped on a channel, halts of the brake too."""
    return tuple(
        Stop(each.versions, each.at, each.reason, is_halt(each))
        for each in moment.catalog.stops
        if each.channel == channel
    )


def _newest(moment: Moment, channel: str) -> tuple[Newest, ...]:
    found = {name: file(moment, channel, name, None) for name in moment.table.targets}
    titles = {name: target.title for name, target in moment.table.targets.items()}
    return tuple(Newest(name, titles[name], *(gets or (None, None))) for name, gets in sorted(found.items()))


def _ahead(found: Iterable[Rollout], channel: str, now: datetime) -> tuple[Ahead, ...]:
    mine = sorted((each for each in found if each.offering.channel == channel), key=_key, reverse=True)
    reached: set[str] = set()  # the targets on which everybody has a newer version: what is below is history
    ahead = []
    for each in mine:
        if reached_all(each, now) is not None:
            reached.update(each.targets)
        elif not reached.issuperset(each.targets):
            ahead.append(Ahead(each.offering.version, standing(each, now)))
    return tuple(each for each in ahead if each.standing.state not in ("withdrawn", "superseded"))


def _key(rollout: Rollout) -> Key:
    return precedence(rollout.offering.version)
