"""Looks at each component once, as a visitor or an installation would, and writes down what was seen.

The status page reads it from the site's bucket, so what it says needs nothing of the update endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import product as pairs
from time import perf_counter

import requests

from delivery.deploy.objects import Changed, Found, Objects
from delivery.deploy.probe import check_path, manifest_key
from delivery.endpoint.probe import Reply, judge
from delivery.endpoint.settings import Settings
from delivery.engines.stack import EngineError
from delivery.rules.assemble import assemble
from delivery.rules.catalog import download_url
from delivery.rules.compile import Table, compile
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Facts, Product
from delivery.rules.shapes import Environment
from delivery.site.data import Hosts
from delivery.site.seen import Look, Status, Unreadable, after, from_bytes, to_bytes

KEY = "status/status.json"  # in the site's bucket
SERVED = {"ContentType": "application/json", "CacheControl": "public, max-age=30"}
PATIENCE = 4.0  # seconds for each answer; what takes longer is none
TRIES = 5  # times that what was seen is added anew, because another wrote meanwhile
_NOBODY = "0.0.0"  # the version of who has none


@dataclass(frozen=True, slots=True)
class Sight:
    """What is looked at: `look` says what is wrong with it, or nothing."""

    component: str
    look: Callable[[], str]


Now = Callable[[], datetime]


def measure(
    facts: Facts, environment: Environment, hosts: Hosts, store: Objects, now: Now = lambda: datetime.now(UTC)
) -> Status:
    """Looks at everything, adds that to the object KEY of the site's bucket (`store`), and says what lies there then.

    Raises EngineError: the bucket does not answer, or what lies there is no status.
    """
    at = now()
    looks = looked(sights(facts, environment, hosts, at))
    for _ in range(TRIES):
        found = store.read(KEY)
        status = after(_read(found), looks, at)
        try:
            store.write(KEY, to_bytes(status), found.etag if found else None, **SERVED)
        except Changed:
            continue
        return status
    raise EngineError(f"{KEY}: others wrote it {TRIES} times while this was to be added; nothing of this look is in it")


def sights(facts: Facts, environment: Environment, hosts: Hosts, now: datetime) -> tuple[Sight, ...]:
    """What there is to look at. Downloads are left out as long as nothing is offered to everybody."""
    product = facts.product.value
    settings = _settings(product, environment, hosts)
    check, head = f"{hosts.updates}{check_path(facts)}", f"{hosts.updates}/v1/head"
    manifest = f"{hosts.downloads}/{manifest_key(facts)}"
    found = offered(compile(assemble(facts, environment)), now)
    file = (Sight("downloads", lambda: wrong_file(_url(found, hosts, product), found.artifact.size)),) if found else ()
    return (
        Sight("updates", lambda: "; ".join(judge(_reply(check), _reply(head), settings, datetime.now(UTC)).wrong)),
        Sight("manifests", lambda: wrong_manifest(manifest, hosts.downloads)),
        *file,
        Sight("site", lambda: wrong_page(f"{hosts.site}/")),
    )


def looked(those: Iterable[Sight]) -> tuple[Look, ...]:
    """One look at each, at the same time."""
    with ThreadPoolExecutor() as threads:
        return tuple(threads.map(_look, those))


def offered(table: Table, now: datetime) -> Offer | None:
    """A file that everybody may have now, of the first channel and target that has one."""
    return next(_offers(table, now), None)


def wrong_file(url: str, size: int) -> str:
    """What is wrong with a download, asked for by its head."""
    reply = _asked("HEAD", url)
    if isinstance(reply, str):
        return reply
    said = reply.headers.get("Content-Length", "nothing")
    return "" if said == str(size) else f"the file has {size} bytes, and the downloads host says {said}"


def wrong_manifest(url: str, downloads: str) -> str:
    """What is wrong with a static manifest: an installation must be able to read every platform of it."""
    reply = _asked("GET", url)
    if isinstance(reply, str):
        return reply
    try:
        said = reply.json()
        entries = [(each["url"], each["signature"]) for each in said["platforms"].values()]
        complete = bool(said["version"]) and bool(entries) and all(signature for _, signature in entries)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "the manifest is not what an updater reads"
    leads = all(str(url).startswith(f"{downloads}/") for url, _ in entries)
    return "" if complete and leads else "the manifest lacks what an updater needs"


def wrong_page(url: str) -> str:
    """What is wrong with a page of the site."""
    reply = _asked("GET", url)
    if isinstance(reply, str):
        return reply
    return "" if "</html>" in reply.text else "the page is not whole"


def _look(sight: Sight) -> Look:
    began = perf_counter()
    wrong = sight.look()
    return Look(sight.component, not wrong, round(1000 * (perf_counter() - began)), wrong)


def _offers(table: Table, now: datetime) -> Iterator[Offer]:
    for channel, (target, known) in pairs(sorted(table.channels, reverse=True), sorted(table.targets.items())):
        for bundle in known.updates:
            said = decide(table, Request(channel, target, bundle, _NOBODY), now)
            if isinstance(said, Offer):
                yield said


def _url(found: Offer, hosts: Hosts, product: Product) -> str:
    return download_url(hosts.downloads, product.product, found.version, found.artifact.file)


def _settings(product: Product, environment: Environment, hosts: Hosts) -> Settings:
    """What the endpoint says of itself, as far as its answers are judged by it."""
    return Settings(
        product=product.product,
        title=product.title,
        environment=environment,
        bucket="",
        region="",
        downloads_url=hosts.downloads,
        updates_url=hosts.updates,
        site_url=hosts.site,
        head_keys=product.head_keys(environment),
    )


def _reply(url: str) -> Reply | None:
    try:
        reply = requests.get(url, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException:
        return None
    return Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)


def _asked(method: str, url: str) -> requests.Response | str:
    """What came, or why nothing that anybody could use. Bytes as they lie there: a length means nothing else."""
    try:
        reply = requests.request(
            method, url, timeout=PATIENCE, allow_redirects=False, headers={"Accept-Encoding": "identity"}
        )
    except requests.RequestException:
        return "it got no answer"
    return reply if reply.status_code == HTTPStatus.OK else f"it got status {reply.status_code}"


def _read(found: Found | None) -> Status | None:
    try:
        return from_bytes(found.data) if found else None
    except Unreadable as error:
        mend = "git pull if newer code wrote it; otherwise take the object away, and it begins anew"
        raise EngineError(f"{KEY}: {error}; {mend}") from None
