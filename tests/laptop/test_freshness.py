"""What caches may keep, and for how long: asked through the running laptop's nginx."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from clients.reference.check import UpToDate
from delivery.artifacts.manifests import manifests
from delivery.endpoint.source import LATE
from delivery.laptop import keys
from delivery.rules.brake import OVERRIDE_KEY, Halt, braked, pulled, seal
from delivery.rules.catalog import HEAD_KEY, Catalog, from_bytes, object_key
from delivery.rules.compile import compile
from tests.laptop.system import System

CONFIRM, MAX_AGE = 10, 30  # seconds
SLACK = 5  # seconds: nginx counts whole ones, and this machine is busy
CATALOG, DOWNLOADS = "espice-laptop-catalog", "espice-laptop-downloads"
NAP = 0.1  # seconds between two questions of one asker

BRIEFLY = r"public, max-age=([1-9]|[12]\d|30)"
FOR_EVER = "public, max-age=31536000, immutable"
NEVER = "no-store"


@dataclass(frozen=True)
class Kept:
    """A question, the status and Cache-Control of its answer, and what the edge did with it the first two times."""

    method: str
    host: str
    path: str
    status: int
    cache_control: str
    edge: tuple[str, str] = ("MISS", "HIT")


NOT_KEPT = ("MISS", "MISS")
CHECK = "/v1/update/stable/linux/x86_64"
ARTIFACT = "/espice/1.3.0/"  # and the file's name, which the offer says

TABLE = {
    "an offer": Kept("GET", "updates", f"{CHECK}/1.2.0?bundle=appimage", 200, BRIEFLY),
    "nothing for you": Kept("GET", "updates", f"{CHECK}/9.9.9?bundle=appimage", 204, BRIEFLY),
    "a check that is not understood": Kept("GET", "updates", "/v1/update/what/is/this", 204, BRIEFLY),
    "the head": Kept("GET", "updates", "/v1/head", 200, BRIEFLY),
    "the catalog": Kept("GET", "updates", "/v1/catalog", 200, BRIEFLY),
    "a static manifest": Kept("GET", "downloads", f"{CHECK}/appimage.json", 200, BRIEFLY),
    "the notices": Kept("GET", "downloads", "/v1/notices.json", 200, BRIEFLY),
    "an artifact": Kept("GET", "downloads", ARTIFACT, 200, FOR_EVER),
    "an artifact that is not there yet": Kept("GET", "downloads", f"{ARTIFACT}none", 404, NEVER, NOT_KEPT),
    "a manifest that is not there": Kept("GET", "downloads", f"{CHECK}/none.json", 404, NEVER, NOT_KEPT),
    "a path that is none": Kept("GET", "updates", "/v1/none", 404, NEVER, NOT_KEPT),
    "a method that is none": Kept("POST", "updates", f"{CHECK}/1.2.0", 405, NEVER, NOT_KEPT),
    "health": Kept("GET", "updates", "/healthz", 200, NEVER, NOT_KEPT),
    "readiness": Kept("GET", "updates", "/readyz", 200, NEVER, NOT_KEPT),
}


@pytest.mark.parametrize("kept", TABLE.values(), ids=TABLE.keys())
def test_caches_keep_what_may_be_kept_and_nothing_else(system: System, kept: Kept) -> None:
    seen: list[tuple[str, ...]] = []
    while kept.edge not in seen and len(seen) < 3:  # the second purge of a commit may come between the two
        url = _anew(system, kept)
        answers = [requests.request(kept.method, url, timeout=10) for _ in range(2)]
        for answer in answers:
            assert answer.status_code == kept.status
            assert re.fullmatch(kept.cache_control, answer.headers["Cache-Control"]), answer.headers["Cache-Control"]
        seen.append(tuple(answer.headers["CF-Cache-Status"].replace("DYNAMIC", "MISS") for answer in answers))
    assert seen[-1] == kept.edge


def _anew(system: System, kept: Kept) -> str:
    """The address, with a query that nobody asked before."""
    path = kept.path
    if path == ARTIFACT:
        path = system.ask("1.2.0").url.removeprefix(system.url("downloads"))
    return f"{system.url(kept.host)}{path}{'&' if '?' in path else '?'}once={time.time_ns()}"


@pytest.mark.parametrize(
    ("key", "cache_control"), [("head", "no-cache"), ("catalog", FOR_EVER)], ids=["the head", "the catalog"]
)
def test_objects_that_endpoints_read_say_how_long_they_hold(system: System, key: str, cache_control: str) -> None:
    name = HEAD_KEY if key == "head" else object_key(system.status()["sha256"])
    assert system.s3().head_object(Bucket=CATALOG, Key=name)["CacheControl"] == cache_control


@pytest.mark.parametrize("path", ["/v1/head", "/v1/catalog"])
def test_who_has_the_newest_already_is_told_so(system: System, path: str) -> None:
    url = f"{system.url('updates')}{path}"
    tag = requests.get(url, timeout=10).headers["ETag"]
    again = requests.get(url, headers={"If-None-Match": tag}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


@dataclass
class Askers:
    """Who asks for all of these addresses, all the time, so that whatever is not kept any more is kept anew at once.

    They begin one after the other, so that what is kept is of every age. `offers` has, by address, when the last offer
    came; `edge` counts what caches did.
    """

    urls: tuple[str, ...]
    begun: float = field(default_factory=time.monotonic)
    offers: dict[str, float] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)  # since when nothing was offered
    edge: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Until it is ended."""
        with requests.Session() as session:
            while not self.ended.is_set():
                share = (time.monotonic() - self.begun) / MAX_AGE
                for url in self.urls[: int(share * len(self.urls))]:
                    self._once(session, url)
                self.ended.wait(NAP)

    def _once(self, session: requests.Session, url: str) -> None:
        answer = session.get(url, timeout=10)
        offered = answer.status_code == 200 and answer.json()["version"] != "0.0.0"
        if offered:
            self.offers[url] = time.monotonic()
            self.since.pop(url, None)
        else:
            self.since.setdefault(url, time.monotonic())
        self.edge[answer.headers["CF-Cache-Status"]] += 1
        if answer.status_code not in (200, 204):
            self.trouble.append(f"{url}: {answer.status_code}")

    @property
    def are_all_strict(self) -> bool:
        return len(self.since) == len(self.urls)


@pytest.fixture
def asked_briefly(system: System) -> Iterator[System]:
    """A laptop whose endpoint asks as seldom as the clouds' do which catalog is live."""
    file = system.repo / "Pulumi.laptop.yaml"
    file.write_text(re.sub(r"confirm-after: \d+", f"confirm-after: {CONFIRM}", file.read_text()))
    system.commit("Ask as seldom as in production")
    system.await_live()
    yield system
    _forget_the_override(system)


def _forget_the_override(system: System) -> None:
    """All that ever lay there: an apply believes none that is older than one that was there before."""
    s3 = system.s3()
    found = s3.list_object_versions(Bucket=CATALOG, Prefix=OVERRIDE_KEY)
    for each in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=CATALOG, Key=OVERRIDE_KEY, VersionId=each["VersionId"])


def test_a_halt_reaches_every_cached_answer_in_time_though_nobody_purges(
    asked_briefly: System, capsys: pytest.CaptureFixture[str]
) -> None:
    system = asked_briefly
    askers = Askers(_urls(system))
    threads = [threading.Thread(target=askers.ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        _await(lambda: len(askers.offers) == len(askers.urls), 2 * MAX_AGE, "everything is offered")
        assert not askers.since
        halted = time.monotonic()
        _halt_without_a_purge(system)
        _await(lambda: askers.are_all_strict, 2 * (CONFIRM + MAX_AGE), "nothing is offered any more")
        last = max(askers.offers.values()) - halted
    finally:
        askers.ended.set()
        for thread in threads:
            thread.join()
    with capsys.disabled():
        print(f" [{len(askers.urls)} addresses: the last offer {last:.1f} s after the halt] ", end="")
    assert askers.trouble == []
    assert last <= LATE * CONFIRM + MAX_AGE + SLACK <= 60
    assert set(askers.edge) <= {"MISS", "HIT", "EXPIRED"}  # a stale answer would lengthen a halt
    assert min(askers.edge["HIT"], askers.edge["EXPIRED"]) > 0
    assert isinstance(system.ask("1.2.0", cohort=7), UpToDate)


def _urls(system: System) -> tuple[str, ...]:
    """Addresses that all offer something on stable: by version, bundle and cohort; and the manifests below them."""
    checks = [
        f"{system.url('updates')}{CHECK}/{version}?bundle={bundle}&cohort={cohort}"
        for version in ("1.1.0", "1.2.0")
        for bundle in ("appimage", "deb", "rpm")
        for cohort in range(40)
    ]
    return (*checks, *(f"{system.url('downloads')}{CHECK}/{bundle}.json" for bundle in ("appimage", "deb", "rpm")))


def _halt_without_a_purge(system: System) -> None:
    """The brake's two writes, and nothing else."""
    s3, now = system.s3(), datetime.now(UTC).replace(microsecond=0)
    catalog = _catalog(system)
    override = pulled(None, Halt("a-test-stable", "stable", None, now, "A test of caches."), catalog, now)
    s3.put_object(Bucket=CATALOG, Key=OVERRIDE_KEY, Body=seal(override, keys.brake_signer()))
    table = compile(braked(catalog, override))
    for key, data in manifests(table, now, system.url("downloads"), catalog.product).items():
        said = {"ContentType": "application/json", "CacheControl": "public, max-age=30"}
        s3.put_object(Bucket=DOWNLOADS, Key=key, Body=data, **said)


def _catalog(system: System) -> Catalog:
    key = object_key(system.status()["sha256"])
    return from_bytes(system.s3().get_object(Bucket=CATALOG, Key=key)["Body"].read())


def _await(is_so: Any, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(NAP)
