"""What --pr does with the files of a task: proposes them to main as the forge has it, and says what is still needed.

Nothing here is touched but git's objects and refs: neither the work tree, nor the index, nor HEAD. The branch is named
by what is done and to which fact, never by how far, so the same task with another value changes the proposal that is
open already, and another fact never takes its place.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import unified_diff
from pathlib import PurePosixPath

from delivery.commands.desk import ROOT, err, out
from delivery.commands.pages import beside, pages
from delivery.commands.proposed import legible, one_line
from delivery.history import snapshot, trailers
from delivery.history.git import NoHistory, line
from delivery.history.trailers import Trailers
from delivery.present import terminal, words
from delivery.proposals import branches, choose, comment
from delivery.proposals.forge import Forge, ForgeError, Proposal, Unreachable, Wanted
from delivery.proposals.standing import Standing, standing
from delivery.rules.approvals import is_fact
from delivery.rules.read import File

_VALUE = re.compile(r",|:| (?:to|at|for|below|as|go|be) ")  # behind it, a summary says how far
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_JUST_NOW = timedelta(seconds=30)  # a task without --at says when it was typed
INTERRUPTED = 130  # as shells say it


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
    """A commit to propose, the only one beyond main and of no ref yet: its branch, what it is called, and why."""

    branch: str
    commit: str
    summary: str
    why: str


def on_main() -> Main:
    """Ask the forge where main is. Raises ForgeError."""
    forge = choose.forge(ROOT)
    with telling("nothing was proposed; type it again"):
        return Main(forge, forge.main())


def stands(forge: Forge, proposal: Proposal, now: datetime) -> Standing:
    """What a proposal does and still needs, stack files and pages and all. Raises ForgeError, NoHistory."""
    return standing(ROOT, forge, proposal, now, beside=beside(now), pages=pages(now))


def branch(summary: str, path: str = "") -> str:
    """The branch of an edit of facts, by the sentence that it is called, and by its file where that does not name it.

    releases/raise-stable-1.4.0, but releases/stop-beta-2026-11-25-beta.
    """
    words_ = re.sub(r"[^\w.+-]+", "-", _VALUE.split(summary)[0])
    stem = PurePosixPath(path).stem
    return f"releases/{words_[0].lower()}{words_[1:]}" + (f"-{stem}" if stem not in words_ else "")


def changed(main: Main, name: str, files: Mapping[str, bytes], summary: str, why: str) -> Change:
    """These files added to main, or replaced there; `name` is the branch. Raises ForgeError, NoHistory."""
    return Change(name, branches.commit(ROOT, main.commit, files, message(summary, why)), summary, why)


def message(summary: str, why: str) -> str:
    """What a commit says that is to be proposed. Raises ForgeError: git does not know who you are."""
    return f"{summary}\n\n{_body(why)}\n"


def propose(main: Main, change: Change, now: datetime) -> int:
    """Open a proposal, or change the one that is open; show it, and say what it still needs. Raises ForgeError."""
    forge, paths = main.forge, branches.paths(ROOT, main.commit, change.commit)
    with telling("nothing was proposed; type it again"):
        there = _open(forge, change.branch)
    if there:
        _refuse_to_lose(there, paths, main)
    if there and _says(there, change, paths, main, now):
        proposal = there
        show_all(main.commit, there.head, paths)
        out.print(f"nothing changed: proposal {there.number} says this already", markup=False)
    else:
        show_all(main.commit, change.commit, paths)
        with telling(f"whether branch {change.branch} was pushed is not known; type it again: that is safe"):
            proposal = forge.propose(Wanted(change.branch, change.commit, change.summary, _body(change.why)))
        did = f"changed proposal {there.number}" if there else f"opened proposal {proposal.number}"
        out.print(f"{did}: {proposal.title}{_replaced(there) if there else ''}", markup=False)
    if snapshot.branch(ROOT) != change.branch:  # its files are the proposal's then
        _say_others(main, paths)
    how_far = f"proposal {proposal.number} is open, but what it needs is not said there; type it again"
    try:
        with telling(how_far):
            needs = stands(forge, proposal, now)
            comment.post(forge, proposal, needs)
    except KeyboardInterrupt:
        err.print(f"interrupted: {how_far.replace('is not said', 'may not be said')}", markup=False)
        return INTERRUPTED
    if needs.plan:
        out.print()
        out.print(terminal.plan(needs.plan))
        out.print()
    out.print(f"read it: {proposal.url or f'./inv proposal {proposal.number}'}", markup=False)
    say_missing(proposal, needs)
    return 0


def show_all(before: str, after: str, paths: Sequence[str]) -> None:
    """What is added between two commits, fact by fact; of other files their names."""
    old, new = (snapshot.at_commit(ROOT, commit, paths) for commit in (before, after))
    for path in filter(is_fact, paths):
        show(path, old.get(path), new.get(path, b""))
    for path in (each for each in paths if not is_fact(each)):
        out.print(path, style="bold", markup=False)


def show(path: str, before: File | None, after: bytes) -> None:
    """What is added, as a diff shows it."""
    old, new = ((data or b"").decode().splitlines() for data in (before, after))
    out.print(path, style="bold")
    for added in list(unified_diff(old, new, n=0, lineterm=""))[2:]:
        if not added.startswith("@@"):
            out.print(f"{added[0]} {added[1:]}", style="green" if added[0] == "+" else "red", markup=False)
    out.print()


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


def _say_others(main: Main, paths: Sequence[str]) -> None:
    """Which of these files lie here otherwise than on main."""
    here, there = snapshot.in_worktree(ROOT, paths), main.files(*paths)
    for path in paths:
        if here.get(path) != there.get(path):
            out.print(f"{path} is another here than on main, where the proposal stands; it was left alone")


def _refuse_to_lose(there: Proposal, paths: Sequence[str], main: Main) -> None:
    """A branch that holds more than one commit of these files holds work that nobody asked to throw away."""
    those = int(line(ROOT, "rev-list", "--count", "--no-merges", f"{main.commit}..{there.head}"))
    others = [each for each in _paths(there, main) if each not in paths]
    if those <= 1 and not others:
        return
    holds = f"changes of {words.listed(others)}" if others else words.counted(those, "commit")
    raise ForgeError(
        f"branch {there.branch} of proposal {there.number} holds {legible(holds)}, which would be lost; "
        f"./inv merge {there.number} or ./inv close {there.number}, then type it again"
    )


def _replaced(there: Proposal) -> str:
    """Whose commit was replaced, where that is not one's own."""
    own = _user().rpartition("<")[2].rstrip(">")
    plain = "--encoding=UTF-8", "--no-show-signature", "--format=%an%x00%ae%x00%cn%x00%ce"
    made = line(ROOT, "log", "-1", *plain, there.head).split("\0")
    other = next((name for name, mail in (made[:2], made[2:]) if mail != own), None)
    return f" (replaces {there.head[:12]} by {one_line(other)})" if other else ""


def _paths(there: Proposal, main: Main) -> tuple[str, ...]:
    return branches.paths(ROOT, snapshot.merge_base(ROOT, main.commit, there.head), there.head)


def _says(there: Proposal, change: Change, paths: Sequence[str], main: Main, now: datetime) -> bool:
    """Whether what is proposed is this."""
    if _paths(there, main) != paths:
        return False
    proposed, wanted = (snapshot.at_commit(ROOT, commit, paths) for commit in (there.head, change.commit))
    return proposed.keys() == wanted.keys() and all(_same(proposed[path], wanted[path], now) for path in wanted)


def _same(proposed: bytes, wanted: bytes, now: datetime) -> bool:
    """Byte for byte, or but for the moment of typing: who types the same again does not mean a later one."""
    if _STAMP.sub(b"", proposed) != _STAMP.sub(b"", wanted):
        return False
    pairs = zip(_moments(proposed), _moments(wanted), strict=True)
    return all(old == new or (old <= new and now - _JUST_NOW <= new <= now) for old, new in pairs)


def _moments(data: bytes) -> list[datetime]:
    return [datetime.strptime(each.decode(), "%Y-%m-%dT%H:%M:%S%z") for each in _STAMP.findall(data)]


def _body(why: str) -> str:
    """Why, and who asked for it: git's own user, as a trailer names people."""
    return trailers.write(why, Trailers(requested_by=(_user(),))).strip()


def _user() -> str:
    """git's own, as trailers name people. Raises ForgeError."""
    try:
        return line(ROOT, "var", "GIT_AUTHOR_IDENT").rsplit(" ", 2)[0]
    except NoHistory as error:
        if "ident name" in str(error):
            raise ForgeError('git does not know your name; git config user.name "Your Name"') from None
        raise ForgeError("git does not know your e-mail; git config user.email you@example.org") from None
