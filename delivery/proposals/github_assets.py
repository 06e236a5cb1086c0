"""A release of this repository at GitHub whose assets are kept the same as what is live elsewhere.

GitHub writes nothing over an asset, and compares nothing before it deletes one. Two things make up for that: each
upload has an id of its own, and of each name there is one asset. So what is there is listed first, and what is live is
read after that: an asset that was listed holds nothing newer than what was read. Only such a one is deleted, by its id;
and a new one, which lies there whole under a name for the time being, then takes the name only if it is free. Who finds
that another run was quicker looks again. So no content ever comes back that another run has replaced.

Between the list and the reading goes what must not be there, by what the assets themselves say: that needs nothing of
what is live. An id has the same bytes for ever, so nothing newer is deleted for what an older one said; and a name that
became free so is taken as any other. What nobody can tell of stays as it is.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from delivery.proposals import choose
from delivery.proposals.forge import ForgeError, Unreachable
from delivery.proposals.github_api import Api, Deed, NotFound, Patience, PutOff, Taken
from delivery.proposals.github_releases import Asset

_RIGHT = "Contents: write"
_PASSES = 10
_LEFT = timedelta(minutes=10)  # after which no run still wants what it put there for the time being
_FOR_NOW = re.compile(r".+\.[0-9a-f]{16}\.new")
_MOST = "100"  # things on a page, GitHub's limit


@dataclass(frozen=True, slots=True)
class Meant:
    """What should be there, by the names of assets; those in `untold` stay as they are, for nobody can tell of them."""

    assets: Mapping[str, bytes]
    untold: Collection[str] = ()


class Live(Protocol):
    """What is live, looked at anew at each call. What either raises ends the run."""

    def forbidden(self, there: Collection[str], read: Callable[[str], bytes]) -> Iterable[str]:
        """The names among those that are there whose bytes must not be; each goes before the next is asked for.

        `read` gives the bytes of one: none where GitHub does not send them.
        """

    def meant(self, there: Collection[str]) -> Meant:
        """What should be there in their place; it is told which assets are."""


@dataclass(frozen=True, slots=True)
class Change:
    """An asset that was put there, took the place of another, or went. `name` is what is asked for."""

    name: str
    does: Literal["put", "replace", "remove"]


@dataclass(frozen=True, slots=True)
class Notice:
    """How the release is called, and what people read who find it."""

    tag: str
    title: str
    body: str


class _Release(msgspec.Struct, frozen=True):
    id: int
    html_url: str
    upload_url: str
    immutable: bool = False


class _Repository(msgspec.Struct):
    private: bool


@dataclass(frozen=True, slots=True)
class _Held:
    """An asset; its sha256 is empty while it is not there whole."""

    id: int
    name: str
    sha256: str
    at: datetime

    @property
    def is_for_now(self) -> bool:
        """Whether it is an upload that did not take its name yet."""
        return bool(_FOR_NOW.fullmatch(self.name))


class Assets:
    """Those of the release that `notice` names, in `name` (owner/name). Every method raises ForgeError."""

    def __init__(self, name: str, api: str, token: str, notice: Notice, patience: Patience | None = None) -> None:
        self._name, self._notice, self._made_here = name, notice, set[int]()
        self._api = Api(api, name, token.strip(), patience or Patience())

    def follow(self, live: Live) -> Iterator[Change]:
        """Make them what is live, each as soon as it is so, until what is there and what is live are the same.

        What must not be there goes first.
        """
        release = self._release() or self._made()
        for left in reversed(range(_PASSES)):
            held = self._held(release)
            try:
                for name in live.forbidden(_names(held), partial(self._sent, held)):
                    self._drop(held.pop(name))
                    yield Change(name, "remove")
                meant = live.meant(_names(held))
                changes = tuple(_changes(held, meant))
                for each in changes:
                    self._do(each, release, held, meant.assets)
                    yield each
                if not changes:
                    self._tidy(held)
                    return
            except PutOff:
                raise
            except (NotFound, Taken, Unreachable):
                if not left:
                    raise
        raise ForgeError(f"what is live, or the release {self._notice.tag}, changed {_PASSES} times; type it again")

    def compared(self, live: Live) -> tuple[Change, ...]:
        """What differs, and would be done; writes nothing."""
        release = self._release()
        held = self._held(release) if release else {}
        gone = tuple(live.forbidden(_names(held), partial(self._sent, held)))
        left = {name: each for name, each in held.items() if name not in gone}
        return *(Change(name, "remove") for name in gone), *_changes(left, live.meant(_names(left)))

    # --- the release --------------------------------------------------------------------------------------------------

    def _release(self) -> _Release | None:
        """Raises ForgeError: nobody could read it without a token, or nothing in it could ever be replaced."""
        if self._api.get(Deed("tell what repository this is", "Metadata: read"), "", _Repository).private:
            mend = "make it public, or leave the third endpoint out of the app's configuration"
            raise ForgeError(f"{self._name} is private, so no installation can read what lies in its releases; {mend}")
        try:
            found = self._api.get(Deed("show the release", _RIGHT), f"releases/tags/{self._notice.tag}", _Release)
        except NotFound:
            return None
        if found.immutable:
            mend = "turn off immutable releases in the repository's settings, delete this one, and type it again"
            raise ForgeError(f"{found.html_url} is immutable, so what it holds can never follow what is live; {mend}")
        return found

    def _made(self) -> _Release:
        """A pre-release, which GitHub shows to nobody as the latest."""
        notice = self._notice
        words = {"tag_name": notice.tag, "name": notice.title, "body": notice.body}
        deed, kept = Deed(f"make the release {notice.tag}", _RIGHT), {"prerelease": True, "make_latest": "false"}
        try:
            return self._api.send(deed, "POST", "releases", _Release, **words, **kept)
        except Taken:  # another run was quicker
            return self._api.get(deed, f"releases/tags/{notice.tag}", _Release)

    # --- what is in it ------------------------------------------------------------------------------------------------

    def _held(self, release: _Release) -> dict[str, _Held]:
        deed = Deed("list the assets", _RIGHT)
        listed = self._api.every(deed, f"releases/{release.id}/assets", Asset, per_page=_MOST)
        return {each.name: _Held(each.id, each.name, self._sha256(each), each.updated_at) for each in listed}

    def _sha256(self, asset: Asset) -> str:
        """As GitHub tells it, else of the bytes themselves."""
        if asset.state != "uploaded":
            return ""
        kind, _, told = (asset.digest or "").partition(":")
        if kind == "sha256":
            return told
        return hashlib.sha256(self._bytes(asset)).hexdigest()

    def _bytes(self, asset: Asset | _Held) -> bytes:
        deed = Deed(f"send {asset.name}", _RIGHT)
        with self._api.stream(deed, f"releases/assets/{asset.id}", 0) as (_, pieces):
            return b"".join(pieces)

    def _sent(self, held: Mapping[str, _Held], name: str) -> bytes:
        """Of one that GitHub does not send now nothing is known, and there is no waiting for that."""
        try:
            return self._bytes(held[name])
        except PutOff:
            raise
        except ForgeError:
            return b""

    def _do(self, change: Change, release: _Release, held: Mapping[str, _Held], meant: Mapping[str, bytes]) -> None:
        """The old one goes when the new one is there whole: between the two the name is nobody's."""
        new = None if change.does == "remove" else self._uploaded(release, held, change.name, meant[change.name])
        if change.does != "put":
            self._drop(held[change.name])
        if new:
            deed = Deed(f"rename an asset to {change.name}", _RIGHT)
            self._api.send(deed, "PATCH", f"releases/assets/{new}", Asset, name=change.name)

    def _uploaded(self, release: _Release, held: Mapping[str, _Held], name: str, data: bytes) -> int:
        """The id of an asset that is there under a name for the time being, from an earlier run perhaps."""
        sha256 = hashlib.sha256(data).hexdigest()
        for_now = f"{name}.{sha256[:16]}.new"
        if there := held.get(for_now):
            if there.sha256 == sha256:
                return there.id
            self._drop(there)
        address = f"{release.upload_url.partition('{')[0]}?name={for_now}"
        made = self._api.upload(Deed(f"take the asset {name}", _RIGHT), address, data, Asset)
        if self._sha256(made) != sha256:
            raise Unreachable(f"GitHub did not take the asset {name} as it was sent; try again later")
        self._made_here.add(made.id)
        return made.id

    def _drop(self, held: _Held) -> None:
        self._api.drop(Deed(f"delete the asset {held.name}", _RIGHT), f"releases/assets/{held.id}")

    def _tidy(self, held: Mapping[str, _Held]) -> None:
        """Drop what was put there for the time being by this run, or by one that can want it no more."""
        for each in held.values():
            if each.is_for_now and (each.id in self._made_here or datetime.now(UTC) - each.at > _LEFT):
                self._drop(each)


def _names(held: Mapping[str, _Held]) -> list[str]:
    return [name for name, each in held.items() if not each.is_for_now]


def _changes(held: Mapping[str, _Held], meant: Meant) -> Iterator[Change]:
    """First what is to go: that is offered to nobody any more."""
    kept = {*meant.assets, *meant.untold}
    yield from (Change(name, "remove") for name in _names(held) if name not in kept)
    for name, data in meant.assets.items():
        if name not in held:
            yield Change(name, "put")
        elif held[name].sha256 != hashlib.sha256(data).hexdigest():
            yield Change(name, "replace")


def at_github(repo: Path, notice: Notice) -> Assets:
    """Those of this repository, by GITHUB_TOKEN or GH_TOKEN."""
    name = choose.at_github(repo)
    if name is None:
        mend = "let origin be there, or set GITHUB_API_URL and GITHUB_REPOSITORY"
        raise ForgeError(f"this repository is not at GitHub, so it has no releases; {mend}")
    token = choose.token(f"the mirror is a release of {name}", f"with the right {_RIGHT} in {name}")
    return Assets(name, choose.api(), token, notice)
