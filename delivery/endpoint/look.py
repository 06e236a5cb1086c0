"""One look at the store: is there a newer head, may it be believed, and can its catalog be read?

Decides what is known afterwards; when to look is `source`'s matter. Never lets go of the last good catalog.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from delivery.endpoint.settings import Settings
from delivery.endpoint.store import Fetched, ObjectStore, StoreError, Unchanged
from delivery.rules.catalog import HEAD_KEY, Catalog, Unreadable, from_bytes, object_key, sha256
from delivery.rules.compile import Table, compile
from delivery.rules.head import Head, HeadRefused, unseal


@dataclass(frozen=True, slots=True)
class Live:
    """What is answered from: the believed head, its table, and both as the bytes that were published."""

    head: Head
    table: Table
    envelope: bytes
    catalog: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a process knows of the store. `trouble` is what the last look stumbled over, if anything."""

    live: Live | None = None
    confirmed_at: datetime | None = None  # when `live` was last known to be what should answer
    etag: str | None = None  # of the last head that was judged for good
    newest: Head | None = None  # no head older than this one is believed again
    behind: str | None = None  # why `live` is not what the newest head names, where only a newer build can mend it
    trouble: str | None = None


class Mismatch(ValueError):  # noqa: N818 - named for what was found
    """The catalog is not the one that the head names."""


def look(store: ObjectStore, settings: Settings, known: Known, now: datetime) -> Known:
    """What is known after looking at `now`. Trouble is told in the result, never raised."""
    try:
        fetched = store.get(HEAD_KEY, known.etag)
        if isinstance(fetched, Unchanged):
            return replace(known, confirmed_at=now, trouble=known.behind)
        head = _believe(fetched.data, settings, known.newest, now)
    except (StoreError, HeadRefused) as error:
        return replace(known, trouble=f"the head was not taken: {error}")
    known = replace(known, newest=head, etag=None)  # until its catalog is here, "unchanged" would confirm the old head
    try:
        live = _load(store, settings, known.live, head, fetched.data)
    except Unreadable as error:
        # Only a newer build can mend this, so the last good catalog answers until its own head expires.
        behind = f"the catalog of serial {head.serial} was not taken: {error}"
        return replace(known, confirmed_at=now, etag=fetched.etag, behind=behind, trouble=behind)
    except (StoreError, Mismatch) as error:
        return replace(known, trouble=f"the catalog of serial {head.serial} was not taken: {error}")
    return Known(live, confirmed_at=now, etag=fetched.etag, newest=head)


def _believe(data: bytes, settings: Settings, newest: Head | None, now: datetime) -> Head:
    head = unseal(data, settings.head_keys, settings.product, settings.environment, now)
    if newest and (head.serial, head.issued) < (newest.serial, newest.issued):
        raise HeadRefused(f"it has serial {head.serial}, older than {newest.serial} which was seen before")
    return head


def _load(store: ObjectStore, settings: Settings, last: Live | None, head: Head, envelope: bytes) -> Live:
    """Raises StoreError, Mismatch, Unreadable."""
    if last and last.head.sha256 == head.sha256:  # only signed anew
        return replace(last, head=head, envelope=envelope)
    fetched = store.get(object_key(head.sha256), None)
    data = fetched.data if isinstance(fetched, Fetched) else b""
    if sha256(data) != head.sha256:
        raise Mismatch("its bytes are not the ones that the head names")
    return Live(head, compile(_ours(from_bytes(data), settings)), envelope, data)


def _ours(catalog: Catalog, settings: Settings) -> Catalog:
    if (catalog.product, catalog.environment) != (settings.product, settings.environment):
        raise Mismatch(f"it is the catalog of {catalog.product} {catalog.environment}")
    return catalog
