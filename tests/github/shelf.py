"""What the stand-in keeps of a repository, its own and the app's: releases with assets, tags, runs, attestations."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any

from tests.github.kept import now

_IDS: Iterator[int] = count(7000)


@dataclass(slots=True)
class Asset:
    """A file of a release. Put there anew, it is another one. `told` is the digest that GitHub shows of it."""

    name: str
    data: bytes
    state: str = "uploaded"
    told: str | None = ""
    id: int = field(default_factory=lambda: next(_IDS))
    at: datetime = field(default_factory=now)

    @property
    def digest(self) -> str | None:
        """Its own where nothing else is to be told."""
        return f"sha256:{sha256(self.data).hexdigest()}" if self.told == "" else self.told


@dataclass(slots=True)
class Release:
    """A release by its tag, which a draft need not have. It is called by its tag unless it has a title."""

    tag: str
    commit: str
    body: str | None
    assets: list[Asset]
    draft: bool = False
    title: str = ""
    prerelease: bool = False
    immutable: bool = False
    id: int = field(default_factory=lambda: next(_IDS))
    at: datetime = field(default_factory=now)


@dataclass
class Shelf:
    """All of it. `runs` are the numbers of good workflow runs by commit, `attested` the bundles by sha256 of files."""

    name: str = "espice/espice"
    releases: list[Release] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    runs: dict[str, list[int]] = field(default_factory=dict)
    attested: dict[str, list[Any]] = field(default_factory=dict)

    def tagged(self, tag: str) -> Release | None:
        """The release of this tag that everybody sees."""
        return next((each for each in self.releases if each.tag == tag and not each.draft), None)

    def of(self, number: int) -> Release | None:
        """The release that has this asset."""
        return next((each for each in self.releases if any(asset.id == number for asset in each.assets)), None)

    def asset(self, number: int) -> Asset | None:
        return next((each for release in self.releases for each in release.assets if each.id == number), None)
