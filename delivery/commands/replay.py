"""One question to the facts of any commit, as of any moment: what `explain` and `blame` have in common.

Facts come from git objects and are decided by today's code. Nothing is checked again: what was merged was live, even
where a rule that came later would refuse it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.commands.desk import ROOT, Usage, moment, whole
from delivery.history import mainline, snapshot
from delivery.history.git import NoHistory
from delivery.rules.assemble import assemble
from delivery.rules.compile import Table, compile
from delivery.rules.decide import Request, bundle_for
from delivery.rules.facts import Facts
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem, Refused
from delivery.rules.read import read


@dataclass(frozen=True, slots=True)
class Past:
    """The facts of a commit, and the moment to ask them about."""

    commit: str
    now: datetime
    facts: Facts
    table: Table


def past(ref: str, at: str, environment: str = "laptop") -> Past:
    """What --commit and --at mean.

    --commit alone: those facts, now. --at alone: the facts that were live at that moment, which is the newest commit
    of HEAD's first-parent line not after it; in the future that is HEAD. Both: those facts, at that moment, whether
    or not they were live then.

    Raises Usage, Refused where the facts of HEAD cannot be read, and NoHistory, also where older ones cannot.
    """
    now = moment(at) if at else datetime.now(UTC)
    commit = mainline.as_of(ROOT, "HEAD", now) if at and not ref else snapshot.commit_id(ROOT, ref or "HEAD")
    facts, problems = read(snapshot.at_commit(ROOT, commit))
    if facts is None:
        raise Refused(problems) if commit == snapshot.commit_id(ROOT, "HEAD") else _unread(commit, problems)
    return Past(commit, now, facts, compile(assemble(facts, environment)))


def _unread(commit: str, problems: tuple[Problem, ...]) -> NoHistory:
    own = f"git worktree add ../{commit[:12]} {commit[:12]}"
    return NoHistory(
        f"the facts of {commit[:12]} are not as today's code reads them: {problems[0]}\n"
        f"ask that commit's own code: {own}, then type this there"
    )


def request(
    table: Table,
    channel: str,
    target: str,
    version: str,
    cohort: str = "",
    bundle: str = "",
    manual: bool = False,
    failed: str = "",
    os: str = "",
    accepts: str = "",
) -> Request:
    """What an installation would send. Raises Usage, naming what there is instead, or NotAVersion."""
    known = table.targets.get(target)
    if known is None:
        raise Usage(f"there is no target {target}; there are {', '.join(table.targets)}")
    _refuse_unknown(channel, table.channels)
    chosen = bundle_for(known, bundle or None)
    if chosen is None:
        raise Usage(f"{target} has no bundle {bundle} that is updated; it has {', '.join(known.updates)}")
    precedence(version)
    number = whole(cohort, "--cohort", 0, 999) if cohort else None
    able = frozenset(word for word in accepts.split(",") if word)
    return Request(channel, target, chosen, version, number, manual, failed or None, os or None, able)


def channel_of(facts: Facts, name: str) -> str:
    """A channel that was typed. Raises Usage."""
    _refuse_unknown(name, facts.channels)
    return name


def _refuse_unknown(channel: str, channels: Mapping[str, object] | frozenset[str]) -> None:
    if channel.removesuffix("-next") not in channels and channel not in channels:
        raise Usage(f"there is no channel {channel}; there are {', '.join(sorted(channels))}")
