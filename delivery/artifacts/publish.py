"""Brings the artifacts of the facts to the archive and to the downloads, once and for ever.

Every artifact is verified before anything of it is written, and nothing is ever overwritten. A version's SHA256SUMS
is written last: it says that the version is complete, so one listing of each bucket is all that later runs need.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from delivery.artifacts.objects import AlreadyThere, Served, Store
from delivery.artifacts.verify import verify
from delivery.rules.catalog import download_path
from delivery.rules.facts import Artifact, Facts, Filed, Version
from delivery.rules.files import harmful, reachable
from delivery.rules.problem import Problem, Refused

Fetch = Callable[[str, str, str], bytes]  # version, target, bundle -> as built; Refused: nothing of this version is
SUMS = "SHA256SUMS"

_CONTENT_TYPES = {
    "nsis": "application/vnd.microsoft.portable-executable",
    "msi": "application/x-msi",
    "app": "application/gzip",  # its type, not its encoding: nothing on the way may unpack what was signed
    "dmg": "application/x-apple-diskimage",
    "appimage": "application/vnd.appimage",
    "deb": "application/vnd.debian.binary-package",
    "rpm": "application/x-rpm",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Published:
    """`written` are the new objects as bucket/key; `complete` are the versions that nothing was written for."""

    written: tuple[str, ...]
    complete: tuple[str, ...]


def publish(
    facts: Facts,
    environment: str,
    fetch: Fetch,
    archive: Store,
    downloads: Store,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Published:
    """Publishes every version that is not complete yet, and tells `on_progress` each object as it is written.

    Nothing of those whose bytes are served to nobody (`downloads: gone`). What is sound is published even if something
    else is not; running it again goes on where it stopped.
    Raises Refused with a problem for each artifact that does not verify, or whose place holds other bytes.
    """
    run = _Run(facts, environment, fetch, on_progress)
    shelves = [_Shelf(store, run.product) for store in (archive, downloads)]
    for filed in _wanted(facts):
        run.version(filed, shelves)
    if run.problems:
        raise Refused(tuple(run.problems))
    return Published(tuple(run.written), tuple(run.complete))


def unpublished(facts: Facts, store: Store) -> tuple[str, ...]:
    """The versions that somebody may come to, and of which something lacks in this store; one listing tells."""
    product = facts.product.value.product
    shelf = _Shelf(store, product)
    needed = reachable(facts)
    versions = (filed.value for name, filed in facts.versions.items() if name in needed)
    return tuple(
        version.version
        for version in versions
        if not shelf.is_complete(version, download_path(product, version.version, SUMS), sha256sums(version))
    )


def lacking(facts: Facts, stores: Iterable[Store]) -> tuple["Piece", ...]:
    """The artifacts that are not in each of these stores, so that `publish` will fetch them; one listing each tells."""
    product = facts.product.value.product
    shelves = [_Shelf(store, product) for store in stores]
    pieces = (piece for filed in _wanted(facts) for piece in _pieces(filed))
    return tuple(piece for piece in pieces if not all(shelf.has(piece.key(product)) for shelf in shelves))


def sha256sums(version: Version) -> bytes:
    """A version's SHA256SUMS as `sha256sum -c` reads it."""
    artifacts = (artifact for bundles in version.artifacts.values() for artifact in bundles.values())
    return "".join(sorted({f"{artifact.sha256}  {artifact.file}\n" for artifact in artifacts})).encode()


@dataclass(frozen=True, slots=True)
class Piece:
    """One artifact with its place in the facts."""

    filed: Filed[Version]
    target: str
    bundle: str
    artifact: Artifact

    def key(self, product: str) -> str:
        """What it is called in every store."""
        return download_path(product, self.filed.value.version, self.artifact.file)

    def problem(self, field: str, what: str, mend: str) -> Problem:
        """What is wrong with it, at this field of its fact."""
        place = ("artifacts", self.target, self.bundle, field)
        return Problem(self.filed.path, self.filed.line(*place), ".".join(place), what, mend)


class _Run:
    """One run of `publish`: what it needs, and what it has done so far."""

    def __init__(self, facts: Facts, environment: str, fetch: Fetch, on_progress: Callable[[str], None]) -> None:
        self.product = facts.product.value.product
        self.written: list[str] = []
        self.complete: list[str] = []
        self.problems: list[Problem] = []
        self._keys = facts.product.value.artifact_keys(environment)
        self._fetch = fetch
        self._on_progress = on_progress

    def version(self, filed: Filed[Version], shelves: Iterable["_Shelf"]) -> None:
        """Brings one version to the shelves that lack it, its SHA256SUMS last and only if all else is there."""
        version = filed.value.version
        sums, sums_key = sha256sums(filed.value), download_path(self.product, version, SUMS)
        lacking = [shelf for shelf in shelves if not shelf.is_complete(filed.value, sums_key, sums)]
        if not lacking:
            self.complete.append(version)
            return
        found: list[Problem] = []
        try:
            for piece in _pieces(filed):
                found += self._bring(piece, lacking)
        except Refused as refused:
            found += refused.problems
        self.problems += found or self._finish(filed, sums_key, sums, lacking)

    def _finish(self, filed: Filed[Version], key: str, sums: bytes, shelves: Iterable["_Shelf"]) -> Iterator[Problem]:
        served = Served("text/plain; charset=utf-8", "inline", _FOR_EVER)
        for shelf in shelves:
            try:
                self._put(shelf, key, sums, hashlib.sha256(sums).hexdigest(), served)
            except _OtherBytes as other:
                yield Problem(filed.path, filed.line("artifacts"), "artifacts", str(other), _NEW_VERSION)

    def _bring(self, piece: Piece, shelves: Iterable["_Shelf"]) -> Iterator[Problem]:
        """Writes one artifact where it is lacking; yields what speaks against it."""
        version, artifact, key = piece.filed.value.version, piece.artifact, piece.key(self.product)
        try:
            without = [shelf for shelf in shelves if not shelf.holds(key, artifact.sha256)]
            if not without:
                return
            data = self._fetch(version, piece.target, piece.bundle)
            flaws = verify(artifact, version, piece.bundle, data, self._keys)
            yield from (piece.problem(flaw.field, flaw.what, flaw.mend) for flaw in flaws)
            for shelf in without if not flaws else ():
                self._put(shelf, key, data, artifact.sha256, _served(piece))
        except _OtherBytes as other:
            yield piece.problem("file", str(other), _NEW_VERSION)

    def _put(self, shelf: "_Shelf", key: str, data: bytes, sha256: str, served: Served) -> None:
        if shelf.put(key, data, sha256, served):
            self.written.append(f"{shelf.name}/{key}")
            self._on_progress(self.written[-1])


_NEW_VERSION = "what was published once stays as it is: give the new build a new version"


class _OtherBytes(Exception):  # noqa: N818 - named for what was found
    """An object has this key, but not these bytes."""


class _Shelf:
    """A store and what was on it when the run began: nothing there ever changes, so one listing is enough."""

    def __init__(self, store: Store, product: str) -> None:
        self.name = store.name
        self._store = store
        self._listed = store.listing(f"{product}/")

    def is_complete(self, version: Version, sums_key: str, sums: bytes) -> bool:
        """True when SHA256SUMS says just this and every file of it is there in its size."""
        there = self._listed.get(sums_key)
        if there is None or (there.etag != _md5(sums) and self._store.get(sums_key) != sums):
            return False
        folder = sums_key.removesuffix(SUMS)
        artifacts = (artifact for bundles in version.artifacts.values() for artifact in bundles.values())
        stored = ((self._listed.get(folder + artifact.file), artifact.size) for artifact in artifacts)
        return all(found is not None and found.size == size for found, size in stored)

    def has(self, key: str) -> bool:
        """True when something has this key."""
        return key in self._listed

    def holds(self, key: str, sha256: str) -> bool:
        """True when the object is there; raises _OtherBytes when it is another."""
        return self.has(key) and self._is(key, sha256)

    def put(self, key: str, data: bytes, sha256: str, served: Served) -> bool:
        """True when it was written, false when it was there already; raises _OtherBytes."""
        try:
            self._store.put_new(key, data, sha256, served)
        except AlreadyThere:
            return not self._is(key, sha256)
        return True

    def _is(self, key: str, sha256: str) -> bool:
        found = self._store.sha256(key) or hashlib.sha256(self._store.get(key)).hexdigest()
        if found != sha256:
            raise _OtherBytes(f"{self.name}/{key} is there already with sha256 {found}, not {sha256}")
        return True


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()  # what the store calls the ETag


def _wanted(facts: Facts) -> Iterator[Filed[Version]]:
    unserved = harmful(facts)
    return (filed for name, filed in facts.versions.items() if name not in unserved)


def _pieces(filed: Filed[Version]) -> Iterator[Piece]:
    for target, bundles in filed.value.artifacts.items():
        for bundle, artifact in bundles.items():
            yield Piece(filed, target, bundle, artifact)


def _served(piece: Piece) -> Served:
    return Served(_CONTENT_TYPES[piece.bundle], f'attachment; filename="{piece.artifact.file}"', _FOR_EVER)
