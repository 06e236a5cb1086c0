"""Where a proposal stands: what merging it onto main as it is now does, who agreed to that, and what is still missing.

The code that runs here judges the proposal's data, and nothing of the proposal's own code runs. So a proposal that
changes how approvals count, or who owns what, is counted as main counts.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from delivery.history import features, snapshot
from delivery.history.code import code_hash
from delivery.history.git import git
from delivery.present.words import counted, listed, problems_count
from delivery.proposals import branches
from delivery.proposals.authors import authors
from delivery.proposals.evidence import evidence
from delivery.proposals.forge import Approval, Forge, Proposal, State
from delivery.proposals.owners import CODEOWNERS, Covers, Owned, owned, uncovered
from delivery.rules.announce import Announcement, coming
from delivery.rules.approvals import Needed, blind, mixed, needed
from delivery.rules.checks.change import few
from delivery.rules.facts import Facts
from delivery.rules.plan import Plan
from delivery.rules.prepare import built, compare, examine
from delivery.rules.problem import Problem, Refused, Severity
from delivery.rules.read import File, read
from delivery.rules.strays import twins

ENVIRONMENT = "laptop"  # whose plan is shown: its keys are trusted wherever the repository is

_NAMED = re.compile(r"plan ([0-9a-f]{12}|none)")

Files = Callable[[Sequence[str]], Mapping[str, File]]  # those of these paths, or below them
Beside = Callable[[Facts | None, Files, Sequence[str]], Iterable[Problem]]
Pages = Callable[[Files, Files], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """See the module. `missing` are sentences; without any it may be merged.

    `result` is the merge commit that all of it is about, which no ref names; None where main is in the way. `plan` is
    None where check refuses the change or main's facts cannot be read, `needed` where the change's own cannot. `paths`
    are those that merging changes, `given` the approvals that count, `announced` what the world is told once it is
    live, and `pages` what people will read on the site.
    """

    main: str
    result: str | None
    paths: tuple[str, ...]
    plan: Plan | None
    problems: tuple[Problem, ...]
    evidence: tuple[str, ...]
    needed: Needed | None
    given: tuple[Approval, ...]
    missing: tuple[str, ...]
    announced: tuple[Announcement, ...] = ()
    pages: tuple[str, ...] = ()


def standing(
    repo: Path,
    forge: Forge,
    proposal: Proposal,
    now: datetime,
    *,
    beside: Beside = lambda _facts, _files, _paths: (),
    pages: Pages = lambda _before, _after: (),
) -> Standing:
    """Where it stands now. `beside` says what check finds that is no fact, given facts, how to read other files, and
    the paths that merging changes; `pages` what it does to pages of the site, given how to read main's and its own.

    Raises ForgeError, NoHistory.
    """
    main = forge.main()
    made_by = authors(repo, main, forge, proposal)
    approvals = forge.approvals(proposal.number)
    try:
        result = branches.merge_result(repo, main, proposal.head, f"Merge proposal {proposal.number}")
    except branches.Conflict as conflict:
        given = counting(made_by, approvals, proposal.head, None)
        return Standing(main, None, (), None, (), (), None, given, (str(conflict),))
    paths = branches.paths(repo, main, result)
    base, files = (snapshot.at_commit(repo, commit) for commit in (main, result))
    before, (after, found) = read(base)[0], examine(files, base, now, features.understood(repo, main))
    own: Files = partial(snapshot.at_commit, repo, result)
    found = (*found, *beside(after, own, paths), *mixed(paths))
    found = (*found, *twins(_tree(repo, result)))
    made, refused = _plan(before, after, now, code_hash(repo, result), found)
    problems = tuple(sorted({*found, *refused}))
    needs = _needed(before, after, now, paths)
    those = owned(_owners(repo, main), paths)
    given, missing = judge(made_by, approvals, proposal.head, needs, those, forge.covers, made)
    first = tuple(_in_the_way(proposal, paths, problems))
    seen = evidence(before, after) if before and after else ()
    told = _announced(before, after, now) if made else ()
    read_there = pages(partial(snapshot.at_commit, repo, main), own)
    return Standing(main, result, paths, made, problems, seen, needs, given, (*first, *missing), told, read_there)


def judge(
    made_by: Collection[str],
    approvals: Sequence[Approval],
    head: str,
    needed: Needed | None,
    those: Sequence[Owned],
    covers: Covers,
    plan: Plan | None = None,
) -> tuple[tuple[Approval, ...], tuple[str, ...]]:
    """The approvals that count, and what is missing besides them. `made_by` are all who had a hand in the change."""
    given = counting(made_by, approvals, head, plan)
    if needed is None:
        return given, ("what it needs cannot be told before its facts can be read and make a catalog",)
    missing: list[str] = []
    if (short := needed.count - len(given)) > 0:
        others = "".join(f"; {each}" for each in _uncounted(made_by, approvals, head, given))
        missing.append(f"{counted(short, 'more approval')} of {head[:12]}{others}")
    absent = uncovered(those, [approval.by for approval in given], covers)
    missing.extend("; ".join((_owner(each), *each.untold)) for each in absent)
    return given, tuple(missing)


def _owner(absent: Owned) -> str:
    return f"the approval of {' or '.join(absent.owners)} for {few(absent.paths)}"


def counting(
    made_by: Collection[str], approvals: Sequence[Approval], head: str, plan: Plan | None
) -> tuple[Approval, ...]:
    """The approvals of exactly this commit by people who did not make it, one each. Logins have no case.

    One that names a plan is of that plan alone; `plan` is what it does now, None where nobody can tell.
    """
    own = {name.casefold() for name in made_by}
    found: dict[str, Approval] = {}
    for approval in approvals:
        named = _NAMED.fullmatch(approval.says)
        of_this = approval.head == head and (named is None or named[0] == naming(plan))
        if of_this and approval.by.casefold() not in own:
            found.setdefault(approval.by.casefold(), approval)
    return tuple(found.values())


def naming(plan: Plan | None) -> str:
    """How an approval names the plan that was read."""
    return f"plan {plan.hash[:12] if plan else 'none'}"


def _uncounted(
    made_by: Collection[str], approvals: Sequence[Approval], head: str, given: Sequence[Approval]
) -> Iterator[str]:
    """Why others' words do not count."""
    own, counted_ = ({name.casefold() for name in names} for names in (made_by, (each.by for each in given)))
    others = {each.by.casefold(): each.by for each in approvals if each.by.casefold() not in counted_}
    if mine := sorted(name for key, name in others.items() if key in own):
        yield f"{listed(mine)} had a hand in it, and nobody approves their own"
    seen = {each.by.casefold() for each in approvals if each.head == head}
    if moved := sorted(name for key, name in others.items() if key not in own and key in seen):
        yield f"{listed(moved)} approved another plan"
    if stale := sorted(name for key, name in others.items() if key not in own and key not in seen):
        yield f"{listed(stale)} approved another commit"


def _in_the_way(proposal: Proposal, paths: Sequence[str], problems: Sequence[Problem]) -> Iterator[str]:
    if proposal.state is not State.open:
        yield f"it is {proposal.state}, so nothing becomes of it any more"
    elif not paths:
        yield "main has all of it already"
    if errors := [each for each in problems if each.severity is Severity.error]:
        yield f"check refuses it: {problems_count(errors)}"


def _plan(
    before: Facts | None, after: Facts | None, now: datetime, code: str, found: Sequence[Problem]
) -> tuple[Plan | None, tuple[Problem, ...]]:
    """What it does to users; or nothing, and why no catalog can be made. What is wrong on main stops no mending."""
    if after is None or any(each.severity is Severity.error for each in found):
        return None, ()
    try:
        made = built(after, ENVIRONMENT)
    except Refused as refused:
        return None, refused.problems
    with suppress(Refused):
        if before:
            return compare(built(before, ENVIRONMENT), made, now, code), ()
    return None, ()


def _needed(before: Facts | None, after: Facts | None, now: datetime, paths: Sequence[str]) -> Needed | None:
    if after is None:
        return None
    return (before and needed(after, before, now, paths)) or blind(after, before, paths)


def _tree(repo: Path, commit: str) -> list[str]:
    """All paths of this commit, folders too."""
    listed = git(repo, "ls-tree", "-rtz", "--name-only", "--full-tree", commit)
    return listed.decode(errors="surrogateescape").split("\0")[:-1]


def _announced(before: Facts | None, after: Facts | None, now: datetime) -> tuple[Announcement, ...]:
    """Of facts of which there is a plan."""
    if before is None or after is None:
        return ()
    return coming((before, built(before, ENVIRONMENT).table), (after, built(after, ENVIRONMENT).table), now)


def _owners(repo: Path, main: str) -> str:
    return snapshot.at_commit(repo, main, [CODEOWNERS]).get(CODEOWNERS, b"").decode(errors="replace")
