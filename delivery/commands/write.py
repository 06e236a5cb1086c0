"""What every verb does with its edits: prove them, check, show them with their plan; stage, commit or propose them.

Most make one, of one file; one that makes more makes each on the facts that the one before leaves.

Nothing is written when anything is refused. What was wrong before refuses a verb that offers something, and is only
told by one that takes away: a brake must work on a red day, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Unpack

from delivery.commands.desk import ROOT, Usage, base, err, out, put, worktree
from delivery.commands.hand_over import EITHER, How, hand_over, refuse_if_changed
from delivery.commands.propose import Main, branch, changed, on_main, propose, show
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.present import terminal
from delivery.proposals.standing import ENVIRONMENT
from delivery.rules.assemble import assemble
from delivery.rules.edit import Edit, Ground
from delivery.rules.facts import Facts
from delivery.rules.plan import Plan, plan
from delivery.rules.problem import Problem, Refused, Severity
from delivery.rules.read import File, read

Verb = Callable[[Ground], Edit]


@dataclass(frozen=True, slots=True)
class Stand:
    """What the verbs stand on, and the problems of files that could not be read as they lie here."""

    ground: Ground
    unreadable: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of one change, at least one; the subject of its commit, and the branch that it is proposed on."""

    edits: tuple[Edit, ...]
    summary: str
    branch: str

    @property
    def last(self) -> Edit:
        """Whose facts are those of all of them, and whose problems, too."""
        return self.edits[-1]

    @property
    def paths(self) -> set[str]:
        """The files that change."""
        return {edit.path for edit in self.edits}


def stand(now: datetime) -> Stand:
    """The facts as they lie here; a file that cannot be read is taken as HEAD has it. Raises Refused."""
    files = worktree()
    facts, problems = read(files)
    if facts is None:
        files = _mended(files, {problem.path for problem in problems})
        facts, _ = read(files)
    return _stand(files, facts, problems, _base(), now)


def write(verb: Verb, why: str, *, brake: bool = False, **how: Unpack[How]) -> int:
    """Make the edit, show it and what it does to users, and write or propose it. `brake`: it only takes away.

    Raises Refused.
    """

    def one(ground: Ground) -> Edits:
        edit = verb(ground)
        return Edits((edit,), edit.summary, branch(edit.summary, edit.path))

    return write_all(one, why, brake=brake, **how)


def write_all(verb: Callable[[Ground], Edits], why: str, *, brake: bool = False, **how: Unpack[How]) -> int:
    """The same with several edits, as one change. Raises Refused."""
    if how["commit"] and how["pr"]:
        raise Usage(EITHER)
    now = datetime.now(UTC)
    main = on_main() if how["pr"] else None
    on = _stand_on(main, now) if main else stand(now)
    made = verb(on.ground)
    errors = (*on.unreadable, *(each for each in made.last.problems if each.severity is Severity.error))
    if errors and (not brake or made.paths & {problem.path for problem in on.unreadable}):
        raise Refused(errors)
    for edit in made.edits if how["commit"] else ():
        refuse_if_changed(edit.path, edit.before)
    if main and not how["dry_run"]:
        _judge(made, errors)
        _planned(on.ground, made, brake)
        files = {edit.path: edit.after for edit in made.edits}
        return propose(main, changed(main, made.branch, files, made.summary, why), now)
    for edit in made.edits:
        show(edit.path, edit.before, edit.after)
    _judge(made, errors)
    if planned := _planned(on.ground, made, brake):
        out.print(terminal.plan(planned))
    if how["dry_run"]:
        out.print(f"dry run: nothing was {'proposed' if main else 'written'}")
        return 0
    for edit in made.edits:
        _write(edit)
    written = {edit.path: edit.before is None for edit in made.edits}
    return hand_over(written, made.summary, why, commit=how["commit"])


def _stand_on(main: Main, now: datetime) -> Stand:
    """The facts as the forge's main has them, whatever lies here. Raises Refused."""
    files = main.files()
    facts, problems = read(files)
    return _stand(files, facts, problems, facts, now)


def _stand(
    files: Mapping[str, File], facts: Facts | None, problems: tuple[Problem, ...], base: Facts | None, now: datetime
) -> Stand:
    if facts is None:
        raise Refused(problems)
    errors = tuple(problem for problem in problems if problem.severity is Severity.error)
    return Stand(Ground(facts, files, now, base), errors)


def _mended(files: Mapping[str, File], broken: set[str]) -> Mapping[str, File]:
    """With HEAD's version of what cannot be read, and without what HEAD does not have."""
    merged = snapshot.at_commit(ROOT, "HEAD")
    return {path: data for path in {**files, **merged} if (data := (merged if path in broken else files).get(path))}


def _base() -> Facts | None:
    """What the facts here will be merged onto, if that can be told."""
    try:
        return read(base("")[1])[0]
    except NoHistory:
        return None


def _judge(made: Edits, errors: tuple[Problem, ...]) -> None:
    """What check says of the files that change; and what was wrong before, that did not stand in a brake's way."""
    warnings = [each for each in made.last.problems if each.severity is Severity.warning and each.path in made.paths]
    for warning in warnings:
        out.print(str(warning), style="yellow", markup=False)
    if errors:
        err.print(terminal.problems(errors))
        err.print("these were there before, and do not hold up what takes away; see ./inv check", markup=False)
    if warnings or errors:
        out.print()


def _planned(ground: Ground, made: Edits, brake: bool) -> Plan | None:
    """Who is offered something else. Raises Refused where that cannot be told, unless it only takes away."""
    try:
        before, after = assemble(ground.facts, ENVIRONMENT), assemble(made.last.facts, ENVIRONMENT)
    except Refused as refused:
        if not brake:
            raise
        err.print(terminal.problems(refused.problems))
        err.print("so there is no plan to show", markup=False)
        return None
    return plan(before, after, ground.now, made.last.facts.policy.value)


def _write(edit: Edit) -> None:
    file = ROOT / edit.path
    file.parent.mkdir(parents=True, exist_ok=True)
    put(file, edit.after)
