"""Objects in the buckets that are not what HEAD says: catalog, head, static manifests, published artifacts.

Everything is read and compared byte by byte: a listing could be right where the bytes are not.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from delivery.drift.found import Drift
from delivery.rules.catalog import download_path
from delivery.rules.facts import Facts, Key
from delivery.rules.files import harmful
from delivery.rules.head import HeadRefused, unseal
from infra.names import HEAD_KEY, HISTORY_KEY, PUBLIC_HISTORY, catalog_key

Read = Callable[[str], bytes | None]
"""The bytes of the object with this key; None where there is none."""

SOON = timedelta(hours=24)  # a head that has less to live was not signed anew when it was due


def catalog(read: Read, data: bytes, sha256: str, mend: str) -> Iterator[Drift]:
    """The catalog that HEAD's facts amount to, under its own name."""
    yield from _same(f"catalog {sha256[:12]}", read(catalog_key(sha256)), data, mend)


def head(
    read: Read, keys: tuple[Key, ...], product: str, environment: str, sha256: str, now: datetime, mend: str
) -> Iterator[Drift]:
    """The head that is live: signed by a trusted key, naming HEAD's catalog, and with enough time left."""
    data = read(HEAD_KEY)
    if data is None:
        yield Drift("head", "is not there, so nothing is offered to anybody", mend)
        return
    try:
        live = unseal(data, keys, product, environment, now)
    except HeadRefused as refused:
        yield Drift("head", f"is believed by nobody: {refused}", mend)
        return
    if live.sha256 != sha256:
        what = f"names the catalog {live.sha256[:12]} of commit {live.commit[:9]}, not {sha256[:12]}"
        yield Drift("head", what, mend)
    if live.expires - now < SOON:
        yield Drift("head", f"expires at {live.expires:%Y-%m-%d %H:%M} UTC and was not signed anew", mend)


def manifests(read: Read, meant: Mapping[str, bytes], mend: str) -> Iterator[Drift]:
    """Every static manifest, and what lies beside them."""
    for key, data in sorted(meant.items()):
        yield from _same(f"manifest {key}", read(key), data, mend)


def history(read: Read, meant: Mapping[str, bytes], mend: str) -> Iterator[Drift]:
    """The public history as the endpoint reads it, which has the bytes that lie on the downloads host."""
    if PUBLIC_HISTORY in meant:
        yield from _same("public history, for the endpoint", read(HISTORY_KEY), meant[PUBLIC_HISTORY], mend)


def artifacts(shelves: Mapping[str, Read], facts: Facts, progress: Callable[[str], None]) -> Iterator[Drift]:
    """Every artifact of every version, in each bucket that has it. `shelves`: how to read each, by its name.

    Those that are served to nobody need not be there.
    """
    product, unserved = facts.product.value.product, harmful(facts)
    for version, filed in facts.versions.items():
        for bundles in filed.value.artifacts.values():
            for artifact in bundles.values():
                key = download_path(product, version, artifact.file)
                progress(key)
                for name, read in shelves.items():
                    data = read(key)
                    if data is not None or version not in unserved:
                        yield from _artifact(f"artifact {name}/{key}", data, artifact.sha256, version)


def _artifact(where: str, data: bytes | None, sha256: str, version: str) -> Iterator[Drift]:
    if data is None:
        yield Drift(where, "is not there", "publish again: what lacks is written, and nothing overwritten")
    elif (found := hashlib.sha256(data).hexdigest()) != sha256:
        what = f"has sha256 {found[:12]}…, and the fact says {sha256[:12]}…"
        yield Drift(where, what, f"./inv withdraw {version} --downloads gone, at once, then find out who wrote it")


def _same(where: str, found: bytes | None, meant: bytes, mend: str) -> Iterator[Drift]:
    if found is None:
        yield Drift(where, "is not there", mend)
    elif found != meant:
        yield Drift(where, f"holds other bytes ({len(found)}) than HEAD says ({len(meant)})", mend)
