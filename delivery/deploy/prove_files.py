"""Whether every file that somebody is told to download lies where it is told, as long as its fact says.

Told by update checks, by static manifests, and to new visitors, who get bundles that no updater installs, too. Only
asked for by HEAD: whole files are for `prove_updates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import requests

from delivery.artifacts.manifests import NOTHING
from delivery.deploy.asks import TIMEOUT
from delivery.deploy.prove_answers import Live, Unanswered, Wrong, tried
from delivery.endpoint.reads.offered import bundles, downloads
from delivery.rules.catalog import download_url
from delivery.rules.compile import COHORTS
from delivery.rules.decide import Offer, Request, decide, newcomer
from delivery.rules.facts import Artifact


@dataclass(frozen=True, slots=True)
class Told:
    """A file of a version, and the address at which somebody is told to download it."""

    url: str
    version: str
    size: int  # bytes, by the fact


def files(live: Live, asks: Iterable[Request], now: datetime) -> tuple[Told, ...]:
    """Each once: what these are offered, and whoever of their kind is below all versions, in whichever cohort.

    The latter without a cohort is what manifests say. And what new visitors get.
    """
    mine = tuple(asks)
    kinds = dict.fromkeys((each.channel, each.target, each.bundle) for each in mine)
    lowest = (Request(*kind, NOTHING, cohort) for kind in kinds for cohort in (None, *range(COHORTS)))
    said = (decide(live.table, each, now) for each in (*mine, *lowest))
    offered = ((each.version, each.artifact) for each in said if isinstance(each, Offer))
    return tuple(dict.fromkeys(_told(live, *each) for each in (*offered, *_of_newcomers(live, now))))


def file(told: Told) -> Iterator[Wrong]:
    """It lies there, and is as long as it should be."""
    expected = f"{told.size} bytes of {told.version}"
    try:
        length = tried(lambda: _length(told.url))
    except Unanswered as error:
        yield Wrong(told.url, str(error), expected)
        return
    if length != str(told.size):
        yield Wrong(told.url, f"is {length or 'nobody says how many'} bytes", expected)


def _of_newcomers(live: Live, now: datetime) -> Iterator[tuple[str, Artifact]]:
    """A bundle that no updater installs is of the version of the first that one does, as for the download centre."""
    catalog = live.table.catalog
    for channel in sorted(live.table.channels):
        for target, known in sorted(live.table.targets.items()):
            for bundle in bundles(known):
                ways = (bundle,) if bundle in known.updates else known.updates
                found = next(filter(None, (newcomer(live.table, channel, target, way, now) for way in ways)), None)
                built = catalog.releases[found.version].artifacts[target].get(bundle) if found else None
                if found and built and downloads(catalog, found.version) != "gone":
                    yield found.version, built


def _told(live: Live, version: str, artifact: Artifact) -> Told:
    url = download_url(live.downloads, live.product.product, version, artifact.file)
    return Told(url, version, artifact.size)


def _length(url: str) -> str:
    """As it says; empty where it says none. Raises requests.RequestException."""
    said = {"Accept-Encoding": "identity"}  # what is squeezed on the way has another length, or none
    reply = requests.head(url, headers=said, timeout=TIMEOUT, allow_redirects=False)
    if reply.status_code != requests.codes.ok:
        raise requests.RequestException(f"answers with status {reply.status_code}")
    return reply.headers.get("Content-Length", "")
