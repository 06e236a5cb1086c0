"""One event of one installation: what a message may say, and what of it counts.

Strict: an unknown key, a wrong type or an impossible time refuses the message. Nothing in it names an installation:
`cohort` is one of a thousand, `event_id` is drawn for each event, `attempt_id` for each install of each release.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from delivery.rules.shapes import NAME, SEMVER

LARGEST = 4096  # bytes of a message
# An event waits on an offline laptop and then in the queue; a clock may run ahead.
OLDEST, AHEAD = timedelta(days=7), timedelta(hours=1)


class Kind(StrEnum):
    """What happened (Omaha's event types in brackets)."""

    check = "check"  # an update check that failed [50]; those that work are not told
    download_started = "download-started"  # [13]
    download_finished = "download-finished"  # [14]
    install_started = "install-started"  # [15]
    updated = "updated"  # the new version ran, or the install failed [3]
    set_up = "set-up"  # a first install [100, 103]


class Result(StrEnum):
    """How it went (Omaha's event results in brackets)."""

    failed = "failed"  # [0]
    ok = "ok"  # [1]
    ok_after_restart = "ok-after-restart"  # [2, 3]
    cancelled = "cancelled"  # [4]
    deferred = "deferred"  # [9]


Version = Annotated[str, Meta(pattern=rf"\A(?:{SEMVER})\Z")]
Name = Annotated[str, Meta(pattern=rf"\A(?:{NAME})\Z")]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Refused(ValueError):  # noqa: N818 - what happened to the message
    """This message is no event; the text says why."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See the module. `serial` is the head that the installation was answered from; `bytes` and `duration_ms` what the
    download or install took; `error_code` is the app's own (0: none)."""

    event_id: UUID
    kind: Kind
    result: Result
    target: Name
    channel: Name
    from_version: Version
    to_version: Version | None = None
    cohort: Annotated[int, Meta(ge=0, le=999)] | None = None
    error_code: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] = 0
    duration_ms: Number | None = None
    bytes: Annotated[int, Meta(ge=0, le=2**40)] | None = None
    attempt_id: UUID | None = None
    serial: Number | None = None

    def __post_init__(self) -> None:
        if self.event_id.version != 7:
            raise ValueError("event_id is no UUID of version 7")
        if self.kind is not Kind.check and self.to_version is None:
            raise ValueError(f"{self.kind} has no to_version")

    @property
    def at(self) -> datetime:
        """When it happened, by the installation's clock: a retry has the same id, so the same day."""
        return datetime.fromtimestamp((self.event_id.int >> 80) / 1000, UTC)

    @property
    def day(self) -> date:
        """The day it is kept under, in UTC."""
        return self.at.date()

    @property
    def succeeded(self) -> bool | None:
        """Whether this attempt to update succeeded; None if this event does not decide it."""
        if self.kind is not Kind.updated or self.attempt_id is None:
            return None
        return {Result.failed: False, Result.ok: True, Result.ok_after_restart: True}.get(self.result)


def read(body: str, sent: datetime) -> Event:
    """The event in a message that was sent at this time.

    Raises Refused.
    """
    data = body.encode(errors="surrogatepass")  # half a character is no JSON, and is refused as that
    if len(data) > LARGEST:
        raise Refused(f"it has {len(data)} bytes; {LARGEST} are the most")
    try:
        event = msgspec.json.decode(data, type=Event)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refused(str(error)) from None
    try:
        at = event.at
    except (ValueError, OverflowError):
        raise Refused("event_id holds no time") from None
    if not sent - OLDEST <= at <= sent + AHEAD:
        raise Refused(f"it happened at {at:%Y-%m-%dT%H:%M:%SZ}, more than 7 days before or 1 hour after it was sent")
    return event
