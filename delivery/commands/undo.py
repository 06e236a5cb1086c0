"""undo: the reverse of what a merged change did, as one change more: facts that take back, or files as they were.

Facts are never taken out again: what reached more is held or stopped (`rules.undo`). Code, and facts that are edited as
policy is, are reverted as git does it, without a work tree.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Unpack

from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.commands.hand_over import EITHER, How
from delivery.commands.propose import Change, Main, message, on_main, propose, show_all
from delivery.commands.proposed import one_line
from delivery.commands.stack_files import stack_files
from delivery.commands.write import Edits, write_all
from delivery.deploy import lineage
from delivery.history import snapshot
from delivery.history.git import NoHistory, log
from delivery.present.words import listed
from delivery.proposals import branches
from delivery.proposals.branches import Conflict, Move
from delivery.proposals.forge import MAIN, ForgeError
from delivery.proposals.standing import ENVIRONMENT
from delivery.rules import undo as undoing
from delivery.rules.approvals import is_code, is_fact
from delivery.rules.edit import Ground
from delivery.rules.facts import Facts
from delivery.rules.prepare import examine
from delivery.rules.problem import Refused, Severity
from delivery.rules.read import read
from delivery.rules.reason import unfit
from delivery.rules.undo import Changed, NothingToUndo, Undone, stays


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged change: its commit, the one before it on main, the files in which they differ, and what it is called.

    Or, as `many`, all that was merged since a commit, which `before` is then.
    """

    commit: str
    before: str
    paths: tuple[str, ...]
    subject: str
    many: bool

    @property
    def summary(self) -> str:
        """What the commit is called that takes it back."""
        return f"Undo {self.subject}" if self.many else f'Undo "{one_line(self.subject)}"'

    @property
    def name(self) -> str:
        """How sentences name it."""
        return f"commits {self.before}..{self.commit}" if self.many else f"commit {self.commit}"

    @property
    def title(self) -> str:
        """The same for a reader who has not looked it up."""
        return self.subject if self.many else f"{self.commit[:12]} {one_line(self.subject)}"

    def branch(self, begins: str) -> str:
        """On which that is proposed: by what is undone, so that undoing it twice is one proposal."""
        return f"{begins}{f'{self.before[:12]}-' if self.many else ''}{self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class Task:
    """What was typed: the change, why, the forge's main where it is to be proposed, and the commit to stand on."""

    merged: Merged
    reason: str
    main: Main | None
    onto: str
    now: datetime
    how: How


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: what takes it back (`facts`, `revert` or nothing, for the reason in `says`), and what stays."""

    by: str | None = None
    says: str = ""
    branch: str = ""
    paths: tuple[str, ...] = ()
    remains: tuple[str, ...] = ()
    status: int = 0


@command
def undo(change: str, since: str, reason: str, *, as_json: bool, **how: Unpack[How]) -> int:
    """Take a merged change back, or all that was merged after `since` up to it.

    Raises Refused, ForgeError, NoHistory.
    """
    if how["commit"] and how["pr"]:
        raise Usage(EITHER)
    _refuse_no_reason(reason)
    main, now = on_main() if how["pr"] else None, datetime.now(UTC).replace(microsecond=0)
    onto = main.commit if main else snapshot.commit_id(ROOT, "HEAD")
    task = Task(_merged(change or "HEAD", since, onto), reason, main, onto, now, how)
    way, rest = (_by_facts, tuple(_rest(task))) if any(map(stays, task.merged.paths)) else (_by_a_revert, ())
    with out.capture() if as_json else contextlib.nullcontext():
        try:
            done = way(task)
        except NothingToUndo as nothing:
            done = Done(says=str(nothing), remains=nothing.remains)
            what = "nothing to undo by facts" if rest else "nothing to undo"
            out.print(f"{task.merged.commit[:12]}: {what}: {nothing}", markup=False)
    done = replace(done, remains=(*done.remains, *rest))
    for each in done.remains:
        err.print(f"not taken back: {each}", markup=False)
    if as_json:
        print_json({"commit": task.merged.commit, "subject": task.merged.subject, **asdict(done)})
    return done.status


def _refuse_no_reason(reason: str) -> None:
    """Whatever takes it back, the reason is one that a fact can hold. Raises Usage."""
    if wrong := unfit(reason):
        raise Usage("\n".join(f"--reason: {each.what}; {each.mend}" for each in wrong))


def _merged(ref: str, since: str, onto: str) -> Merged:
    """Raises Usage: it is not on main, or there is nothing to go back to, or facts and code at once."""
    commit = snapshot.commit_id(ROOT, ref)
    if not lineage.has(ROOT, onto, commit):
        raise Usage(f"{commit[:12]} is not behind {onto[:12]}, so it did nothing there; name a merged commit")
    before = _since(since, commit) if since else _parent(commit)
    paths = branches.paths(ROOT, before, commit)
    subject = f"what was merged since {before[:12]}" if since else _subjects("--no-walk", commit)[commit]
    merged = Merged(commit, before, paths, subject, bool(since))
    facts, code = (tuple(filter(kind, paths)) for kind in (is_fact, is_code))
    if facts and code and not (since and any(map(stays, facts))):
        way = "by --change" if since else "by hand"
        raise Usage(f"{merged.title} changes {facts[0]} together with code, {code[0]}; take back each by itself, {way}")
    return merged


def _since(ref: str, commit: str) -> str:
    before = snapshot.commit_id(ROOT, ref)
    if not lineage.has(ROOT, commit, before):
        raise Usage(f"{before[:12]} is not behind {commit[:12]}; name a commit of main that is older, after --since")
    return before


def _parent(commit: str) -> str:
    try:
        return snapshot.commit_id(ROOT, f"{commit}^1")
    except NoHistory:
        raise Usage(f"{commit[:12]} is the first commit, and there is nothing before it to go back to") from None


def _subjects(*which: str) -> dict[str, str]:
    """Of these commits, each by its id, the newest first."""
    lines = log(ROOT, "%H %s", *which).decode(errors="replace").split("\n")
    return {commit: subject.strip() for commit, _, subject in (each.partition(" ") for each in lines) if commit}


# --- facts ------------------------------------------------------------------------------------------------------------


def _by_facts(task: Task) -> Done:
    """Raises NothingToUndo, Refused, ForgeError."""
    merged, found = task.merged, list[Undone]()
    changed, branch = (
        Changed(_facts(merged.before), _facts(merged.commit), ENVIRONMENT),
        merged.branch("releases/undo-"),
    )

    def verb(ground: Ground) -> Edits:
        found.append(undoing.undo(ground, changed, task.now, task.reason))
        return Edits(found[-1].edits, merged.summary, branch)

    why = f"{task.reason}\n\nTakes back what {merged.name} let reach more."
    status = write_all(verb, why, brake=True, **task.how)
    paths = tuple(sorted(edit.path for edit in found[-1].edits))
    return Done("facts", "", branch, paths, found[-1].remains, status)


def _rest(task: Task) -> Iterator[str]:
    """What of the change no line of a fact takes back, and is not as it was before it: what to do about it."""
    merged = task.merged
    differ = set(branches.paths(ROOT, merged.before, task.onto))
    left = [path for path in merged.paths if path in differ and not stays(path)]
    code = [path for path in left if is_code(path)]
    yield from (f"{path}: set it back by hand, if need be" for path in left if path not in code)
    if code:
        for commit, subject in _subjects("--first-parent", f"{merged.before}..{merged.commit}", "--", *code).items():
            yield f"the code of {commit[:12]} {one_line(subject)}: ./inv undo --change {commit[:12]}, if need be"


def _facts(commit: str) -> Facts:
    facts, problems = read(snapshot.at_commit(ROOT, commit))
    if facts is None:
        raise Refused(problems)
    return facts


# --- everything else --------------------------------------------------------------------------------------------------


def _by_a_revert(task: Task) -> Done:
    """Raises NothingToUndo, Refused, ForgeError, Usage."""
    here = _branch_here(task.how)
    merged, main, is_dry = task.merged, task.main, task.how["dry_run"]
    why = f"{task.reason}\n\nThis reverts {merged.name}."
    commit = _reverted(task, message(merged.summary, why) if main else f"{merged.summary}\n\n{why}\n")
    paths = branches.paths(ROOT, task.onto, commit)
    if not paths:
        raise NothingToUndo("everything is as it was before it")
    _refuse_what_is_wrong(task, commit, paths)
    out.print(f"reverts {merged.title}", markup=False)
    done = Done("revert", "", merged.branch("revert/"), paths)
    if main and not is_dry:
        return replace(done, status=propose(main, Change(done.branch, commit, merged.summary, why), task.now))
    show_all(task.onto, commit, paths)
    if is_dry:
        out.print(f"dry run: nothing was {'proposed' if main else 'committed'}")
    else:
        branches.advance(ROOT, merged.summary, Move(f"refs/heads/{here}", task.onto, commit))
        out.print(f"committed: {merged.summary}", markup=False)
    return done


def _branch_here(how: How) -> str | None:
    """The branch that would hold a commit. Raises Usage: there is none, or it was not said what is to be done."""
    if not any(how.values()):
        raise Usage("what is no line of a fact is taken back by a commit of its own; say --pr, --commit or --dry-run")
    here = snapshot.branch(ROOT)
    if how["commit"] and here is None:
        raise Usage(f"no branch is checked out here, so nothing would hold the commit; git switch {MAIN}, or say --pr")
    return here


def _reverted(task: Task, says: str) -> str:
    """Raises ForgeError: what it changed was changed again."""
    merged = task.merged
    try:
        return branches.reverted(ROOT, task.onto, merged.commit, merged.before, says)
    except Conflict as conflict:
        where = listed(conflict.paths) if conflict.paths else "its folders"
        raise ForgeError(f"{where} changed again since {merged.commit[:12]}; take it back there by hand") from None


def _refuse_what_is_wrong(task: Task, commit: str, paths: Sequence[str]) -> None:
    """Of facts that go back: what check says of them. Raises Refused."""
    if not any(map(is_fact, paths)):
        return
    base, files = (snapshot.at_commit(ROOT, each) for each in (task.onto, commit))
    facts, problems = examine(files, base, task.now)
    problems = (*problems, *stack_files(facts, lambda those: snapshot.at_commit(ROOT, commit, those)))
    if errors := tuple(each for each in problems if each.severity is Severity.error):
        raise Refused(errors)
