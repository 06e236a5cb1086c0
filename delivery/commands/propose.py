"""What --pr does with the one file of a task: proposes it to main as the forge has it, and says what it still needs.

Nothing here is touched but git's objects and refs: neither the work tree, nor the index, nor HEAD. The branch is named
by what is done, never by how far, so the same task with another value changes the proposal that is open already.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.commands.desk import ROOT, out
from delivery.commands.proposed import legible
from delivery.commands.stack_files import stack_files
from delivery.history import snapshot, trailers
from delivery.history.git import line
from delivery.history.trailers import Trailers
from delivery.proposals import branches, choose, comment
from delivery.proposals.forge import Forge, Proposal, Unreachable, Wanted
from delivery.proposals.standing import Standing, standing
from delivery.rules.read import File

_VALUE = re.compile(r",|:| (?:to|at|for|below|as|go|be) ")  # behind it, a summary says how far
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_JUST_NOW = timedelta(seconds=30)  # a task without --at says when it was typed


@dataclass(frozen=True, slots=True)
class Main:
    """A forge, and the commit its main is at: what a proposal stands on."""

    forge: Forge
    commit: str

    def files(self, *paths: str) -> Mapping[str, File]:
        """As main has them: these, or all that hold facts."""
        return snapshot.at_commit(ROOT, self.commit, paths or snapshot.PATHS)


@dataclass(frozen=True, slots=True)
class Change:
    """One file to propose: its new bytes, what that is called, and why."""

    branch: str
    path: str
    after: bytes
    summary: str
    why: str


def on_main() -> Main:
    """Ask the forge where main is. Raises ForgeError."""
    forge = choose.forge(ROOT)
    with telling("nothing was proposed; type it again"):
        return Main(forge, forge.main())


def stands(forge: Forge, proposal: Proposal, now: datetime) -> Standing:
    """What a proposal does and still needs, stack files and all. Raises ForgeError, NoHistory."""
    return standing(ROOT, forge, proposal, now, beside=stack_files)


def branch(summary: str) -> str:
    """The branch of an edit of facts, by the sentence that it is called: releases/raise-stable-1.4.0."""
    words = re.sub(r"[^\w.+-]+", "-", _VALUE.split(summary)[0])
    return f"releases/{words[0].lower()}{words[1:]}"


def propose(main: Main, change: Change, now: datetime) -> int:
    """Open a proposal, or change the one that is open, and say what it still needs. Raises ForgeError."""
    forge = main.forge
    with telling("nothing was proposed; type it again"):
        there = _open(forge, change.branch)
    if there and _says(there, change, main, now):
        proposal = there
        out.print(f"nothing changed: proposal {there.number} says this already", markup=False)
    else:
        body = _body(change)
        message = f"{change.summary}\n\n{body}\n"
        commit = branches.commit(ROOT, main.commit, {change.path: change.after}, message)
        with telling(f"whether branch {change.branch} was pushed is not known; type it again: that is safe"):
            proposal = forge.propose(Wanted(change.branch, commit, change.summary, body))
        out.print(f"{'changed' if there else 'opened'} proposal {proposal.number}: {proposal.title}", markup=False)
    if snapshot.in_worktree(ROOT, [change.path]).get(change.path) != main.files(change.path).get(change.path):
        out.print(f"{change.path} is another here than on main, where the proposal stands; it was left alone")
    with telling(f"proposal {proposal.number} is open, but what it needs is not said there; type it again"):
        needs = stands(forge, proposal, now)
        comment.post(forge, proposal, needs)
    out.print(f"read it: {proposal.url or f'./inv proposal {proposal.number}'}", markup=False)
    say_missing(proposal, needs)
    return 0


def say_missing(proposal: Proposal, needs: Standing) -> None:
    """What somebody has to do next."""
    for sentence in needs.missing:
        out.print(f"  missing: {legible(sentence)}", markup=False)
    if not needs.missing:
        out.print(f"  nothing is missing: ./inv merge {proposal.number}")


@contextmanager
def telling(how_far: str) -> Iterator[None]:
    """What an unreachable forge leaves behind, and what to do about it."""
    try:
        yield
    except Unreachable as error:
        raise Unreachable(f"{error}; {how_far}") from None


def _open(forge: Forge, name: str) -> Proposal | None:
    """The proposal that is open for this branch, with its head at hand."""
    there = next((each for each in forge.proposals() if each.branch == name), None)
    return forge.proposal(there.number) if there else None


def _says(there: Proposal, change: Change, main: Main, now: datetime) -> bool:
    """Whether what is proposed is this and nothing else."""
    base = snapshot.merge_base(ROOT, main.commit, there.head)
    proposed = snapshot.at_commit(ROOT, there.head, [change.path]).get(change.path, b"")
    return branches.paths(ROOT, base, there.head) == (change.path,) and _same(proposed, change.after, now)


def _same(proposed: bytes, wanted: bytes, now: datetime) -> bool:
    """Byte for byte, or but for the moment of typing: who types the same again does not mean a later one."""
    if _STAMP.sub(b"", proposed) != _STAMP.sub(b"", wanted):
        return False
    pairs = zip(_moments(proposed), _moments(wanted), strict=True)
    return all(old == new or (old <= new and now - _JUST_NOW <= new <= now) for old, new in pairs)


def _moments(data: bytes) -> list[datetime]:
    return [datetime.strptime(each.decode(), "%Y-%m-%dT%H:%M:%S%z") for each in _STAMP.findall(data)]


def _body(change: Change) -> str:
    """Why, and who asked for it: git's own user, as a trailer names people."""
    requester = line(ROOT, "var", "GIT_AUTHOR_IDENT").rsplit(" ", 2)[0]
    return trailers.write(change.why, Trailers(requested_by=(requester,))).strip()
