"""check, plan, explain: what the facts of this checkout say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from delivery.commands.desk import ROOT, Usage, base, command, machine, moment, out, print_json, whole, worktree
from delivery.deploy import steps
from delivery.history import blame, snapshot
from delivery.present import markdown, terminal
from delivery.rules.decide import Request, bundle_for
from delivery.rules.explain import Explanation, explanation
from delivery.rules.facts import Environment, Facts
from delivery.rules.problem import Problem, Severity
from infra import config as stack_file


@command
def check(ref: str, as_json: bool) -> int:
    """Every problem of facts and stack files at once; 1 if any refuses the change."""
    _, before = base(ref)
    facts, problems = steps.examine(worktree(), before, datetime.now(UTC))
    found = tuple(sorted((*problems, *_stack_files(facts))))
    if as_json:
        print_json(machine.problems(found))
    else:
        out.print(terminal.problems(found))
    return 1 if any(problem.severity is Severity.error for problem in found) else 0


@command
def plan(ref: str, environment: str, as_markdown: bool, as_json: bool) -> int:
    """Who is offered something else than by the base."""
    now = datetime.now(UTC)
    commit, files = base(ref)
    before = steps.prepare(files, files, _known(environment), now)
    after = steps.prepare(worktree(), files, environment, now)
    made = steps.compare(before, after, now)
    if as_json:
        print_json(machine.plan(made))
    elif as_markdown:
        print(markdown.comment(made, base=commit, head=snapshot.commit_id(ROOT, "HEAD")), end="")
    else:
        out.print(terminal.plan(made))
    return 0


@command
def explain(
    channel: str,
    target: str,
    version: str,
    cohort: str,
    bundle: str,
    manual: bool,
    failed: str,
    ref: str,
    at: str,
    as_json: bool,
) -> int:
    """What an installation is offered, why, and who wrote the lines that decided it."""
    now = moment(at) if at else datetime.now(UTC)
    files = snapshot.at_commit(ROOT, ref)
    prepared = steps.prepare(files, files, "laptop", now)
    known = prepared.table.targets.get(target)
    if known is None:
        raise Usage(f"there is no target {target}; there are {', '.join(prepared.table.targets)}")
    if channel not in prepared.table.channels:
        raise Usage(f"there is no channel {channel}; there are {', '.join(sorted(prepared.table.channels))}")
    chosen = bundle_for(known, bundle or None)
    if chosen is None:
        raise Usage(f"{target} has no bundle {bundle} that is updated; it has {', '.join(known.updates)}")
    number = whole(cohort, "--cohort", 0, 999) if cohort else None
    request = Request(channel, target, chosen, version, number, manual, failed or None)
    said = explanation(prepared.table, request, now)
    commits = _commits(said, ref)
    if as_json:
        print_json(machine.explanation(said, commits))
    else:
        out.print(terminal.explanation(said, commits))
    return 0


def _commits(said: Explanation, ref: str) -> Mapping[str, str]:
    """path:line -> the commit that wrote it, for each line that decided something."""
    commits = {}
    for fact in {finding.fact for finding in said.findings}:
        path, _, line = fact.rpartition(":")
        commits[fact] = blame.line_commit(ROOT, ref, path, int(line))
    return commits


def _stack_files(facts: Facts | None) -> tuple[Problem, ...]:
    """The problems of Pulumi.<environment>.yaml of each environment: of those there can be, if facts cannot say."""
    environments = facts.product.value.environments if facts else get_args(Environment)
    paths = [stack_file.path(environment) for environment in environments]
    files = snapshot.in_worktree(ROOT, paths)
    absent = [path for path in paths if path not in files] if facts else []
    missing = [Problem(path, 0, "", "is missing", "restore it from git") for path in absent]
    return (*missing, *(problem for path, data in files.items() for problem in stack_file.read(path, data)[1]))


def _known(environment: str) -> str:
    """The environment, if there is one of this name. Raises Usage."""
    known = get_args(Environment)
    if environment not in known:
        raise Usage(f"there is no environment {environment}; there are {', '.join(known)}")
    return environment
