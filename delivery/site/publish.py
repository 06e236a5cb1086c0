"""Brings a finished build into the site's bucket, so that at no moment a page is there whose assets are not.

The object NOTE says which build is live, and is written last. What lies in the bucket is told by its listing alone, so
running it again mends whatever a killed run or a strange hand left, and writes nothing where nothing differs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from delivery.deploy.objects import Changed, Found
from delivery.engines.making import Progress, Tell
from delivery.engines.stack import EngineError
from infra.publication import ALWAYS_ASK, BRIEFLY

NOTE = "build.json"
KEPT = timedelta(days=30)  # a page that is still open somewhere, or kept by somebody, finds its assets for so long
IMMUTABLE = "public, max-age=31536000, immutable"
OTHERS = ("status/status.json",)  # another writer's (ADR 0001)
WIDE = 8  # objects at once
TRIES = 4  # times that it is looked anew, because another published meanwhile
PURGED_AT_ONCE = 100  # prefixes: Cloudflare takes no more in one request

_TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".data": "text/x-script; charset=utf-8",  # what React Router calls its own kind of file
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp4": "video/mp4",
    ".pagefind": "application/wasm",
    ".pf_filter": "application/octet-stream",
    ".pf_fragment": "application/octet-stream",
    ".pf_index": "application/octet-stream",
    ".pf_meta": "application/octet-stream",
    ".png": "image/png",
    ".rss": "application/rss+xml; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_FEED = "feed.json"  # https://www.jsonfeed.org/version/1.1/ by its usual name
# Vite names all of assets/ by content, and pagefind its pieces, but neither its program nor its entry.
_BY_CONTENT = re.compile(r"assets/.+|pagefind/.+\.pf_(?:filter|fragment|index|meta)")


class Kind(IntEnum):
    """In the order in which files of a build are written."""

    by_content = 0
    beside = 1
    page = 2

    @classmethod
    def of(cls, path: str) -> Kind:
        """What a file of a build is, by its path in it."""
        if path.endswith(".html"):
            return cls.page
        return cls.by_content if _BY_CONTENT.fullmatch(path) else cls.beside


@dataclass(frozen=True, slots=True)
class Note:
    """Which build is live. `files` are digests (MD5, as the bucket has it) by path.

    `left`: since when no page names an asset any more.

    `served` tells by which rules (`served`) the objects were written.
    """

    key: str
    commit: str
    time: datetime
    served: str
    files: Mapping[str, str]
    left: Mapping[str, datetime] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """As JSON, for everybody to read."""
        said = {
            "key": self.key,
            "commit": self.commit,
            "time": _written(self.time),
            "served": self.served,
            "files": dict(sorted(self.files.items())),
            "left": {path: _written(since) for path, since in sorted(self.left.items())},
        }
        return json.dumps(said, indent=1).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Note:
        """Raises EngineError."""
        try:
            said = json.loads(data)
            left = {str(path): _read(since) for path, since in said["left"].items()}
            plain = {name: str(said[name]) for name in ("key", "commit", "served")}
            return cls(**plain, time=_read(said["time"]), files=dict(said["files"]), left=left)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            mend = "take that object away and publish again"
            raise EngineError(f"{NOTE} does not say which build is live ({error!r}); {mend}") from None


class Turn(IntEnum):
    """When a step is done: none before all of the turns before it."""

    write_by_content = 0
    write_beside = 1
    write_pages = 2
    remove_pages = 3
    remove_beside = 4
    remove_by_content = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One object to write or to remove. `on`: the tag it has until then; None where there is none yet."""

    turn: Turn
    path: str
    on: str | None

    @property
    def writes(self) -> bool:
        return self.turn <= Turn.write_pages


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in this order, and what the note will say of assets that no page names any more."""

    steps: tuple[Step, ...]
    left: Mapping[str, datetime]

    @property
    def written(self) -> tuple[str, ...]:
        return tuple(step.path for step in self.steps if step.writes)

    @property
    def removed(self) -> tuple[str, ...]:
        return tuple(step.path for step in self.steps if not step.writes)


class Shelf(Protocol):
    """The site's bucket."""

    def listing(self) -> Mapping[str, str]:
        """The tag of every object, by key. Raises EngineError."""

    def read(self, key: str) -> Found | None:
        """The object; None if it is not there. Raises EngineError."""

    def write(self, key: str, data: bytes, on: str | None, **served: Any) -> None:
        """Writes it if its tag is still `on`; if None, if it is still not there. Raises Changed, EngineError."""

    def remove(self, key: str) -> None:
        """Removes it, if it is there. Raises EngineError."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was done, or with `--dry-run` would be. `live` is the commit whose build is live then."""

    key: str
    live: str
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build: its folder, its key, its commit, and the digest (MD5) of each file by its path."""

    folder: Path
    key: str
    commit: str
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path, key: str, commit: str) -> Build:
        """Raises EngineError: it is no build, or holds a kind of file that nobody knows how to serve."""
        found = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
        strange = [path for path in found if path == NOTE or path in OTHERS or not _type(path)]
        if strange:
            mend = "name them otherwise, or add their content type there"
            raise EngineError(f"delivery/site/publish.py does not know how to serve {', '.join(strange)}; {mend}")
        if "index.html" not in found:
            raise EngineError(f"{folder}: there is no index.html, so this is no build of the site; ./inv site build")
        return cls(folder, key, commit, {path: _md5(file.read_bytes()) for path, file in found.items()})


Descends = Callable[[str, str], bool]
"""Whether a commit is the other one, or has it behind it."""


def plan(there: Mapping[str, str], live: Note | None, wanted: Mapping[str, str], now: datetime) -> Plan:
    """From the tags of what is there, what is said to be live, and the digests of what is wanted, to what to do. Pure.

    Whoever stops after any of the steps leaves no page without its assets: an asset comes before the pages that name
    it, and goes, long after nobody names it, when the pages of this build have replaced all others.
    """
    served_otherwise = live is not None and live.served != RULES
    writes = [
        Step(Turn(Kind.of(path)), path, there.get(path))
        for path, md5 in wanted.items()
        if there.get(path) != _etag(md5) or served_otherwise
    ]
    gone = [path for path in there if path not in wanted and path != NOTE and path not in OTHERS]
    since = {path: (live.left if live else {}).get(path, now) for path in gone if Kind.of(path) is Kind.by_content}
    kept = {path: at for path, at in since.items() if now - at < KEPT}
    removes = [Step(_REMOVED[Kind.of(path)], path, there[path]) for path in gone if path not in kept]
    return Plan(tuple(sorted((*writes, *removes), key=lambda step: (step.turn, step.path))), kept)


def settled(shelf: Shelf, key: str, now: datetime) -> Note | None:
    """What is live, where that is the build of this key, and nothing in the bucket is otherwise or due to go.

    It tells without any build whether there is something to do. Raises EngineError.
    """
    found = shelf.read(NOTE)
    live = Note.from_bytes(found.data) if found else None
    return live if live and live.key == key and not plan(shelf.listing(), live, live.files, now).steps else None


def publish(
    build: Build, shelf: Shelf, descends: Descends, now: datetime, tell: Tell, *, dry: bool = False
) -> Published:
    """Makes this build the one that is live, unless a later one is. `dry`: only says what would be done.

    Raises EngineError: the bucket does not answer, or what is live is of a commit that this one does not have behind it
    (nothing was written then); going back takes a new commit.
    """
    for _ in range(TRIES):
        found = shelf.read(NOTE)
        live = Note.from_bytes(found.data) if found else None
        if live and not descends(build.commit, live.commit):
            return _overtaken(build, live, descends)
        steps = plan(shelf.listing(), live, build.files, now)
        if live and live.key == build.key and not steps.steps:
            return Published(live.key, live.commit)
        if dry:
            return Published(build.key, build.commit, steps.written, steps.removed)
        try:
            _carry_out(steps, build, shelf, tell)
            note = _note(build, steps, now)
            shelf.write(NOTE, note, found.etag if found else None, **served(NOTE))
        except Changed:
            continue
        return Published(build.key, build.commit, steps.written, steps.removed)
    raise EngineError(f"{NOTE}: others published {TRIES} times meanwhile; publish again when they are done")


def served(path: str) -> Mapping[str, str]:
    """How an object is to be served, as S3 calls it."""
    cache = ALWAYS_ASK if path == NOTE else IMMUTABLE if Kind.of(path) is Kind.by_content else BRIEFLY
    return {"ContentType": _type(path), "CacheControl": cache}


def changed_prefixes(host: str, published: Published) -> tuple[str, ...]:
    """What caches may have kept of what is now otherwise: addresses (host and path) as `Purge` takes them.

    What is named by its content never changes. The landing page's address begins every other one.
    """
    paths = [path for path in (*published.written, *published.removed) if Kind.of(path) is not Kind.by_content]
    prefixes = sorted({f"{host}/{path.removesuffix('index.html').rstrip('/')}".rstrip("/") for path in paths})
    within = [each for each in prefixes if not any(each.startswith(f"{other}/") for other in prefixes)]
    return (host,) if len(within) > PURGED_AT_ONCE else tuple(within)


_REMOVED = {
    Kind.page: Turn.remove_pages,
    Kind.beside: Turn.remove_beside,
    Kind.by_content: Turn.remove_by_content,
}


def _overtaken(build: Build, live: Note, descends: Descends) -> Published:
    if descends(live.commit, build.commit):
        return Published(live.key, live.commit)
    raise EngineError(
        f"the build that is live is of {live.commit}, which {build.commit} does not have behind it: git pull, or to go "
        "back, merge a commit that does"
    )


def _carry_out(plan_: Plan, build: Build, shelf: Shelf, tell: Tell) -> None:
    """Each turn's steps side by side, and no step before all of the turn before. Raises Changed, EngineError."""
    done, total = 0, len(plan_.steps)

    def do(step: Step) -> None:
        if step.writes:
            data = (build.folder / step.path).read_bytes()
            shelf.write(step.path, data, step.on, **served(step.path))
        else:
            shelf.remove(step.path)

    with ThreadPoolExecutor(WIDE) as threads:
        try:
            for _, turn in groupby(plan_.steps, attrgetter("turn")):
                running = [threads.submit(do, step) for step in turn]
                for finished in as_completed(running):
                    finished.result()
                    done += 1
                    tell(Progress("publishing the site", done, total))
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _note(build: Build, done: Plan, now: datetime) -> bytes:
    return Note(build.key, build.commit, now, RULES, build.files, done.left).to_bytes()


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _etag(md5: str) -> str:
    """Of an object with these bytes, in buckets without KMS encryption."""
    return f'"{md5}"'


def _type(path: str) -> str:
    """The content type of a file; empty if nobody knows."""
    name = PurePosixPath(path)
    return "application/feed+json" if name.name == _FEED else _TYPES.get(name.suffix, "")


def _rules(parts: Iterable[object]) -> str:
    """A word that changes when files are to be served otherwise, so that all of them are written anew."""
    return hashlib.sha256(repr([*parts]).encode()).hexdigest()[:16]


RULES = _rules((_TYPES, _FEED, _BY_CONTENT.pattern, IMMUTABLE, BRIEFLY))


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
