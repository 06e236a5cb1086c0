"""What a status page shows: which facts are live, what is stopped, and which notices are in force."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from flask import Response

from delivery.endpoint.health import NEAR, degraded
from delivery.endpoint.operations import TAGGED, UNAVAILABLE, Operation, Reply
from delivery.endpoint.reads.channels import Stop, stops
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.responses import value
from delivery.endpoint.reads.standing import When


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """`stopped`: nothing is offered at all; `partly-stopped`: some versions are not."""

    channel: str
    state: Literal["open", "partly-stopped", "stopped"]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told to those who have one of these versions (a range) on one of these channels."""

    notice: str
    channels: tuple[str, ...]
    versions: str
    at: When
    text: str
    url: str | None
    support_ends: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """`issued` is since when the head is signed, `expires` until when it is believed; `catalog` is its sha256.

    `troubles` are what may soon keep this from being true; nobody is answered wrongly meanwhile.
    """

    product: str
    environment: str
    serial: int
    commit: str
    catalog: str
    issued: When
    expires: When
    troubles: tuple[str, ...]
    channels: tuple[ChannelStatus, ...]
    notices: tuple[Notice, ...]


STATUS = Operation(
    path="/v1/status",
    name="status",
    summary="What is live and what is stopped",
    description="For status pages: the head that is answered from, the state of each channel, the notices in force.",
    tag="Status",
    answers={
        HTTPStatus.OK: Reply("The status.", Status, headers=TAGGED),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)


def view(moment: Moment) -> Response:
    """STATUS."""
    head, catalog = moment.live.head, moment.catalog
    said = Status(
        product=catalog.product,
        environment=catalog.environment,
        serial=head.serial,
        commit=head.commit,
        catalog=head.sha256,
        issued=head.issued,
        expires=head.expires,
        troubles=degraded(moment.live, moment.trouble, moment.now),
        channels=tuple(_channel(moment, name) for name in catalog.channels),
        notices=_notices(moment),
    )
    near = (head.expires - NEAR,) if moment.now < head.expires - NEAR else ()
    coming = (each.at for each in catalog.notices if each.at > moment.now)
    return value(said, moment.live, moment.now, moment.until(), min(coming, default=None), *near)


def _channel(moment: Moment, name: str) -> ChannelStatus:
    found = stops(moment, name)
    if not found:
        return ChannelStatus(name, "open", ())
    return ChannelStatus(name, "stopped" if any(each.versions is None for each in found) else "partly-stopped", found)


def _notices(moment: Moment) -> tuple[Notice, ...]:
    return tuple(
        Notice(each.name, each.channels, each.versions, each.at, each.text, each.url, each.support_ends)
        for each in moment.catalog.notices
        if each.at <= moment.now
    )
