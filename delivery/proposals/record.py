"""What a local forge keeps beside the branches: in a ref of its own, as files that `git show` prints.

`refs/espice/proposals` is a line of commits. A tree of it has `3.json` for proposal 3 with its comments and approvals,
`issues/4.json` for issue 4, and `checks/<commit>.json` for what checks said of a commit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.proposals.forge import Check, ForgeError, Proposal

REF = "refs/espice/proposals"
_PROPOSAL = re.compile(r"([1-9][0-9]{0,8})\.json")
_ISSUE = re.compile(r"issues/([1-9][0-9]{0,8})\.json")
_CHECKS = re.compile(r"checks/([0-9a-f]{40,64})\.json")
_MEND = f"git reflog {REF} lists what it was, and git update-ref {REF} COMMIT puts that back"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """A comment. Its number is the only one of its kind in the whole forge."""

    number: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """The newest word of one person on one proposal."""

    by: str
    head: str
    at: datetime
    says: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A proposal, what people said of it, the oldest first, and all who proposed there."""

    proposal: Proposal
    comments: tuple[Said, ...] = ()
    approvals: tuple[Agreed, ...] = ()
    proposed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """Something to be looked at."""

    number: int
    title: str
    body: str
    author: str
    opened: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """All of it, as one commit of the ref has it. Proposals and issues are numbered together."""

    proposals: Mapping[int, Kept] = field(default_factory=dict)
    issues: Mapping[int, Issue] = field(default_factory=dict)
    checks: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)

    def next_number(self) -> int:
        """Of a proposal or an issue."""
        return _after([*self.proposals, *self.issues])

    def next_comment(self) -> int:
        """The number of one."""
        return _after(comment.number for kept in self.proposals.values() for comment in kept.comments)


def read(repo: Path, commit: str | None) -> Record:
    """What the ref has at this commit; nothing where it is not there yet. Raises ForgeError."""
    if commit is None:
        return Record()
    try:
        files = snapshot.at_commit(repo, commit, ())
    except NoHistory:
        raise ForgeError(f"{REF} is no commit; {_MEND}") from None
    if strays := [path for path in files if not any(each.fullmatch(path) for each in (_PROPOSAL, _ISSUE, _CHECKS))]:
        raise _bad(strays[0], "no forge writes such a file")
    proposals = {int(name): kept for name, kept in _parsed(files, _PROPOSAL, Kept)}
    for number, kept in proposals.items():
        if kept.proposal.number != number:
            raise _bad(f"{number}.json", f"it says that it is {kept.proposal.number}")
    issues = {int(name): issue for name, issue in _parsed(files, _ISSUE, Issue)}
    return Record(proposals, issues, dict(_parsed(files, _CHECKS, tuple[Check, ...])))


def proposal_file(kept: Kept) -> Mapping[str, bytes]:
    """The file that keeps it."""
    return {f"{kept.proposal.number}.json": _pretty(kept)}


def issue_file(issue: Issue) -> Mapping[str, bytes]:
    """The file that keeps it."""
    return {f"issues/{issue.number}.json": _pretty(issue)}


def checks_file(commit: str, checks: Iterable[Check]) -> Mapping[str, bytes]:
    """The file that keeps all that was said of this commit."""
    return {f"checks/{commit}.json": _pretty(tuple(checks))}


def _parsed(files: Mapping[str, bytes], pattern: re.Pattern[str], shape: type[T]) -> Iterator[tuple[str, T]]:
    for path, data in files.items():
        if found := pattern.fullmatch(path):
            try:
                yield found[1], msgspec.json.decode(data, type=shape)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise _bad(path, str(error)) from None


def _bad(path: str, why: str) -> ForgeError:
    return ForgeError(f"{REF}: {path}: {why}; {_MEND}")


def _pretty(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _after(numbers: Iterable[int]) -> int:
    return max(numbers, default=0) + 1
