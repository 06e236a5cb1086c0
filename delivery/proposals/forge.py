"""A forge keeps proposals: branches that somebody wants merged, what was said of them, and who agreed.

The port, and nothing else; `github` and `local` are its adapters. It decides nothing: what a change needs is
`rules.approvals`, whether it has that is `standing`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

MAIN = "main"  # the branch that proposals are merged to


class ForgeError(Exception):
    """The forge did not do it. The text says what, and how to mend it."""


class NoProposal(ForgeError):  # noqa: N818 - named for what was found
    """There is no such proposal."""


class Moved(ForgeError):  # noqa: N818 - named for what happened
    """The proposal, or main, is not what it was when it was read: read it again."""


class Unreachable(ForgeError):  # noqa: N818 - named for what was found
    """Nobody answered, or asked to wait: the same may go well later. Nothing is known to have been done."""


class Untold(ForgeError):  # noqa: N818 - named for what is lacking
    """The forge does not say it to whom we are signed in."""


class State(StrEnum):
    """What became of a proposal."""

    open = "open"
    merged = "merged"
    closed = "closed"


class Verdict(StrEnum):
    """What a check said, as forges show it."""

    pending = "pending"
    success = "success"
    failure = "failure"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be proposed: a commit of this repository, to be the only one of its own branch beyond main."""

    branch: str
    commit: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal as it stands. `head` is the commit that is proposed, `url` where people read it, if anywhere.

    `is_foreign` where its branch lies in another repository: a fork, which anybody may have.
    """

    number: int
    branch: str
    head: str
    title: str
    body: str
    author: str
    state: State
    opened: datetime
    url: str | None = None
    merged_as: str | None = None  # the commit on main
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody agreed to this commit, in these words; the newest of each person, and only while it is a yes."""

    by: str
    head: str
    at: datetime
    says: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment. `is_ours` where whom we are signed in as wrote it: a marker in another's proves nothing."""

    number: int
    author: str
    body: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A word on a commit, such as espice/approvals. One word a name: the newest counts.

    `by` is who said it, once it was said: whoever may write here may say anything under any name.
    """

    name: str
    verdict: Verdict
    says: str
    url: str | None = None
    by: str | None = field(default=None, compare=False)


class Forge(Protocol):
    """Raises ForgeError everywhere; Unreachable where another try may help."""

    def me(self) -> str:
        """As whom we are signed in."""

    def main(self) -> str:
        """The commit that main is at, in the forge; it is in this repository afterwards."""

    def propose(self, wanted: Wanted) -> Proposal:
        """Push the branch and open a proposal; one that is open for this branch is updated, whoever asks again."""

    def proposal(self, number: int) -> Proposal:
        """Raises NoProposal. Its head is in this repository afterwards."""

    def proposals(self, state: State = State.open) -> Sequence[Proposal]:
        """The newest first."""

    def comments(self, number: int) -> Sequence[Comment]:
        """The oldest first."""

    def say(self, number: int, body: str) -> Comment:
        """A new comment."""

    def rewrite(self, comment: Comment, body: str) -> None:
        """Another text for a comment of ours."""

    def approvals(self, number: int) -> Sequence[Approval]:
        """Who agrees, whatever commit they saw."""

    def approve(self, number: int, head: str, says: str) -> None:
        """Agree to this commit, as whom we are signed in. Raises Moved where it is no longer the head."""

    def makers(self, number: int) -> Collection[str]:
        """All whom the forge itself knows to have had a hand in it: names in commits are for anybody to choose."""

    def covers(self, owner: str, by: str) -> bool:
        """Whether this person may speak for an owner, as CODEOWNERS writes it. Raises Untold."""

    def tell(self, head: str, check: Check) -> None:
        """Set a check's word on a commit."""

    def checks(self, head: str) -> Sequence[Check]:
        """The newest word of each."""

    def merge(self, number: int, head: str, message: str, onto: str | None = None) -> str:
        """Merge exactly this commit, onto main at `onto` (None: wherever main is), and get the commit on main.

        Raises Moved. A forge whose interface cannot name main looks right before, which leaves a moment open.
        """

    def close(self, number: int) -> None:
        """Close it unmerged; its branch goes with it."""

    def open_issue(self, title: str, body: str) -> str:
        """Tell people of something to be looked at; where that is."""

    def issue(self, title: str, since: datetime) -> str | None:
        """Where the issue of this title is that was opened since then, whoever did and whatever became of it."""
