"""Releases of the app's repository on GitHub: which one a version is, where it was built, and its assets' bytes.

Reads only. An asset is kept under a name that says which upload it is, whatever it is called: one that was cut goes on
where it ended, one that was put there anew is fetched anew, and what is kept is whole.
"""

import hashlib
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from delivery.proposals import choose
from delivery.proposals.forge import ForgeError, Unreachable
from delivery.proposals.github_api import Api, Deed, NotFound, Patience

Tell = Callable[[int], None]  # how many bytes came, or were there already

_READ = "Contents: read"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TRIES = 5  # of one asset, each where the last one was cut
_MOST = "100"  # things on a page, GitHub's limit


class Asset(msgspec.Struct, frozen=True):
    """A file of a release. `digest` is such as sha256:…, None of those that were put there before GitHub kept any."""

    id: int
    name: str
    size: int
    state: str  # "uploaded", or "open" while it is not there whole
    updated_at: datetime
    digest: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of it was uploaded."""
        return self.state == "uploaded"


class Release(msgspec.Struct, frozen=True):
    """A release; a draft is seen by those only who may write, and its tag need not be there yet."""

    tag_name: str
    draft: bool
    html_url: str
    target_commitish: str
    assets: tuple[Asset, ...]
    published_at: datetime | None
    body: str | None = None

    def is_of(self, version: str) -> bool:
        """By its tag: v1.6.0, or 1.6.0."""
        return self.tag_name in (f"v{version}", version)


class _Commit(msgspec.Struct):
    sha: str


class _Tag(msgspec.Struct):
    name: str
    commit: _Commit


class _Run(msgspec.Struct):
    html_url: str


class _Attestation(msgspec.Struct):
    bundle: dict[str, Any] | None = None  # None of one that GitHub keeps elsewhere


class Releases:
    """Those of the repository `name` (owner/name), for whom the token belongs to. Every method raises ForgeError."""

    def __init__(self, name: str, api: str, token: str, patience: Patience | None = None) -> None:
        self.name = name
        self._api = Api(api, name, token.strip(), patience or Patience())

    def every(self) -> tuple[Release, ...]:
        """All that the token may see."""
        deed = Deed("list the releases", f"{_READ} (for drafts: Contents: write)")
        return tuple(self._api.every(deed, "releases", Release, per_page=_MOST))

    def of(self, version: str) -> Release:
        """The one of this version."""
        found = [each for each in self.every() if each.is_of(version)]
        if not found:
            what = f"{self.name} has no release of {version} that this token may see"
            raise ForgeError(f"{what}; draft one with the tag v{version}, or give the token the right Contents: write")
        if len(found) > 1:
            raise ForgeError(
                f"{self.name} has {len(found)} releases of {version}: {' '.join(each.html_url for each in found)}; "
                "leave one of them"
            )
        return found[0]

    def commit(self, release: Release) -> str | None:
        """The commit that it was tagged at, or that a draft is to be tagged at; None where that is only a branch."""
        tags = self._api.every(Deed("list the tags", _READ), "tags", _Tag, per_page=_MOST)
        tagged = next((each.commit.sha for each in tags if each.name == release.tag_name), None)
        named = release.target_commitish
        return tagged or (named if _COMMIT.fullmatch(named) else None)

    def runs(self, commit: str) -> tuple[str, ...]:
        """The addresses of the workflow runs that this commit went through well."""
        deed, only = Deed("list the workflow runs", "Actions: read"), {"head_sha": commit, "status": "success"}
        found = self._api.every(deed, "actions/runs", _Run, "workflow_runs", per_page=_MOST, **only)
        return tuple(each.html_url for each in found)

    def attestations(self, sha256: str) -> tuple[dict[str, Any], ...]:
        """What GitHub keeps of these bytes, as Sigstore's bundles; an empty one where it does not send it along.

        Nothing of it is verified here.
        """
        deed, path = Deed("show the attestations", "Attestations: read"), f"attestations/sha256:{sha256}"
        try:
            found = self._api.every(deed, path, _Attestation, "attestations", per_page=_MOST)
        except NotFound:
            return ()
        return tuple(each.bundle or {} for each in found)

    def download(self, asset: Asset, folder: Path, tell: Tell) -> Path:
        """The asset as a file of `folder`, whole and as GitHub describes it. Unreachable: asked again, it goes on."""
        file = folder / _key(asset)
        if file.exists() and not _differs(asset, file):
            tell(asset.size)
            return file
        half = file.with_suffix(".half")
        self._fetch(asset, half, tell)
        if differs := _differs(asset, half):
            half.unlink()
            raise ForgeError(f"{asset.name} did not come as GitHub describes it: {differs}; type it again")
        os.replace(half, file)
        return file

    def _fetch(self, asset: Asset, half: Path, tell: Tell) -> None:
        half.touch()
        tell(_size(half))
        for left in reversed(range(_TRIES)):
            try:
                self._go_on(asset, half, tell)
                return
            except Unreachable as error:
                if not left:
                    came = f"{_size(half)} of {asset.size} bytes of it are kept"
                    raise Unreachable(f"{error}; {came}, and are not fetched again") from None
            except ForgeError:
                half.unlink()
                raise

    def _go_on(self, asset: Asset, half: Path, tell: Tell) -> None:
        """Fetch what is missing."""
        if (start := _size(half)) == asset.size:
            return
        deed = Deed(f"send {asset.name}", _READ)
        with (
            self._api.stream(deed, f"releases/assets/{asset.id}", start) as (begins, pieces),
            half.open("r+b") as file,
        ):
            file.truncate(begins)
            file.seek(begins)
            tell(begins - start)
            for piece in pieces:
                if file.tell() + len(piece) > asset.size:
                    raise ForgeError(f"{asset.name} is longer than the {asset.size} bytes that GitHub says it has")
                file.write(piece)
                tell(len(piece))


def at_github(name: str) -> Releases:
    """Those at the GitHub where proposals are, else at the public one, by GITHUB_TOKEN or GH_TOKEN."""
    rights = f"that may read Contents, Actions and Attestations of {name}, and for drafts write Contents"
    return Releases(name, choose.api(), choose.token(f"the releases of {name} are read at GitHub", rights))


def keep_only(folder: Path, assets: tuple[Asset, ...]) -> None:
    """Make the folder, and drop what was fetched of uploads that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {_key(asset) for asset in assets}
    for file in folder.iterdir():
        if file.stem not in wanted:
            file.unlink()


def _key(asset: Asset) -> str:
    """One upload's own name, and no path whatever the asset is called."""
    said = f"{asset.id} {asset.updated_at.isoformat()} {asset.size} {asset.digest}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _size(file: Path) -> int:
    return file.stat().st_size


def _differs(asset: Asset, file: Path) -> str:
    """How a file is not the asset; empty where it is, as far as GitHub tells."""
    if (size := _size(file)) != asset.size:
        return f"it has {size} bytes, not {asset.size}"
    kind, _, wanted = (asset.digest or "").partition(":")
    if kind != "sha256":
        return ""
    with file.open("rb") as data:
        found = hashlib.file_digest(data, kind).hexdigest()
    return "" if found == wanted else f"its sha256 is {found}, not {wanted}"
