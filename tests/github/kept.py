"""What the stand-in keeps: people, and what they made and said. Commits and branches are in its bare repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


def now() -> datetime:
    """GitHub's clock has no fractions of a second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token. `permission` is read, write or admin; a login that ends in [bot] is an App's.

    `more_mails` are known to be theirs, besides the one that GitHub gives those who hide theirs.
    """

    login: str
    permission: str = "write"
    more_mails: tuple[str, ...] = ()
    sees_members: bool = True

    @property
    def mails(self) -> tuple[str, ...]:
        return (*self.more_mails, f"{self.login}@users.noreply.github.com")

    @property
    def writes(self) -> bool:
        return self.permission != "read"


@dataclass(slots=True)
class Issue:
    """An issue, and the part of a pull request that is one."""

    number: int
    author: str
    title: str
    body: str | None
    state: str = "open"
    created: datetime = field(default_factory=now)
    labels: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(slots=True)
class Pull(Issue):
    """A pull request. `home` is owner/name of the repository that its branch is in."""

    branch: str = ""
    base: str = "main"
    head: str = ""
    home: str = ""
    merged: datetime | None = None
    merged_by: str | None = None
    merged_as: str | None = None


@dataclass(slots=True)
class Remark:
    """A comment. Its author is None once the account was deleted."""

    id: int
    number: int
    author: str | None
    body: str
    created: datetime = field(default_factory=now)


@dataclass(slots=True)
class Review:
    """A review of a commit."""

    id: int
    number: int
    author: str | None
    state: str
    body: str
    commit: str
    at: datetime = field(default_factory=now)


@dataclass(slots=True)
class Status:
    """A word on a commit."""

    id: int
    commit: str
    author: str
    said: Mapping[str, str | None]
    at: datetime = field(default_factory=now)
