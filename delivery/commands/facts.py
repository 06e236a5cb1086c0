"""check, plan, explain: what the facts of this checkout say."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from delivery.commands import across
from delivery.commands.brake import under_the_brake
from delivery.commands.desk import ROOT, Usage, base, command, machine, out, print_json, save, worktree
from delivery.commands.replay import past, request
from delivery.commands.stack_files import stack_files
from delivery.deploy import steps
from delivery.history import blame, code, features, snapshot
from delivery.history.git import git
from delivery.present import markdown, terminal
from delivery.rules.approvals import Needed, mixed, needed
from delivery.rules.brake import halt_of
from delivery.rules.checks.change import few
from delivery.rules.explain import Explanation, explanation
from delivery.rules.problem import Severity
from delivery.rules.read import read
from delivery.rules.shapes import Environment
from delivery.site import check as site


@command
def check(ref: str, as_json: bool) -> int:
    """Every problem of facts, stack files and the site's content at once; 1 if any refuses the change.

    Against a named base it is a pull request's check: it also says which approvals are needed, and why, and refuses
    facts and code in one change, and facts that the base's endpoint does not understand.
    """
    commit, before = base(ref)
    now = datetime.now(UTC)
    facts, problems = steps.examine(worktree(), before, now, features.understood(ROOT, commit) if ref else None)
    paths = _changed(commit) if ref else ()
    stacks = stack_files(facts, lambda paths: snapshot.in_worktree(ROOT, paths))
    pages = site.check(snapshot.in_worktree(ROOT, site.PATHS), now)
    found = tuple(sorted((*problems, *stacks, *pages, *mixed(paths))))
    merged = read(before)[0] if ref else None
    needs = needed(facts, merged, now, paths) if facts and merged else None
    if as_json:
        print_json({**machine.problems(found), **({"approvals": asdict(needs)} if needs else {})})
    else:
        out.print(terminal.problems(found))
        _say_needed(needs)
    return 1 if any(problem.severity is Severity.error for problem in found) else 0


def _changed(commit: str) -> tuple[str, ...]:
    """The paths in which the work tree differs from this commit, with what is new and not ignored."""
    listed = git(ROOT, "diff", "--name-only", "-z", commit) + git(
        ROOT, "ls-files", "-z", "--others", "--exclude-standard"
    )
    return tuple(sorted({path.decode(errors="replace") for path in listed.split(b"\0") if path}))


def _say_needed(needs: Needed | None) -> None:
    if needs is None:
        return
    out.print(f"needs {needs.count} approval{'s' if needs.count > 1 else ''}:", style="bold")
    for reason in needs.why:
        out.print(f"  {reason}", markup=False)
    if needs.owners:
        out.print(f"  the owners of {few(needs.owners)} must be among them", markup=False)


@command
def plan(ref: str, environment: str, catalogs: str, as_markdown: bool, as_json: bool) -> int:
    """Who is offered something else than by the base; where rules or endpoint changed too, by the base's own code."""
    now = datetime.now(UTC)
    commit, files = base(ref)
    before = steps.prepare(files, files, _known(environment), now)
    after = steps.prepare(worktree(), files, environment, now)
    if catalogs:
        _write(catalogs, {"base.json": before.data, "head.json": after.data})
    name = code.code_hash(ROOT, "HEAD")
    made = steps.compare(before, after, now, name, across.answers(commit, files, environment, before, after, now))
    if as_json:
        print_json(machine.plan(made))
    elif as_markdown:
        print(markdown.comment(made, base=commit, head=snapshot.commit_id(ROOT, "HEAD")), end="")
    else:
        out.print(terminal.plan(made))
    return 0


def _write(folder: str, files: Mapping[str, bytes]) -> None:
    """Into a folder, which is made. Raises Usage."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Usage(f"{folder} is no folder to write to: {error.strerror}; name another") from None
    for name, data in files.items():
        save(f"{folder}/{name}", data)


@command
def explain(
    channel: str,
    target: str,
    version: str,
    cohort: str,
    bundle: str,
    manual: bool,
    failed: str,
    os: str,
    accepts: str,
    environment: str,
    ref: str,
    at: str,
    as_json: bool,
) -> int:
    """What an installation is offered, why, and who wrote the lines that decided it."""
    asked, held = under_the_brake(past(ref, at), environment, then=bool(ref or at))
    wanted = request(asked.table, channel, target, version, cohort, bundle, manual, failed, os, accepts)
    said = explanation(asked.table, wanted, asked.now)
    commits = _commits(said, asked.commit)
    if as_json:
        print_json({**machine.explanation(said, commits), "commit": asked.commit, "brake": held.machine()})
    else:
        out.print(terminal.explanation(said, commits))
        out.print(f"by the facts of {asked.commit[:12]}; {held.said}", style="dim", markup=False)
    return 0


def _commits(said: Explanation, ref: str) -> Mapping[str, str]:
    """path:line -> the commit that wrote it, for each line that decided something."""
    commits = {}
    for fact in (fact for fact in {*said.chain, *(each.fact for each in said.findings)} if not halt_of(fact)):
        path, _, line = fact.rpartition(":")
        commits[fact] = blame.line_commit(ROOT, ref, path, int(line))
    return commits


def _known(environment: str) -> str:
    """The environment, if there is one of this name. Raises Usage."""
    known = get_args(Environment)
    if environment not in known:
        raise Usage(f"there is no environment {environment}; there are {', '.join(known)}")
    return environment
