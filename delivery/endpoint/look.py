"""One look at the store: what is halted, is there a newer head, may both be believed, can the catalog be read?

Decides what is known afterwards; when to look is `source`'s matter. Never lets go of the last good catalog, nor of a
halt: the override is read before the head, because it leaves out a halt as soon as a head is live that decides it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.endpoint.packed import Packed
from delivery.endpoint.settings import Settings
from delivery.endpoint.store import Absent, Fetched, ObjectStore, StoreError, Unchanged
from delivery.rules import brake
from delivery.rules import head as heads
from delivery.rules.brake import OVERRIDE_KEY, Override, OverrideRefused, braked, heeded
from delivery.rules.catalog import HEAD_KEY, Catalog, Unreadable, from_bytes, object_key, sha256
from delivery.rules.compile import Table, compile
from delivery.rules.head import Head, HeadRefused

# Steps of rollouts are hours apart, an HTTP date has whole seconds, and S3 itself refuses clocks 15 minutes off.
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Live:
    """What is answered from: the believed head, the table of its catalog under the brake, and the published bytes.

    `catalog` is the plain one. `override` has every halt that this process ever believed; `override_envelope` is what
    was published last. Both are None where nothing was ever halted.
    """

    head: Head
    table: Table
    envelope: bytes
    catalog: Packed
    override: Override | None = None
    override_envelope: bytes | None = None


@dataclass(frozen=True, slots=True)
class Brake:
    """The believed override, as it was published, and the tag of that."""

    override: Override
    envelope: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """What this machine's clock said before the store was asked, and the store's own when it answered."""

    here: datetime
    there: datetime

    def off(self, now: datetime) -> timedelta | None:
        """By how much this machine's clock is off at `now`, a later moment by it; None within the tolerance.

        A process may be frozen between question and answer: only what no pause explains counts.
        """
        off = max(self.here - self.there, self.there - now)
        return off if off > TOLERANCE else None


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a process knows of the store. `trouble` is what the last look stumbled over, if anything."""

    live: Live | None = None
    confirmed_at: datetime | None = None  # when `live` was last known to be what should answer
    etag: str | None = None  # of the last head that was judged for good
    newest: Head | None = None  # no head older than this one is believed again
    behind: str | None = None  # why `live` is not what the newest head names, where only a newer build can mend it
    trouble: str | None = None
    brake: Brake | None = None  # no override with a lower number is believed again
    clocks: Clocks | None = None  # where the store told its time


class Mismatch(ValueError):  # noqa: N818 - named for what was found
    """The catalog is not the one that the head names."""


def look(store: ObjectStore, settings: Settings, known: Known, now: datetime) -> Known:
    """What is known after looking at `now`. Trouble is told in the result, never raised."""
    try:
        reply = store.get(OVERRIDE_KEY, known.brake.etag if known.brake else None)
    except StoreError as error:
        clocks = Clocks(now, error.at) if error.at else known.clocks
        return replace(known, clocks=clocks, trouble=f"the override was not taken: {error}")
    known = replace(known, clocks=Clocks(now, reply.at) if reply.at else None)
    try:
        found = _judge(reply, settings, known.brake)
    except OverrideRefused as error:
        trouble = f"the override was not taken: {error}"
        if known.brake:
            return replace(known, trouble=trouble)
        # Something is halted, and nobody here knows what: better no answer than one that was halted.
        return Known(newest=known.newest, clocks=known.clocks, trouble=trouble)
    return _follow(store, settings, _under(known, found), now)


def _judge(reply: Fetched | Unchanged | Absent, settings: Settings, last: Brake | None) -> Brake | None:
    """The override in force; None where there never was one. Raises OverrideRefused."""
    if isinstance(reply, Unchanged):
        return last
    if isinstance(reply, Absent):
        if last:
            raise OverrideRefused(f"it is gone, and number {last.override.number} was seen before")
        return None
    found = brake.unseal(reply.data, settings.brake_keys, settings.product, settings.environment)
    if last and found.number < last.override.number:
        raise OverrideRefused(f"it has number {found.number}, lower than {last.override.number} which was seen before")
    return Brake(heeded(last.override if last else None, found), reply.data, reply.etag)


def _under(known: Known, found: Brake | None) -> Known:
    """What is known, under this brake at once, whichever head is live."""
    if found is known.brake:
        return known
    last = known.live
    live = _live(last.head, last.envelope, last.catalog, from_bytes(last.catalog.plain()), found) if last else None
    return replace(known, live=live, brake=found)


def _follow(store: ObjectStore, settings: Settings, known: Known, now: datetime) -> Known:
    """What is known after the head was asked for."""
    try:
        fetched = store.get(HEAD_KEY, known.etag)
        if isinstance(fetched, Unchanged):
            return replace(known, confirmed_at=now, trouble=known.behind)
        if isinstance(fetched, Absent):
            raise HeadRefused("it is not there")
        head = _believe(fetched.data, settings, known.newest, now)
    except (StoreError, HeadRefused) as error:
        return replace(known, trouble=f"the head was not taken: {error}")
    known = replace(known, newest=head, etag=None)  # until its catalog is here, "unchanged" would confirm the old head
    try:
        live = _load(store, settings, known, head, fetched.data)
    except Unreadable as error:
        # Only a newer build can mend this, so the last good catalog answers until its own head expires.
        behind = f"the catalog of serial {head.serial} was not taken: {error}"
        return replace(known, confirmed_at=now, etag=fetched.etag, behind=behind, trouble=behind)
    except (StoreError, Mismatch) as error:
        return replace(known, trouble=f"the catalog of serial {head.serial} was not taken: {error}")
    return replace(known, live=live, confirmed_at=now, etag=fetched.etag, behind=None, trouble=None)


def _believe(data: bytes, settings: Settings, newest: Head | None, now: datetime) -> Head:
    head = heads.unseal(data, settings.head_keys, settings.product, settings.environment, now)
    if newest and (head.serial, head.issued) < (newest.serial, newest.issued):
        raise HeadRefused(f"it has serial {head.serial}, older than {newest.serial} which was seen before")
    return head


def _load(store: ObjectStore, settings: Settings, known: Known, head: Head, envelope: bytes) -> Live:
    """Raises StoreError, Mismatch, Unreadable."""
    if known.live and known.live.head.sha256 == head.sha256:  # only signed anew
        return replace(known.live, head=head, envelope=envelope)
    fetched = store.get(object_key(head.sha256), None)
    data = fetched.data if isinstance(fetched, Fetched) else b""
    if sha256(data) != head.sha256:
        raise Mismatch("its bytes are not the ones that the head names")
    return _live(head, envelope, Packed.of(data), _ours(from_bytes(data), settings), known.brake)


def _live(head: Head, envelope: bytes, packed: Packed, catalog: Catalog, found: Brake | None) -> Live:
    override, published = (found.override, found.envelope) if found else (None, None)
    return Live(head, compile(braked(catalog, override)), envelope, packed, override, published)


def _ours(catalog: Catalog, settings: Settings) -> Catalog:
    if (catalog.product, catalog.environment) != (settings.product, settings.environment):
        raise Mismatch(f"it is the catalog of {catalog.product} {catalog.environment}")
    return catalog
