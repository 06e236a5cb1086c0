"""Halts what is offered by the shortest way there is: the override first, then the static manifests, then the caches.

It asks nothing that could be slow, locked or away: no remote, no GitHub, no engine, none of its states. All that it
writes only takes away; so each step is taken though another failed, and all of it may be done again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from securesystemslib.signer import Signer

from delivery.artifacts.manifests import NOTHING, manifests
from delivery.deploy import freshen
from delivery.deploy.asks import offers_none
from delivery.deploy.freshen import REAL, Clock, Edge, PurgeRefused
from delivery.deploy.head import live_head
from delivery.deploy.objects import Changed, Found, Objects
from delivery.deploy.override import live_override, obeyed
from delivery.engines.stack import EngineError
from delivery.rules import brake, expected
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override, braked, pending, pulled
from delivery.rules.catalog import HEAD_KEY, SCHEMA, Catalog, Stopped, Unreadable, from_bytes, object_key, sha256
from delivery.rules.checks.change import did_you_mean
from delivery.rules.compile import Table, compile
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Product
from delivery.rules.head import Head
from delivery.rules.precedence import precedence
from delivery.rules.reason import unfit
from delivery.rules.shapes import Environment
from infra.publication import ALWAYS_ASK, BRIEFLY, CONTENT_TYPE, braked_by

LOOK_BACK = 20  # older overrides that are looked at for a higher number: one written over by an older one shows so
TRIES = 10  # times that a step begins anew because somebody else wrote in between
AT_ONCE = 8  # manifests that are read or written at the same time
NEVER = datetime.fromtimestamp(0, UTC)  # a moment for what depends on none

_T = TypeVar("_T")

SERVED = {"ContentType": CONTENT_TYPE, "CacheControl": ALWAYS_ASK}


class HaltRefused(ValueError):  # noqa: N818 - what became of it
    """It makes no sense as it was typed; carries a sentence for each thing that is wrong."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be offered no more on a channel: these versions, or with None everything."""

    channel: str
    versions: tuple[str, ...] | None
    reason: str

    def halts(self, version: str) -> bool:
        """Whether this version is one of them."""
        return self.versions is None or version in self.versions

    def __str__(self) -> str:
        named = expected.listed(self.versions or (), "and")
        return self.channel if self.versions is None else f"{named} on {self.channel}"


@dataclass(frozen=True, slots=True)
class Place:
    """One environment, as far as a halt needs it. No slash at the end of a URL.

    `origins` are the processes of the endpoint that can be asked past the edge, one by one.
    """

    product: Product
    environment: Environment
    catalog: Objects
    downloads: Objects
    updates_url: str
    downloads_url: str
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is live, and what the brake says already.

    `etag` is of what lies there as the override, if anything does. `doubt` says why that is not `override`, the newest
    one that is to be believed, if it is not; `lost`, why halts may have been in force that `override` does not know;
    `floor` is the highest number that manifests obey, where they were asked. Without a head the catalog is an empty
    one, and `lacks` says why.
    """

    head: Head | None
    catalog: Catalog
    override: Override | None
    etag: str | None = None
    doubt: str = ""
    lost: str = ""
    floor: int = 0
    lacks: str = ""

    @property
    def number(self) -> int:
        """The highest number that an override is known to have had; 0 where there never was one."""
        return max(self.override.number if self.override else 0, self.floor)

    def stopping(self, wanted: Wanted) -> Stopped | None:
        """What stops all of this already, by the facts or by the brake."""
        return next((stop for stop in braked(self.catalog, self.override).stops if _covers(stop, wanted)), None)

    def halt(self, wanted: Wanted) -> Halt | None:
        """The pending halt that does."""
        return next((each for each in pending(self.override, self.catalog) if _covers(each, wanted)), None)


@dataclass(frozen=True, slots=True)
class Pulled:
    """The brake as it is after the override was written, or needed not to be.

    `by` says what had stopped it before, if anything had. `halt` is None where facts did.
    """

    standing: Standing
    halt: Halt | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was taken: how long after the beginning it ended, in seconds, and why it is not true, if so."""

    what: str
    seconds: float
    wrong: str = ""


def standing(place: Place, wanted: Wanted | None = None, *, ask_manifests: bool = False) -> Standing:
    """Reads head, catalog and override. Raises EngineError: nothing is live there, or it cannot be read.

    Where a whole channel is wanted it goes on without a head or a catalog: then people live on the static manifests.
    """
    try:
        head, catalog, lacks = *_live(place), ""
    except EngineError as error:
        if wanted is None:
            raise
        if wanted.versions is not None:
            mend = f"halt all of {wanted.channel}: leave --version out"
            raise EngineError(f"{error}; until then nothing tells which versions are live, so {mend}") from None
        head, catalog, lacks = None, _nothing(place, (wanted.channel,)), str(error)
    return Standing(head, catalog, *_override(place, catalog, ask_manifests), lacks)


def _live(place: Place) -> tuple[Head, Catalog]:
    product, environment = place.product, place.environment
    apply = f"./inv apply {environment}-live"
    found = place.catalog.read(HEAD_KEY)
    head = live_head(found.data if found else None, product, environment)
    if head is None:
        raise EngineError(f"{environment} has no head that is to be believed, so nothing is live; {apply} makes it so")
    lies = place.catalog.read(object_key(head.sha256))
    if lies is None or sha256(lies.data) != head.sha256:
        raise EngineError(f"the catalog of serial {head.serial} does not lie in {environment}; {apply} puts it there")
    try:
        return head, from_bytes(lies.data)
    except Unreadable as error:
        raise EngineError(f"{error}; git pull, for newer code is live in {environment}") from None


def _nothing(place: Place, channels: tuple[str, ...]) -> Catalog:
    """A catalog that offers nothing on these channels, for whatever the product is built for."""
    product = place.product
    return Catalog(SCHEMA, (), product.product, place.environment, product.targets, channels, {}, (), (), ())


def _override(place: Place, catalog: Catalog, ask_manifests: bool) -> tuple[Override | None, str | None, str, str, int]:
    """Of Standing: override, etag, doubt, lost and floor.

    Processes of the endpoint believe none below one that they saw, so what counts is the override with the highest
    number that lies or lay there, not the last. Where that cannot be known, manifests say which number they obey.
    """
    found = place.catalog.read(OVERRIDE_KEY)
    last, doubt = _believed(found.data, place) if found else (None, "")
    older, unread = _older(place)
    highest = max(filter(None, (last, *older)), key=lambda each: each.number, default=None)
    is_lost = last is None and bool(unread or ((found or older) and highest is None))
    floor, unasked = _floor(place, catalog) if is_lost or unread or ask_manifests else (0, "")
    number = highest.number if highest else 0
    is_lost = is_lost or floor > number
    if last and max(number, floor) > last.number:
        doubt = f"{OVERRIDE_KEY} has number {last.number}, and {max(number, floor)} was there before"
    elif last is None and (older or is_lost):
        doubt = doubt or f"{OVERRIDE_KEY} is gone"
    why = "; ".join(each for each in (doubt, unread, unasked) if each)
    lost = f"earlier halts may be lost; see ./inv halts, and type again what is not there: {why}" if is_lost else ""
    return highest, found.etag if found else None, doubt, lost, floor


def _older(place: Place) -> tuple[list[Override | None], str]:
    """What it was before, None for each that is not believed; and why not all could be read."""
    older: list[Override | None] = []
    try:
        older.extend(_believed(data, place)[0] for data in place.catalog.older(OVERRIDE_KEY, LOOK_BACK))
    except EngineError as error:
        return older, f"what it was before cannot be read: {error}"
    return older, ""


def used(place: Place, stands: Standing) -> tuple[Halt, ...]:
    """Every halt of the override in force and of those before it, as far as they may be read; the oldest first."""
    known = (*_older(place)[0], stands.override)
    found = {halt.name: halt for each in known if each for halt in each.halts}
    return tuple(sorted(found.values(), key=lambda halt: (halt.at, halt.name)))


def _floor(place: Place, catalog: Catalog) -> tuple[int, str]:
    """The highest number that a manifest obeys; and why that could not be read."""

    def number(key: str) -> int:
        found = place.downloads.read(key)
        return obeyed(found) if found else 0

    keys = manifests(compile(_nothing(place, catalog.channels)), NEVER, place.downloads_url, place.product.product)
    try:
        return max(_at_once(number, keys), default=0), ""
    except EngineError as error:
        return 0, f"nor which number the manifests obey, so endpoints may have seen a higher one: {error}"


def _believed(data: bytes, place: Place) -> tuple[Override | None, str]:
    try:
        return live_override(data, place.product, place.environment), ""
    except EngineError as error:
        return None, str(error)


def refuse_what_is_nothing(wanted: Wanted, catalog: Catalog) -> None:
    """Raises HaltRefused with all that is wrong: a channel or version that is not live, a reason that is none."""
    wrong = []
    if wanted.channel not in catalog.channels:
        wrong.append(
            f"there is no channel {wanted.channel}; {did_you_mean(wanted.channel, catalog.channels, 'channel')}"
        )
    else:
        live = [each.version for each in catalog.offerings if each.channel == wanted.channel]
        for version in wanted.versions or ():
            if version not in live:
                mend = did_you_mean(version, live, "version")
                wrong.append(f"{version} is not live on {wanted.channel}; {mend} Without --version all of it is halted")
    wrong += [f"--reason {wanted.reason!r}: {each.what}; {each.mend}" for each in unfit(wanted.reason)]
    if wrong:
        raise HaltRefused(wrong)


def pull(place: Place, wanted: Wanted, signer: Callable[[], Signer], now: datetime) -> Pulled:
    """Writes the next override, on the tag of the one that was read: two that halt at once lose nothing.

    Raises HaltRefused, EngineError: nothing was written.
    """
    mine: Halt | None = None
    for _ in range(TRIES):
        stands = standing(place, wanted)
        refuse_what_is_nothing(wanted, stands.catalog)
        if mine and mine in pending(stands.override, stands.catalog):
            return Pulled(stands, mine)  # it was written, and the answer got lost
        stop = stands.stopping(wanted)
        if stop and not stands.doubt:
            return Pulled(stands, stands.halt(wanted), stop.fact.removeprefix(f"{OVERRIDE_KEY}:"))
        mine = stands.halt(wanted) or new_halt(stands, wanted, now)
        override = _next(stands, mine, now)
        try:
            place.catalog.write(OVERRIDE_KEY, brake.seal(override, signer()), stands.etag, **SERVED)
        except Changed:
            continue
        return Pulled(replace(stands, override=override, doubt=""), mine)
    raise EngineError(f"{OVERRIDE_KEY} was written by others {TRIES} times in a row; type it again")


def _next(stands: Standing, halt: Halt, now: datetime) -> Override:
    if halt in pending(stands.override, stands.catalog) and stands.override:  # only what lies there is to be mended
        return _anew(stands, stands.override, now)
    return _anew(stands, pulled(stands.override, halt, stands.catalog, now), now)


def _anew(stands: Standing, override: Override, now: datetime) -> Override:
    return replace(override, number=stands.number + 1, issued=now.replace(microsecond=0))


def sign_anew(place: Place, signer: Callable[[], Signer], now: datetime) -> Override:
    """Writes the same halts under the next number, signed with the key of today: so the key before may go.

    Raises EngineError: there is none that is to be believed, or it cannot be written.
    """
    for _ in range(TRIES):
        stands = standing(place, ask_manifests=True)
        if stands.override is None:
            raise EngineError(f"{place.environment} has no override that is to be believed, so none is signed anew")
        override = _anew(stands, stands.override, now)
        try:
            place.catalog.write(OVERRIDE_KEY, brake.seal(override, signer()), stands.etag, **SERVED)
        except Changed:
            continue
        return override
    raise EngineError(f"{OVERRIDE_KEY} was written by others {TRIES} times in a row; type it again")


def new_halt(stands: Standing, wanted: Wanted, now: datetime) -> Halt:
    """Named for the moment and the channel, as the file of its stop will be; another second where that is taken."""
    at = now.replace(microsecond=0)
    taken = {*stands.catalog.decided, *(each.name for each in (stands.override.halts if stands.override else ()))}
    names = (
        f"{at:%Y-%m-%d-%H%M%S}{more}-{wanted.channel}" for more in ("", *(f"-{n}" for n in range(2, len(taken) + 3)))
    )
    versions = None if wanted.versions is None else tuple(sorted(set(wanted.versions), key=precedence))
    return Halt(next(name for name in names if name not in taken), wanted.channel, versions, at, wanted.reason)


def finish(
    place: Place, wanted: Wanted, done: Pulled, edge: Edge, now: datetime, clock: Clock = REAL
) -> Iterator[Step]:
    """Makes it true for everyone, step by step. Never raises for what a cloud does: each step says what went wrong.

    Caches are purged while manifests are written, too: the endpoint obeys already, and nothing of it waits for R2.
    """
    began = clock.now()
    early = threading.Thread(target=_purge, args=(edge,), daemon=True)
    early.start()
    paths, keys = offering(place, wanted, done.standing, now)
    urls = [f"{place.updates_url}{path}" for path in paths] + [f"{place.downloads_url}/{key}" for key in keys]
    origin = [offers_none(f"{each}{path}", wanted.halts, anew=True) for each in place.origins for path in paths]
    fresh, kept = ([offers_none(url, wanted.halts, anew=anew) for url in urls] for anew in (True, False))

    def step(do: Callable[[], str], lacks: str) -> Step:
        try:
            what, wrong = do(), ""
        except EngineError as error:
            what, wrong = lacks, str(error)
        return Step(what, clock.now() - began, wrong)

    def first() -> str:
        freshen.show(edge, [*origin, *fresh], clock=clock)
        return "caches purged; whoever asks anew is offered nothing of it"

    def second() -> str:
        freshen.settle(edge, written, [*origin, *fresh, *kept], clock=clock)
        return "caches purged again, when nothing older could come; nobody is offered anything of it"

    yield step(
        lambda: rewrite(place, wanted, done.standing, now),
        "static manifests may still offer it to whom the endpoint does not answer",
    )
    early.join()
    written = clock.now()
    yield step(first, "caches may still offer it")
    yield step(second, "nobody saw yet that it is offered to nobody")


def _purge(edge: Edge) -> None:
    with suppress(PurgeRefused):  # the next one tells
        edge.purge(edge.prefixes)


def rewrite(place: Place, wanted: Wanted, stands: Standing, now: datetime) -> str:
    """Writes the static manifests of the halted channels, and says how many. Raises EngineError.

    One that says it obeys this override, or a newer one, and offers nothing that is halted is left alone: an apply
    wrote it, perhaps from newer facts.
    """
    mine: dict[str, bytes] = {}
    for _ in range(TRIES):
        made = _manifests(place, stands, wanted, now)
        keys = list(made)
        done = _at_once(lambda key: _stricter(place.downloads, key, made[key], stands, wanted, mine.get(key)), keys)  # noqa: B023
        mine |= {key: made[key] for key, (is_written, _) in zip(keys, done, strict=True) if is_written}
        # Facts that went live meanwhile may ask for yet other ones.
        before, stands = stands, standing(place, wanted)
        if before.head is None and all(number is None for _, number in done):
            raise EngineError(f"{place.downloads_url} has no manifest of {wanted.channel}; is it the channel's name?")
        if _sha256(before) == _sha256(stands):
            _refuse_to_be_below(stands, max((number or 0 for _, number in done), default=0), place)
            return f"{len(mine)} of {len(made)} static manifests written, the others were strict already"
    raise EngineError(f"new facts went live {TRIES} times meanwhile; type it again")


def _sha256(stands: Standing) -> str:
    return stands.head.sha256 if stands.head else ""


def _refuse_to_be_below(stands: Standing, highest: int, place: Place) -> None:
    """An override is written before the manifests that obey it; so a higher number is of one that was lost."""
    if highest > stands.number:
        mend = f"./inv halts --environment {place.environment} --sign-anew numbers it above them"
        raise EngineError(
            f"written, but some obey override {highest} and the newest known is {stands.number}, so earlier halts may "
            f"be lost; type again what ./inv halts does not say, and {mend}"
        )


def _manifests(place: Place, stands: Standing, wanted: Wanted, now: datetime) -> dict[str, bytes]:
    halted = {wanted.channel, *(each.channel for each in pending(stands.override, stands.catalog))}
    table = compile(braked(stands.catalog, stands.override))
    made = manifests(table, now, place.downloads_url, place.product.product)
    return {key: data for key, data in made.items() if any(_is_on(channel, key) for channel in halted)}


def _at_once(do: Callable[[str], _T], keys: Iterable[str]) -> list[_T]:
    """For each key, several at a time. At the first error, or Ctrl-C, what has not begun is left."""
    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        return list(threads.map(do, keys))
    finally:
        threads.shutdown(cancel_futures=True)


def _stricter(
    store: Objects, key: str, data: bytes, stands: Standing, wanted: Wanted, mine: bytes | None
) -> tuple[bool, int | None]:
    """Whether it was written, and the number of the override that it obeyed before; None: it is not there.

    `mine` is what this very halt has written there before, from older facts.
    """
    number = stands.override.number if stands.override else 0
    for _ in range(TRIES):
        found = store.read(key)
        if found is None:
            return False, None
        said = obeyed(found)
        is_strict = said >= max(number, 1) and found.data != mine and not _offers_halted(found, key, stands, wanted)
        if found.data == data or is_strict:
            return False, said
        try:
            served = {"ContentType": CONTENT_TYPE, "CacheControl": BRIEFLY, "Metadata": dict(braked_by(number))}
            store.write(key, data, found.etag, **served)
            return True, said
        except Changed:
            continue
    raise EngineError(f"{key} was written by others {TRIES} times in a row")


def _offers_halted(found: Found, key: str, stands: Standing, wanted: Wanted) -> bool:
    return offers(found.data, key, (*pending(stands.override, stands.catalog), wanted))


def offers(manifest: bytes, key: str, halts: Iterable[Halt | Wanted]) -> bool:
    """Whether these bytes offer what is halted, whatever number stands beside them; so does what cannot be read."""
    try:
        version = str(msgspec.json.decode(manifest)["version"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return True
    named = (each.versions is None or version in each.versions for each in halts if _is_on(each.channel, key))
    return version != NOTHING and any(named)


def offering(place: Place, wanted: Wanted, stands: Standing, now: datetime) -> tuple[list[str], list[str]]:
    """Where it was offered before: an update check for each target, by its path, and static manifests, by their keys.

    Manifests as the facts alone make them, since an apply that began before the halt writes those. Where the facts are
    not known, it is whatever may offer anything on the channel.
    """
    if stands.head is None:
        empty = manifests(compile(stands.catalog), now, place.downloads_url, place.product.product)
        return [_path(wanted.channel, target, "0.0.0") for target in sorted(stands.catalog.targets)], list(empty)
    others = tuple(each for each in pending(stands.override, stands.catalog) if not _covers(each, wanted))
    before = compile(braked(stands.catalog, replace(stands.override, halts=others) if stands.override else None))
    firsts = (next(_paths(before, wanted, target, now), None) for target in sorted(before.targets))
    made = manifests(compile(stands.catalog), now, place.downloads_url, place.product.product)
    said = {key: msgspec.json.decode(data)["version"] for key, data in made.items() if _is_on(wanted.channel, key)}
    keys = [key for key, version in said.items() if version != NOTHING and wanted.halts(version)]
    return [path for path in firsts if path], keys


def _is_on(channel: str, key: str) -> bool:
    return key.startswith(f"v1/update/{channel}/")


def _paths(table: Table, wanted: Wanted, target: str, now: datetime) -> Iterator[str]:
    """Update checks that are offered what is to be halted: by themselves, or when a user asks."""
    for manual in (False, True):
        for bundle in table.targets[target].updates:
            for version in ("0.0.0", *sorted(table.catalog.releases, key=precedence)):
                said = decide(table, Request(wanted.channel, target, bundle, version, manual=manual), now)
                if isinstance(said, Offer) and wanted.halts(said.version):
                    query = f"bundle={bundle}" + ("&manual=1" if manual else "")
                    yield f"{_path(wanted.channel, target, version)}?{query}"


def _path(channel: str, target: str, version: str) -> str:
    return f"/v1/update/{channel}/{target.replace('-', '/', 1)}/{version}"


def _covers(stop: Stopped | Halt, wanted: Wanted) -> bool:
    named = stop.versions is None or (wanted.versions is not None and set(wanted.versions) <= set(stop.versions))
    return stop.channel == wanted.channel and named
