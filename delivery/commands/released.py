"""The builds that are to be published, from the releases at GitHub that their facts name.

Of a version nothing is fetched before each of them is found there as its fact says it is, and none is handed on before
all are here. One version keeps no other from being published.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from delivery.artifacts.publish import Fetch, Piece
from delivery.commands.builds import Upload, fetched
from delivery.proposals.forge import ForgeError
from delivery.proposals.github_api import NotFound
from delivery.proposals.github_releases import Release, Releases, at_github
from delivery.rules.problem import Problem, Refused

T = TypeVar("T")

_SAME = "upload the very file that the fact was made from; never edit one of the two"


def released(pieces: Sequence[Piece]) -> Fetch:
    """How to read these. What is asked for first of a version brings all of it here; raises ForgeError.

    Reading raises Refused with every problem of the version: not all of it is there as its facts say.
    """
    places = {name: at_github(name) for name in sorted({_repository(piece) for piece in pieces})}
    every = {name: _every(releases) for name, releases in places.items()}

    @cache
    def files(version: str) -> Mapping[tuple[str, str], Path]:
        its = [each for each in pieces if each.filed.value.version == version]
        uploads = _sound(_found(each, places[_repository(each)], every[_repository(each)]) for each in its)
        here = _sound(map(_proved, its, uploads, _fetched(its, uploads)))
        return {(each.target, each.bundle): file for each, file in zip(its, here, strict=True)}

    return lambda version, target, bundle: files(version)[target, bundle].read_bytes()


def _every(releases: Releases) -> Sequence[Release]:
    """None where the repository is lost: then its versions have no release, and others may have theirs elsewhere."""
    try:
        return releases.every()
    except NotFound:
        return ()


def _fetched(pieces: Sequence[Piece], uploads: Sequence[Upload]) -> list[Path]:
    """Raises Refused: not all of a version came."""
    try:
        return fetched(uploads)
    except ForgeError as error:
        what, _, mend = str(error).partition("; ")
        filed, place = pieces[0].filed, ("source", "repository")
        raise Refused((Problem(filed.path, filed.line(*place), ".".join(place), what, mend),)) from None


def _repository(piece: Piece) -> str:
    return piece.filed.value.source.repository


def _sound(found: Iterable[T | Problem]) -> list[T]:
    """All of it. Raises Refused with every problem among it, each once."""
    sound, problems = list[T](), dict[Problem, None]()
    for each in found:
        if isinstance(each, Problem):
            problems[each] = None
        else:
            sound.append(each)
    if problems:
        raise Refused(tuple(problems))
    return sound


def _found(piece: Piece, place: Releases, every: Sequence[Release]) -> Upload | Problem:
    """Where an artifact is to be had, if nothing that GitHub tells of it differs from its fact."""
    release = _release(piece, place.name, every)
    if isinstance(release, Problem):
        return release
    name, version = piece.artifact.file, piece.filed.value.version
    asset = next((each for each in release.assets if each.name == name), None)
    if asset is None:
        what = f"{place.name}@{release.tag_name} has no {name}"
        return piece.problem("file", what, "upload it there, or name a folder that holds it by --from")
    upload = Upload(place, release, version, asset)
    return _differs(piece, upload) or upload


def _release(piece: Piece, name: str, every: Sequence[Release]) -> Release | Problem:
    """The release of the artifact's version."""
    version = piece.filed.value.version
    found = [each for each in every if each.is_of(version)]
    if len(found) == 1:
        return found[0]
    what, mend = f"{name} has no release of {version} that this token may see", f"publish one with the tag v{version}"
    if found:
        there = " ".join(each.html_url for each in found)
        what, mend = f"{name} has {len(found)} releases of {version}: {there}", "leave one of them"
    place = ("source", "repository")
    mend = f"{mend}, or name a folder with its files by --from"
    return Problem(piece.filed.path, piece.filed.line(*place), ".".join(place), what, mend)


def _differs(piece: Piece, upload: Upload) -> Problem | None:
    """How an asset is not what its fact says; None where it is, as far as GitHub tells."""
    asset, size = upload.asset, piece.artifact.size
    kind, _, sha256 = (asset.digest or "").partition(":")
    if not asset.is_whole:
        return piece.problem("file", f"{upload.where} was not uploaded whole", "upload it again")
    if asset.size != size:
        return piece.problem("size", f"{upload.where} has {asset.size} bytes, the fact says {size}", _SAME)
    return _of_other_bytes(piece, upload, sha256) if kind == "sha256" else None


def _proved(piece: Piece, upload: Upload, file: Path) -> Path | Problem:
    """The file, if its bytes are those of the fact: GitHub does not tell of all."""
    with file.open("rb") as data:
        return _of_other_bytes(piece, upload, hashlib.file_digest(data, "sha256").hexdigest()) or file


def _of_other_bytes(piece: Piece, upload: Upload, sha256: str) -> Problem | None:
    wanted = piece.artifact.sha256
    what = f"{upload.where} has sha256 {sha256}, the fact says {wanted}"
    return None if sha256 == wanted else piece.problem("sha256", what, _SAME)
