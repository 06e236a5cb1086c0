"""undo: the reverse of what a merged change did, as one change more: facts that take back, or files as they were.

Facts are never taken out again: what reached more is held or stopped (`rules.undo`). Code, and facts that are edited as
policy is, are reverted as git does it, without a work tree.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Unpack

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
from delivery.rules.undo import Changed, NothingToUndo, Undone, stays


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged change: its commit, the one before it on main, the files in which they differ, and what it is called."""

    commit: str
    before: str
    paths: tuple[str, ...]
    subject: str

    @property
    def summary(self) -> str:
        """What the commit is called that takes it back."""
        return f'Undo "{one_line(self.subject)}"'


@dataclass(slots=True)
class Done:
    """What came of it: what takes it back (`facts`, `revert` or nothing, for the reason in `says`), and what stays."""

    by: str = ""
    says: str = ""
    branch: str = ""
    paths: tuple[str, ...] = ()
    remains: tuple[str, ...] = ()
    status: int = 0


@command
def undo(change: str, reason: str, *, as_json: bool, **how: Unpack[How]) -> int:
    """Take a merged change back. Raises Refused, ForgeError, NoHistory."""
    if how["commit"] and how["pr"]:
        raise Usage(EITHER)
    main, now = on_main() if how["pr"] else None, datetime.now(UTC).replace(microsecond=0)
    onto = main.commit if main else snapshot.commit_id(ROOT, "HEAD")
    merged = _merged(change or "HEAD", onto)
    done = Done()
    with out.capture() if as_json else contextlib.nullcontext():
        try:
            if any(stays(path) for path in merged.paths):
                _by_facts(merged, reason, now, done, how)
            else:
                _by_a_revert(merged, reason, main, onto, now, done, how)
        except NothingToUndo as nothing:
            done.by, done.says = "", str(nothing)
            out.print(f"{merged.commit[:12]}: nothing to undo: {nothing}", markup=False)
    for each in done.remains:
        err.print(f"not taken back: {each}", markup=False)
    if as_json:
        print_json(_machine(merged, done))
    return done.status


def _merged(ref: str, onto: str) -> Merged:
    """Raises Usage: it is not on main, or there is nothing to go back to."""
    commit = snapshot.commit_id(ROOT, ref)
    name = commit[:12]
    if not lineage.has(ROOT, onto, commit):
        raise Usage(f"{name} is not behind {onto[:12]}, so it did nothing there; name a merged commit")
    try:
        before = snapshot.commit_id(ROOT, f"{commit}^1")
    except NoHistory:
        raise Usage(f"{name} is the first commit, and there is nothing before it to go back to") from None
    paths = branches.paths(ROOT, before, commit)
    facts, code = (tuple(filter(kind, paths)) for kind in (is_fact, is_code))
    if facts and code:
        raise Usage(f"{name} changes {facts[0]} together with code, {code[0]}; take back each by itself, by hand")
    return Merged(commit, before, paths, log(ROOT, "%s", "--no-walk", commit).decode(errors="replace").strip())


# --- facts ------------------------------------------------------------------------------------------------------------


def _by_facts(merged: Merged, reason: str, now: datetime, done: Done, how: How) -> None:
    """Raises NothingToUndo, Refused, ForgeError."""
    changed = Changed(_facts(merged.before), _facts(merged.commit), ENVIRONMENT)
    others = tuple(f"{path}: set it back by hand, if need be" for path in merged.paths if not stays(path))

    def verb(ground: Ground) -> Edits:
        found: Undone = undoing.undo(ground, changed, now, reason)
        done.by, done.branch, done.remains = "facts", f"releases/undo-{merged.commit[:12]}", (*found.remains, *others)
        edits = Edits(found.edits, merged.summary, done.branch)
        done.paths = tuple(sorted(edits.paths))
        return edits

    why = f"{reason}\n\nTakes back what commit {merged.commit} let reach more."
    done.status = write_all(verb, why, brake=True, **how)


def _facts(commit: str) -> Facts:
    facts, problems = read(snapshot.at_commit(ROOT, commit))
    if facts is None:
        raise Refused(problems)
    return facts


# --- everything else --------------------------------------------------------------------------------------------------


def _by_a_revert(
    merged: Merged, reason: str, main: Main | None, onto: str, now: datetime, done: Done, how: How
) -> None:
    """Raises NothingToUndo, Refused, ForgeError, Usage."""
    if not any(how.values()):
        raise Usage("what is no line of a fact is taken back by a commit of its own; say --pr, --commit or --dry-run")
    branch = snapshot.branch(ROOT)
    if how["commit"] and branch is None:
        raise Usage(f"no branch is checked out here, so nothing would hold the commit; git switch {MAIN}, or say --pr")
    why = f"{reason}\n\nThis reverts commit {merged.commit}."
    says = message(merged.summary, why) if main else f"{merged.summary}\n\n{why}\n"
    try:
        commit = branches.reverted(ROOT, onto, merged.commit, merged.before, says)
    except Conflict as conflict:
        where = listed(conflict.paths) if conflict.paths else "its folders"
        raise ForgeError(f"{where} changed again since {merged.commit[:12]}; take it back there by hand") from None
    paths = branches.paths(ROOT, onto, commit)
    if not paths:
        raise NothingToUndo("everything is as it was before it")
    _refuse_what_is_wrong(onto, commit, paths, now)
    done.by, done.branch, done.paths = "revert", f"revert/{merged.commit[:12]}", paths
    if main and not how["dry_run"]:
        done.status = propose(main, Change(done.branch, commit, merged.summary, why), now)
        return
    show_all(onto, commit, paths)
    if how["dry_run"]:
        out.print(f"dry run: nothing was {'proposed' if main else 'committed'}")
        return
    branches.advance(ROOT, merged.summary, Move(f"refs/heads/{branch}", onto, commit))
    out.print(f"committed: {merged.summary}", markup=False)


def _refuse_what_is_wrong(onto: str, commit: str, paths: Sequence[str], now: datetime) -> None:
    """Of facts that go back: what check says of them. Raises Refused."""
    if not any(map(is_fact, paths)):
        return
    base, files = (snapshot.at_commit(ROOT, each) for each in (onto, commit))
    facts, problems = examine(files, base, now)
    problems = (*problems, *stack_files(facts, lambda those: snapshot.at_commit(ROOT, commit, those)))
    if errors := tuple(each for each in problems if each.severity is Severity.error):
        raise Refused(errors)


def _machine(merged: Merged, done: Done) -> dict[str, Any]:
    """For machines. Keys are added, never renamed or removed."""
    return {
        "commit": merged.commit,
        "subject": merged.subject,
        "by": done.by or None,
        "says": done.says,
        "branch": done.branch,
        "paths": list(done.paths),
        "remains": list(done.remains),
        "status": done.status,
    }
