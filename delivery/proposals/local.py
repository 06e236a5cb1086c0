"""A forge that needs nothing but git: for a laptop, where one person may play several.

Branches are the repository's own, and its main is main. What a forge keeps beside them is in `record`. What changes
moves all of its refs at once or none, so nothing is ever half proposed or half merged, however many try.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import uniform
from time import sleep
from typing import Generic, TypeVar

from delivery.history.git import NoHistory, git, line
from delivery.history.snapshot import commit_id
from delivery.proposals import branches, record
from delivery.proposals.branches import Move
from delivery.proposals.forge import (
    MAIN,
    Approval,
    Check,
    Comment,
    ForgeError,
    Moved,
    NoProposal,
    Proposal,
    State,
    Unreachable,
    Wanted,
)
from delivery.proposals.owners import by_name
from delivery.proposals.record import Agreed, Issue, Kept, Record, Said

_BRANCHES = "refs/heads/"
_MAIN = f"{_BRANCHES}{MAIN}"
_TRIES = 100  # each time that one loses, another has won
_PAUSE_S = 0.05  # at most, between two of them

_LOCK = re.compile(r"'([^'\n]+\.lock)': File exists")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Seen:
    """The repository at one moment: ref -> commit of all branches and the record, and what that record says."""

    refs: Mapping[str, str]
    record: Record

    def kept(self, number: int) -> Kept:
        """Raises NoProposal."""
        if number not in self.record.proposals:
            raise NoProposal(f"there is no proposal {number}; list those there are, and name one of them")
        return self._now(self.record.proposals[number])

    def all(self) -> Iterator[Kept]:
        """The newest first."""
        return (self._now(self.record.proposals[number]) for number in sorted(self.record.proposals, reverse=True))

    def _now(self, kept: Kept) -> Kept:
        """While it is open its head is its branch's, whoever moved that; without a branch it is closed."""
        proposal = kept.proposal
        if proposal.state is not State.open:
            return kept
        head = self.refs.get(f"{_BRANCHES}{proposal.branch}")
        return replace(kept, proposal=replace(proposal, head=head) if head else replace(proposal, state=State.closed))


@dataclass(frozen=True, slots=True)
class _Change(Generic[T]):
    """What is to be different: files of the record, branches, a commit that git must keep; and what to answer then."""

    files: Mapping[str, bytes]
    answer: T
    moves: tuple[Move, ...] = ()
    keep: tuple[str, ...] = ()


class Local:
    """The forge in a repository, with one person signed in to it."""

    def __init__(self, repo: Path, name: str) -> None:
        self._repo, self._name = repo, name

    def me(self) -> str:
        return self._name

    def main(self) -> str:
        return _main(self._look(), self._repo)

    def propose(self, wanted: Wanted) -> Proposal:
        """A branch of this name that is no proposal's stays as it is, unless the commit holds all of it."""

        def decide(seen: _Seen) -> _Change[Proposal]:
            _refuse_nothing(self._repo, _main(seen, self._repo), wanted)
            ref = f"{_BRANCHES}{wanted.branch}"
            at = seen.refs.get(ref)
            old = next((each for each in seen.all() if _is_open(each, wanted.branch)), None)
            if old is None and at and branches.own(self._repo, at, wanted.commit):
                raise branches.taken(wanted.branch)
            new = _as_wanted(old, wanted, self._name) if old else self._new(seen, wanted)
            moves = (Move(ref, at, wanted.commit),)
            dead = (each for each in seen.all() if _is_dead(each, wanted.branch))  # else a branch brings them back
            files = {path: data for each in (*dead, new) for path, data in record.proposal_file(each).items()}
            return _Change(files, new.proposal, moves, (wanted.commit,))

        return self._change(f"{self._name} proposes {wanted.branch}", decide)

    def proposal(self, number: int) -> Proposal:
        return self._look().kept(number).proposal

    def proposals(self, state: State = State.open) -> Sequence[Proposal]:
        return [kept.proposal for kept in self._look().all() if kept.proposal.state is state]

    def comments(self, number: int) -> Sequence[Comment]:
        return [self._read(said) for said in self._look().kept(number).comments]

    def say(self, number: int, body: str) -> Comment:
        def decide(seen: _Seen) -> _Change[Comment]:
            kept, said = seen.kept(number), Said(seen.record.next_comment(), self._name, body)
            return _Change(record.proposal_file(replace(kept, comments=(*kept.comments, said))), self._read(said))

        return self._change(f"proposal {number}: {self._name} says something", decide)

    def rewrite(self, comment: Comment, body: str) -> None:
        def decide(seen: _Seen) -> _Change[None]:
            for kept in seen.record.proposals.values():
                for said in kept.comments:
                    if said.number == comment.number and said.author == self._name:
                        comments = tuple(replace(each, body=body) if each is said else each for each in kept.comments)
                        return _Change(record.proposal_file(replace(kept, comments=comments)), None)
            raise ForgeError(f"{self._name} wrote no comment {comment.number}; say it in a comment of your own")

        self._change(f"comment {comment.number}: {self._name} rewrites it", decide)

    def approvals(self, number: int) -> Sequence[Approval]:
        return [Approval(each.by, each.head, each.at, each.says) for each in self._look().kept(number).approvals]

    def makers(self, number: int) -> Collection[str]:
        kept = self._look().kept(number)
        return {kept.proposal.author, *kept.proposed_by}

    def covers(self, owner: str, by: str) -> bool:
        """Knows no teams."""
        return by_name(owner, by)

    def approve(self, number: int, head: str, says: str) -> None:
        def decide(seen: _Seen) -> _Change[None]:
            kept = seen.kept(number)
            _refuse_moved(kept.proposal, head)
            others = (each for each in kept.approvals if each.by != self._name)
            approvals = (*others, Agreed(self._name, head, _now(), says))
            return _Change(record.proposal_file(replace(kept, approvals=approvals)), None)

        self._change(f"proposal {number}: {self._name} approves {head[:12]}", decide)

    def tell(self, head: str, check: Check) -> None:
        def decide(seen: _Seen) -> _Change[None]:
            commit = commit_id(self._repo, head)
            others = (each for each in seen.record.checks.get(commit, ()) if each.name != check.name)
            return _Change(record.checks_file(commit, (*others, replace(check, by=self._name))), None)

        self._change(f"{check.name} of {head[:12]}: {check.verdict}", decide)

    def checks(self, head: str) -> Sequence[Check]:
        return self._look().record.checks.get(head, ())

    def merge(self, number: int, head: str, message: str, onto: str | None = None) -> str:
        """The branch goes with it. Raises Moved also where main moves meanwhile, Conflict."""
        main = onto or self.main()

        def decide(seen: _Seen) -> _Change[str]:
            kept = seen.kept(number)
            _refuse_moved(kept.proposal, head)
            if seen.refs.get(_MAIN) != main:
                raise Moved("main has moved in the meantime; read the proposal again, then try again")
            result = branches.merge(self._repo, main, head, message)
            merged = replace(kept, proposal=replace(kept.proposal, state=State.merged, merged_as=result))
            moves = Move(f"{_BRANCHES}{kept.proposal.branch}", head, None), Move(_MAIN, main, result)
            return _Change(record.proposal_file(merged), result, moves)

        return self._change(f"proposal {number}: {self._name} merges it", decide)

    def close(self, number: int) -> None:
        def decide(seen: _Seen) -> _Change[None]:
            kept = seen.kept(number)
            if kept.proposal.state is State.merged:
                raise ForgeError(f"proposal {number} is merged; what it did is taken back by another proposal")
            closed = record.proposal_file(replace(kept, proposal=replace(kept.proposal, state=State.closed)))
            is_open = kept.proposal.state is State.open
            move = Move(f"{_BRANCHES}{kept.proposal.branch}", kept.proposal.head, None)
            return _Change(closed, None, (move,) if is_open else ())

        self._change(f"proposal {number}: {self._name} closes it", decide)

    def open_issue(self, title: str, body: str) -> str:
        def decide(seen: _Seen) -> _Change[str]:
            issue = Issue(seen.record.next_number(), title, body, self._name, _now())
            return _Change(record.issue_file(issue), _where(issue))

        return self._change(f"{self._name} opens an issue", decide)

    def issue(self, title: str, since: datetime) -> str | None:
        issues = self._look().record.issues.values()
        found = (each for each in issues if each.title == title and each.opened >= since)
        return next((_where(each) for each in found), None)

    def _new(self, seen: _Seen, wanted: Wanted) -> Kept:
        number, text = seen.record.next_number(), (wanted.title, wanted.body)
        made = Proposal(number, wanted.branch, wanted.commit, *text, self._name, State.open, _now())
        return Kept(made, proposed_by=(self._name,))

    def _read(self, said: Said) -> Comment:
        return Comment(said.number, said.author, said.body, said.author == self._name)

    def _look(self) -> _Seen:
        with _git_speaks():
            refs = branches.tips(self._repo, _BRANCHES, record.REF)
            return _Seen(refs, record.read(self._repo, refs.get(record.REF)))

    def _change(self, why: str, decide: Callable[[_Seen], _Change[T]]) -> T:
        """Decide on what there is, and do it if that is still all there is; else look again."""
        for _ in range(_TRIES):
            seen = self._look()
            with _git_speaks():
                change = decide(seen)
                at = seen.refs.get(record.REF)
                new = branches.commit(self._repo, at or _empty(self._repo), change.files, why, *change.keep)
                try:
                    branches.advance(self._repo, why, *change.moves, Move(record.REF, at, new))
                    return change.answer
                except Moved as moved:
                    lost = moved
            sleep(uniform(0, _PAUSE_S))  # noqa: S311 - no secret
        if locked := _LOCK.search(str(lost)):
            raise ForgeError(f"{locked[1]} is in the way; if no git runs here, one was killed: remove that file")
        raise Unreachable(f"others wrote to {record.REF} {_TRIES} times in between; try again later ({lost})")


@contextmanager
def _git_speaks() -> Iterator[None]:
    """What git refuses, the forge refuses."""
    try:
        yield
    except NoHistory as error:
        raise ForgeError(str(error)) from None


def _main(seen: _Seen, repo: Path) -> str:
    if _MAIN not in seen.refs:
        raise ForgeError(f"{repo} has no branch main to merge to; make it by git branch main COMMIT")
    return seen.refs[_MAIN]


def _refuse_nothing(repo: Path, main: str, wanted: Wanted) -> None:
    if wanted.branch == "main":
        raise ForgeError("main is what proposals are merged to; give the proposal's branch another name")
    if not _beyond(repo, main, wanted.commit):
        raise ForgeError(f"{wanted.branch} would hold nothing that main lacks; there is nothing to propose")


def _refuse_moved(proposal: Proposal, head: str) -> None:
    if proposal.state is not State.open:
        raise Moved(f"proposal {proposal.number} is {proposal.state}; nothing more is done with it")
    if proposal.head != head:
        mend = "read it again, then try again"
        raise Moved(f"proposal {proposal.number} is at {proposal.head[:12]} now, no longer at {head[:12]}; {mend}")


def _beyond(repo: Path, base: str, head: str) -> bool:
    """Whether `head` has commits that `base` lacks."""
    return bool(git(repo, "rev-list", "--max-count=1", commit_id(repo, head), f"^{commit_id(repo, base)}"))


def _is_open(kept: Kept, branch: str) -> bool:
    return kept.proposal.branch == branch and kept.proposal.state is State.open


def _is_dead(kept: Kept, branch: str) -> bool:
    return kept.proposal.branch == branch and kept.proposal.state is State.closed


def _as_wanted(kept: Kept, wanted: Wanted, by: str) -> Kept:
    proposal = replace(kept.proposal, head=wanted.commit, title=wanted.title, body=wanted.body)
    return replace(kept, proposal=proposal, proposed_by=tuple(dict.fromkeys((*kept.proposed_by, by))))


def _empty(repo: Path) -> str:
    """A commit of no files, for the record to begin with."""
    return branches.commit_tree(repo, line(repo, "mktree"), "the proposals of this repository begin")


def _where(issue: Issue) -> str:
    return f"issue {issue.number}"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
