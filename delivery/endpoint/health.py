"""Whether this process is up, whether it would answer an update check now, and what may soon keep it from doing so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

import msgspec
from flask import Flask, Response
from msgspec import Meta

from delivery.endpoint.look import Live
from delivery.endpoint.operations import JSON, UNAVAILABLE, Operation, Reply, register
from delivery.endpoint.reads.responses import refusal
from delivery.endpoint.source import Source

NEAR = timedelta(hours=24)  # before a head expires: when the alarm rings, too (it is signed anew every 12 hours)
_NEVER_KEPT = {"Cache-Control": "Always no-store."}


@dataclass(frozen=True, slots=True)
class Up:
    """The process answers."""

    up: bool = True


@dataclass(frozen=True, slots=True)
class Readiness:
    """An update check would be answered now, from this head; `catalog` is the sha256 of its catalog.

    `override` is the number of the brake's paper that is obeyed, if there is one. `trouble` is what the last look at
    the store stumbled over; `degraded` says in sentences all that may soon end being ready.
    """

    ready: bool
    serial: int
    commit: str
    catalog: str
    override: int | None
    age_s: int
    expires: Annotated[datetime, Meta(tz=True)]
    confirmed_s_ago: int | None
    trouble: str | None
    degraded: tuple[str, ...]


HEALTHZ = Operation(
    path="/healthz",
    name="healthz",
    summary="Is the process up",
    description="Says nothing of what it could answer.",
    tag="Health",
    answers={HTTPStatus.OK: Reply("It is.", Up, headers=_NEVER_KEPT)},
)
READYZ = Operation(
    path="/readyz",
    name="readyz",
    summary="Would an update check be answered now",
    description="And from which head. It is not ready exactly while update checks get 503, for the same reason.",
    tag="Health",
    answers={
        HTTPStatus.OK: Reply("It would.", Readiness, headers=_NEVER_KEPT),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
)


def add(app: Flask, source: Source, clock: Callable[[], datetime]) -> None:
    """Answer both in this app."""

    def readyz() -> Response:
        now = clock()
        live = source.current(now)
        if not isinstance(live, Live):
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, live.reason)
        return _unkept(_readiness(source, live, now))

    register(app, HEALTHZ, lambda: _unkept(Up()))
    register(app, READYZ, readyz)


def degraded(live: Live, trouble: str | None, now: datetime) -> tuple[str, ...]:
    """What may soon keep this process from answering; nobody is answered wrongly meanwhile."""
    left = live.head.expires - now
    near = f"the head expires in {int(left.total_seconds() // 3600)} hours" if left < NEAR else None
    return tuple(each for each in (trouble, near) if each)


def _readiness(source: Source, live: Live, now: datetime) -> Readiness:
    known, head = source.known, live.head
    return Readiness(
        ready=True,
        serial=head.serial,
        commit=head.commit,
        catalog=head.sha256,
        override=live.override.number if live.override else None,
        age_s=int((now - head.issued).total_seconds()),
        expires=head.expires,
        confirmed_s_ago=int((now - known.confirmed_at).total_seconds()) if known.confirmed_at else None,
        trouble=known.trouble,
        degraded=degraded(live, known.trouble, now),
    )


def _unkept(said: object) -> Response:
    return Response(msgspec.json.encode(said), content_type=JSON, headers={"Cache-Control": "no-store"})
