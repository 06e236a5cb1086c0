"""The static manifests: what installations read when the endpoint does not answer. Writes and uploads nothing.

A static file cannot know who reads it. So it offers a version only if `decide`, asked without a cohort, offers that
version to every version ever shipped below it. Where a barrier stands that is the barrier's version, the lowest one;
otherwise it says 0.0.0, which every client takes for "nothing new".
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import product as pairs

import msgspec

from delivery.rules.catalog import download_url
from delivery.rules.compile import Table
from delivery.rules.decide import Offer, Request, bundle_for, decide
from delivery.rules.precedence import precedence

NOTHING = "0.0.0"
_UNSIGNED = "bm90aGluZyBpcyBvZmZlcmVk"  # "nothing is offered": decodes, and verifies nowhere


def manifests(table: Table, now: datetime, downloads_url: str, product: str) -> Mapping[str, bytes]:
    """Each manifest by its key in the downloads bucket: v1/update/<channel>/<os>/<arch>/<bundle>.json.

    `unknown.json` is for clients that do not say their bundle. `downloads_url` has no slash at its end.
    """
    made = {}
    for channel, target in pairs(table.catalog.channels, table.targets):
        for said, bundle in _bundles(table, target):
            offer = _offered(table, channel, target, bundle, now)
            entry = _entry(offer, downloads_url, product)
            # Both keys that plugins look for: the bundle's own, and the one that plugins before 2.10 know.
            body = {**_release(table, offer), "platforms": {f"{target}-{bundle}": entry, target: entry}}
            key = f"v1/update/{channel}/{target.replace('-', '/', 1)}/{said}.json"
            made[key] = msgspec.json.encode(body, order="sorted") + b"\n"
    return made


def _bundles(table: Table, target: str) -> Iterator[tuple[str, str]]:
    """What a client may say, and the bundle that it gets for it."""
    known = table.targets[target]
    for said in (*known.updates, "unknown"):
        if (bundle := bundle_for(known, said)) is not None:
            yield said, bundle


def _offered(table: Table, channel: str, target: str, bundle: str, now: datetime) -> Offer | None:
    """The version that everyone below it is offered without a cohort: only what the lowest gets can be that."""

    def answer(version: str) -> Offer | None:
        said = decide(table, Request(channel, target, bundle, version), now)
        return said if isinstance(said, Offer) else None

    if (lowest := answer(NOTHING)) is None:
        return None
    highest = precedence(lowest.version)
    below = (older for older in table.catalog.releases if precedence(older) < highest)
    agreed = all(said is not None and said.version == lowest.version for said in map(answer, below))
    return lowest if agreed else None


def _release(table: Table, offer: Offer | None) -> Mapping[str, object]:
    if offer is None:
        return {"version": NOTHING}
    release = table.catalog.releases[offer.version]
    return {"version": offer.version, "notes": release.notes, "pub_date": release.published}


def _entry(offer: Offer | None, downloads_url: str, product: str) -> Mapping[str, str]:
    """Complete even when nothing is offered: one bad entry makes clients refuse the whole manifest."""
    if offer is None or offer.artifact.signature is None:
        return {"url": f"{downloads_url}/", "signature": _UNSIGNED}
    url = download_url(downloads_url, product, offer.version, offer.artifact.file)
    return {"url": url, "signature": offer.artifact.signature}
