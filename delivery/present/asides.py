"""What a plan says besides who is offered something else: sections of plain lines, the same for all renderers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from delivery.present.words import counted, listed, moment, of_cohorts, targets, those, versions, waiting
from delivery.rules.brake import Ended
from delivery.rules.burden import Burden
from delivery.rules.catalog import Told
from delivery.rules.edges import Edges
from delivery.rules.flags import Edited, Variant
from delivery.rules.plan import Plan
from delivery.rules.promises import Crossing, Stuck
from delivery.rules.ranges import parse
from delivery.rules.visitors import Downloads, Newcomers

_MOST_NAMED = 12  # versions in a sentence


@dataclass(frozen=True, slots=True)
class Section:
    """A few lines under a title; `loud` ones are never folded away."""

    title: str
    lines: tuple[str, ...]
    loud: bool = True


def sections(plan: Plan) -> tuple[Section, ...]:
    """All that there is to say, in the order of how much it matters."""
    found = (
        Section("Who does not get on", tuple(_stuck(each, plan) for each in plan.stuck)),
        Section("The brake", tuple(map(_ended, plan.ended))),
        Section("Waiting", tuple(f"{waiting(each)}, {each.fact}" for each in plan.waiting)),
        Section("Blocks", tuple(line for each in plan.edges for line in _edges(each))),
        Section("Major versions", tuple(_crossing(each) for each in plan.crossings)),
        Section("New visitors", tuple(_newcomers(each, plan) for each in plan.newcomers)),
        Section("Downloads", tuple(_downloads(each) for each in plan.downloads)),
        Section("Flags", (*(_variant(each, plan) for each in plan.variants), *map(_rules_of_flag, plan.edited))),
        Section("Notices", tuple(_notice(*each, plan) for each in plan.notices)),
        Section("What it costs", tuple(_burden(each, plan) for each in plan.burdens)),
        Section("Those who asked to be ahead", tuple(_ahead(plan)), loud=False),
        Section("After a failed install", tuple(_failures(plan)), loud=False),
    )
    return tuple(section for section in found if section.lines)


def size(number: float) -> str:
    """1.2 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:,.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} TB"


def _ahead(plan: Plan) -> Iterator[str]:
    for each in those(plan.ahead, plan):
        yield f"{each.who}: {each.before} → {each.after}, {each.when}"


def _stuck(bar: Stuck, plan: Plan) -> str:
    where = targets(bar.cells, plan.cells.get(bar.channel, bar.cells))
    many, verb = counted(len(bar.versions), "version"), "wait" if bar.waits else "are stranded"
    return f"{bar.channel}, {where}: {many} ({_named(bar.versions)}) {verb}: {bar.reason}, {bar.fact}"


def _ended(halt: Ended) -> str:
    begins = f"the halt {halt.halt} ends, and from then on the facts speak"
    if halt.stays:
        return f"{begins}: they stop all of {halt.channel}"
    return f"{begins}: whatever else it holds may be offered again, which these facts cannot tell"


def _edges(block: Edges) -> Iterator[str]:
    """What a block means in versions that exist, pre-releases by name: each pair is in one line."""
    verb = {"block": "blocks", "warn": "warns of"}[block.effect]
    where = f" on {listed(block.targets)}" if block.targets else ""
    begins = f"{block.name} {verb if block.added else 'no longer ' + verb} {counted(block.count, 'update')}{where}"
    yield f"{begins}, from {block.source} to {block.to}"
    yield from (f"    from {_named(old)} to {_named(new)}" for old, new in block.pairs)


def _crossing(leap: Crossing) -> str:
    return f"{leap.channel}: {_named(leap.sources)} to {leap.version} in one leap, with no barrier between"


def _newcomers(new: Newcomers, plan: Plan) -> str:
    where = targets(new.cells, plan.cells[new.channel])
    place = new.channel if where == "all targets" else f"{new.channel}, {where}"
    before, after = new.before or "nothing", new.after or "nothing"
    if before == after:
        return f"{place}: {after}, as before"
    times = "at once" if new.since <= plan.now else f"from {moment(new.since, plan.offices)}"
    until = f" until {moment(new.until, plan.offices)}" if new.until else ""
    return f"{place}: {before} → {after}, {times}{until}"


def _downloads(files: Downloads) -> str:
    means = {"keep": "can be downloaded", "hide": "are not shown any more", "gone": "are gone (410)"}
    return f"the files of {files.version} {means[files.after]} (before: {files.before})"


def _variant(gets: Variant, plan: Plan) -> str:
    before, after = (each or "what the program does by itself" for each in (gets.before, gets.after))
    times = "at once" if gets.since <= plan.now else f"from {moment(gets.since, plan.offices)}"
    until = f" until {moment(gets.until, plan.offices)}" if gets.until else ""
    where = [listed(gets.channels), versions(gets.least, gets.below)]
    who = f"{', '.join(filter(None, where))}: {of_cohorts(gets.people)}"
    targeting = ", where its targeting says nothing else" if gets.is_targeted else ""
    return f"{gets.flag}, {who}: {before} → {after}, {times}{until}{targeting}"


def _rules_of_flag(flag: Edited) -> str:
    return f"{flag.flag}: its {listed(flag.parts)} changed, so a variant may mean something else, or go to others"


def _notice(before: Told | None, after: Told | None, plan: Plan) -> str:
    told = after or before
    assert told  # noqa: S101 - for the type checker: a notice is new, ended or both there
    verb = "is told to" if before is None else "is no longer told to" if after is None else "says something else to"
    reached = parse(told.versions).expand(plan.versions)
    who = f"{told.versions} ({_named(reached) if reached else 'none yet'}) on {listed(told.channels)}"
    since = "" if told.at <= plan.now else f", from {moment(told.at, plan.offices)}"
    ends = f", support ends {told.support_ends}" if told.support_ends else ""
    return f"{told.name} {verb} {who}{since}{ends}: {told.text}"


def _burden(cost: Burden, plan: Plan) -> str:
    many = f"{cost.installations:,.0f} installations" if cost.out_of is None else _share(cost)
    times = "at once" if cost.since <= plan.now else f"from {moment(cost.since, plan.offices)}"
    peak = f"{cost.peak:,.2g} downloads a second at the peak"
    return f"{cost.channel} {cost.version}, {times}: at most {many}, {size(cost.bytes)}, {peak}"


def _share(cost: Burden) -> str:
    return f"{cost.installations:,.0f} of {cost.out_of:,} installations"


def _failures(plan: Plan) -> Iterator[str]:
    """What becomes of installations that report a failed install: they are not counted among the others."""
    failed = dict.fromkeys(version for change in plan.changes for move in change.moves for version in move.unless)
    for version in failed:
        mine = [each for each in plan.after_failure if each.failed == version and not each.is_ahead]
        yield f"where {version} just failed{':' if mine else ', nothing changes'}"
        for each in those((replace(change, failed=None) for change in mine), plan):
            yield f"    {each.who}: {each.before} → {each.after}, {each.when}"


def _named(names: Sequence[str]) -> str:
    """All of them, or the first and the last and how many."""
    if len(names) <= _MOST_NAMED:
        return listed(names)
    return f"{', '.join(names[: _MOST_NAMED - 1])}, … {names[-1]} ({len(names):,} versions)"
