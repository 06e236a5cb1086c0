"""Asks as installations do, through the public edge of an environment, and judges what they get by what is live.

What is live is read where it was written (`halt.standing`); all else comes from the hosts that the world asks, update
checks by the client that behaves as the updater in the app does. Whole updates are `prove_updates`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import requests

from clients.reference.check import Update, check
from clients.reference.errors import UpdaterError
from clients.reference.installation import Installation, espice_endpoints
from delivery.artifacts import manifests as static
from delivery.deploy.asks import TIMEOUT
from delivery.deploy.halt import Place, Standing
from delivery.engines.stack import EngineError
from delivery.rules.brake import Halt, braked
from delivery.rules.catalog import download_url
from delivery.rules.compile import COHORTS, Table, compile
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Product
from delivery.rules.head import Head, HeadRefused, unseal
from delivery.rules.precedence import precedence
from delivery.rules.shapes import Environment

TRIES = 3  # times that a question is asked before nobody answers: a lost packet is no bad deploy
AT_ONCE = 4  # questions, or downloads, at the same time
LATEST = timedelta(minutes=15)  # within which an apply follows what time alone changes

T = TypeVar("T")
Q = TypeVar("Q")
Now = Callable[[], datetime]


class Unanswered(Exception):  # noqa: N818 - what happened
    """Nobody answers there in a way that an installation could use; the text says how."""


@dataclass(frozen=True, slots=True, order=True)
class Wrong:
    """What installations get otherwise: `where`, `what` that is, and what was `expected`."""

    where: str
    what: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Live:
    """What the edge must give: the live head, and the table that answers come from, under the brake's `halts`.

    `updates` and `downloads` are the addresses of the hosts, without a slash at the end.
    """

    product: Product
    environment: Environment
    head: Head
    table: Table
    updates: str
    downloads: str
    halts: tuple[Halt, ...] = ()

    @classmethod
    def of(cls, place: Place, stands: Standing) -> Live:
        """Raises EngineError: nothing is live, or nobody knows what is halted."""
        if stands.head is None or stands.doubt:
            raise EngineError(stands.lacks or f"{stands.doubt}; {_ANEW}")
        table = compile(braked(stands.catalog, stands.override))
        hosts = place.updates_url, place.downloads_url
        return cls(place.product, place.environment, stands.head, table, *hosts, _halts(stands))

    def moved(self, stands: Standing) -> str:
        """Why what was found by this is nobody's fault, where something else is live by now; empty where it is not."""
        if stands.head != self.head:
            serial = stands.head.serial if stands.head else 0
            return f"serial {serial} went live while serial {self.head.serial} was proved"
        is_halted = _halts(stands) != self.halts
        return f"something was halted while serial {self.head.serial} was proved" if is_halted else ""

    def installation(self, request: Request) -> Installation:
        """Who asks so. Of its ladder it has the first rung alone: what another one says would hide that it is broken.

        It needs no key, for it believes no bytes: those are judged by the facts.
        """
        system, _, arch = request.target.partition("-")
        said = request.cohort, request.manual, request.failed, request.os
        ladder = espice_endpoints(self.updates, self.downloads, request.channel, *said)
        return Installation(request.version, system, arch, request.bundle, ladder[:1], "", timeout=TIMEOUT)


def _halts(stands: Standing) -> tuple[Halt, ...]:
    return stands.override.halts if stands.override else ()


_ANEW = "./inv halt with the same words writes it anew"


@dataclass(frozen=True, slots=True)
class Answer:
    """An update as an installation is told of it."""

    version: str
    url: str
    signature: str

    def __str__(self) -> str:
        return f"{self.version} from {self.url}"


def head(live: Live, sha256: str, apply: str, now: datetime) -> Iterator[Wrong]:
    """The head that the edge serves is the live one, and that is of the catalog that HEAD's facts make (`sha256`)."""
    url, mine = f"{live.updates}/v1/head", live.head
    if mine.sha256 != sha256:
        of = f"serial {mine.serial} is of commit {mine.commit[:12]} and its catalog {mine.sha256[:12]}"
        yield Wrong("the live head", of, f"HEAD's catalog {sha256[:12]}: {apply}")
    try:
        found = unseal(got(url), live.product.head_keys(live.environment), mine.product, mine.environment, now)
    except (Unanswered, HeadRefused) as error:
        yield Wrong(url, str(error), f"the head of serial {mine.serial}")
        return
    if found != mine:
        yield Wrong(url, f"gives serial {found.serial}, issued {_when(found)}", f"serial {mine.serial}, {_when(mine)}")


def questions(table: Table) -> Iterator[Request]:
    """Who asks, on each channel, target and bundle: the oldest version, the newest, and the first and last cohort."""
    shipped = sorted(table.catalog.releases, key=precedence) or [static.NOTHING]
    for channel in sorted(table.channels):
        for target, known in sorted(table.targets.items()):
            for bundle in known.updates:
                oldest, newest = (Request(channel, target, bundle, shipped[end]) for end in (0, -1))
                yield oldest
                yield newest
                yield from (Request(channel, target, bundle, shipped[0], each) for each in (0, COHORTS - 1))


def answers(live: Live, request: Request, now: Now = lambda: datetime.now(UTC)) -> Iterator[Wrong]:
    """This installation is told exactly what `decide` says, by the first moment of its asking or by the last."""
    app = live.installation(request)
    before = meant(live, request, now())
    try:
        found = asked(app)
    except Unanswered as error:
        yield Wrong(app.url(app.endpoints[0]), str(error), str(before or _NOTHING))
        return
    if found not in (before, meant(live, request, now())):
        yield Wrong(app.url(app.endpoints[0]), f"offers {_said(found, before)}", _said(before, found))


def manifests(live: Live, now: datetime) -> Iterator[tuple[str, frozenset[bytes]]]:
    """The address of each static manifest, and what it may say: as of now, and while an apply follows the clock."""
    name = live.product.product
    made = [static.manifests(live.table, moment, live.downloads, name) for moment in (now, now - LATEST)]
    for key in sorted(made[0]):
        yield f"{live.downloads}/{key}", frozenset(each[key] for each in made)


def manifest(url: str, may_say: frozenset[bytes]) -> Iterator[Wrong]:
    """A static manifest is what the live stack published."""
    expected = "what the live stack published"
    try:
        if got(url) not in may_say:
            yield Wrong(url, "holds other bytes", expected)
    except Unanswered as error:
        yield Wrong(url, str(error), expected)


def meant(live: Live, request: Request, now: datetime) -> Answer | None:
    """What the rules say at this moment."""
    said = decide(live.table, request, now)
    if not isinstance(said, Offer) or said.artifact.signature is None:
        return None
    url = download_url(live.downloads, live.product.product, said.version, said.artifact.file)
    return Answer(said.version, url, said.artifact.signature)


def asked(app: Installation) -> Answer | None:
    """What the edge says. Raises Unanswered."""

    def ask() -> Answer | None:
        found = check(app)
        return Answer(found.version, found.url, found.signature) if isinstance(found, Update) else None

    return tried(ask)


def got(url: str) -> bytes:
    """What lies there. Raises Unanswered."""

    def get() -> bytes:
        reply = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
        if reply.status_code != requests.codes.ok:
            raise requests.RequestException(f"answers with status {reply.status_code}")
        return reply.content

    return tried(get)


def at_once(do: Callable[[Q], T], those: Iterable[Q], end: Callable[[], None] = lambda: None) -> Iterator[T]:
    """Of each, a few at the same time, in their order. At an error, or Ctrl-C, what has not begun is left.

    `end` is told then, to end what is under way.
    """
    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        yield from threads.map(do, those)
    except BaseException:
        end()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


def tried(ask: Callable[[], T]) -> T:
    """Asks again where nobody answers. Raises Unanswered."""
    for left in reversed(range(TRIES)):
        try:
            return ask()
        except (UpdaterError, requests.RequestException) as error:
            if not left:
                raise Unanswered(f"{type(error).__name__}: {error}") from None
    raise AssertionError


_NOTHING = "nothing"


def _said(one: Answer | None, other: Answer | None) -> str:
    """As shortly as tells it from the other."""
    if one is None:
        return _NOTHING
    if other is None or one.version != other.version:
        return one.version
    return str(one) if one.url != other.url else f"{one.version} signed as {one.signature[-24:]}"


def _when(found: Head) -> str:
    return f"{found.issued:%Y-%m-%dT%H:%M:%SZ}"
