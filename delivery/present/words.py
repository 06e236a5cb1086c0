"""The words that all renderers share: values of `rules` in, plain English out. Knows no medium."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from delivery.rules.announce import Announcement
from delivery.rules.compare import Accepts, Asks, Change, Move, Systems
from delivery.rules.compile import COHORTS
from delivery.rules.decide import Offer, Request
from delivery.rules.explain import Explanation
from delivery.rules.plan import Effect, Plan, Wait
from delivery.rules.precedence import precedence, spelled, successor
from delivery.rules.problem import Problem, Severity

EFFECTS = {
    Effect.none: "nobody is offered anything else",
    Effect.narrower: "proved narrower: nobody gets a version that was not open to everyone before",
    Effect.next_step: "the next step of a rollout, by its pass",
    Effect.wider: "wider: someone gets a version that was not open to everyone before",
}

Cells = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Population:
    """One line of a plan: who they are, what they were and will be offered, and when."""

    who: str  # stable, all targets, below 1.4.0: cohorts in 10-25 % (150 of 1,000)
    before: str
    after: str
    when: str
    clients: str  # the parts of `who`, for tables
    people: str
    channel: str


def populations(plan: Plan) -> tuple[Population, ...]:
    """Every population that gets something else, as a person would name it: installations as they are."""
    return those(plan.changes, plan)


def those(changes: Iterable[Change], plan: Plan) -> tuple[Population, ...]:
    """The same for any changes of a plan."""
    found = []
    for change in changes:
        where = f"{change.channel}, {targets(change.cells, plan.cells[change.channel])}"
        for moves in _alike(change.moves):
            clients = f"{where}, {versions(moves[0].clients.least, moves[-1].clients.below)}"
            before = _answers([_offered(move.before, move.warned) for move in moves])
            after = _answers([_offered(move.after, move.warnings, move.back) for move in moves])
            who = f"{clients}: {people(change)}"
            times = when(change, plan.now, plan.offices)
            found.append(Population(who, before, after, times, clients, people(change), change.channel))
    return tuple(found)


def targets(cells: Cells, all_: Cells) -> str:
    """Which of a channel's targets and bundles; a target alone where all its bundles are meant."""
    if set(cells) == set(all_):
        return "all targets"
    names = []
    for target in sorted({target for target, _ in cells}):
        mine, every = ([bundle for each, bundle in side if each == target] for side in (cells, all_))
        names.append(target if len(mine) == len(every) else f"{target} ({listed(sorted(mine))})")
    return listed(names)


def people(change: Change) -> str:
    """Which installations, out of 1,000 cohorts and those that send none."""
    kind = {Asks.any: "", Asks.automatic: ", automatic checks", Asks.manual: ", only when they check by hand"}
    accepts = {Accepts.any: "", Accepts.downgrade: ", if they accept a downgrade", Accepts.updates: ""}
    failed = f", where {change.failed} just failed" if change.failed else ""
    systems = f", on {_systems(change.systems)}" if change.systems else ""
    return _cohorts(change) + systems + kind[change.asks] + accepts[change.accepts] + failed


def when(change: Change, now: datetime, offices: Mapping[str, str] | None = None) -> str:
    """From when until when; one after another where a ramp admits them so."""
    starts = sorted({since for _, since, _ in change.spread} or {change.since})
    ends = sorted(until for until in {change.until, *(until for _, _, until in change.spread)} if until)
    first, last = (moment(each, offices) for each in (starts[0], starts[-1]))
    if len(starts) > 1:
        since = f"one after another between {'now' if starts[0] <= now else first} and {last}"
    else:
        since = "at once" if change.since <= now else f"from {first}"
    if not ends:
        return since
    until = moment(ends[0], offices)
    spread = f"one after another between {until} and {moment(ends[-1], offices)}"
    return f"{since} until {until}" if len(ends) == 1 else f"{since} until, {spread}"


def moment(at: datetime, offices: Mapping[str, str] | None = None) -> str:
    """Wed 2026-11-25 14:00 UTC, and the time of day at each office (name -> time zone)."""
    there = [f"{_title(name)} {_local(at, zone)}" for name, zone in (offices or {}).items()]
    return f"{at:%a %Y-%m-%d %H:%M} UTC" + (f" ({', '.join(there)})" if there else "")


def announced_to(wanted: Announcement) -> str:
    """mastodon, or where its channel waits: mastodon, not before Thu 2026-11-26 14:00 UTC."""
    return f"{wanted.to}, not before {moment(wanted.at)}" if wanted.after else wanted.to


def waiting(wait: Wait) -> str:
    """Why a rollout stays where it is."""
    return (
        f"{wait.channel} {wait.version} stays at {wait.stays} %: "
        f"the step to {wait.percent} % waits for its pass (gate {wait.gate})"
    )


def approvals(plan: Plan) -> str:
    """How many people must approve, and why where somebody said so."""
    return counted(plan.approvals, "approval") + (f" ({'; '.join(plan.why)})" if plan.why else "")


def problems_count(problems: Iterable[Problem]) -> str:
    """3 problems; warnings are told apart, as they let a change pass."""
    severities = [problem.severity for problem in problems]
    warnings = severities.count(Severity.warning)
    errors = counted(len(severities) - warnings, "problem")
    return f"{errors}, {counted(warnings, 'warning')}" if warnings else errors


def asked(request: Request) -> str:
    """What a client said of itself."""
    said = [f"{request.channel}, {request.target} ({request.bundle}), {request.version}"]
    said.append("no cohort" if request.cohort is None else f"cohort {request.cohort}")
    said += ["checks by hand"] if request.manual else []
    said += [f"{request.failed} just failed"] if request.failed else []
    said += [f"system {request.os}"] if request.os else []
    said += [f"accepts {listed(sorted(request.accepts))}"] if request.accepts else []
    return ", ".join(said)


def answer(explanation: Explanation) -> str:
    """What it is offered, and why, in one sentence."""
    decision = explanation.decision
    offered = decision.version if isinstance(decision, Offer) else "nothing"
    return f"{offered}, because {explanation.why}"


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: int, thing: str) -> str:
    """1 problem, 2 problems, 1,000 problems."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _cohorts(change: Change) -> str:
    if change.band is None or change.cohorts in (0, COHORTS):
        return of_cohorts(change.people)
    band = f"cohorts in {change.band.least}-{change.band.below} % of {change.band.version}"
    without = " and clients without one" if None in change.people else ""
    return f"{band} ({change.cohorts:,} of {COHORTS:,}){without}"


def of_cohorts(people: frozenset[int | None]) -> str:
    """How many of the 1,000 cohorts, and whether those without one."""
    without, many = None in people, len(people - {None})
    if many == COHORTS:
        return "everyone" if without else f"all {COHORTS:,} cohorts"
    if not many:
        return "clients without a cohort"
    return f"{many:,} of {COHORTS:,} cohorts" + (" and clients without one" if without else "")


def _systems(systems: Systems) -> str:
    if systems.least is None:
        return f"systems below {systems.below}, or that do not say"
    above = f"systems from {systems.least} on"
    return f"{above} and below {systems.below}" if systems.below else above


def versions(least: str | None, below: str | None) -> str:
    """From 1.2.0 to below 1.4.0, as people say it; empty for all versions."""
    if least and below and spelled(successor(precedence(least))) == below:
        return f"on {least}"
    begins = "" if least is None else f"above {_before(least)}" if _before(least) else f"from {least}"
    ends = "" if below is None else f"up to {_before(below)}" if _before(below) else f"below {below}"
    return (
        f"{begins} to {ends}" if begins.startswith("from") and ends.startswith("below") else f"{begins} {ends}".strip()
    )


def _before(version: str) -> str | None:
    """The version that this one is the very next after, if it is the next of any (see `precedence.successor`)."""
    core, plus, build = version.partition("+")
    if not plus or not (build == "0" or build.endswith(".0")):
        return None
    return core if build == "0" else version.removesuffix(".0")


def _alike(moves: Sequence[Move]) -> list[list[Move]]:
    """Neighbouring versions that come to the same answer, or had the same: a person names them together."""
    groups: list[list[Move]] = []
    for move in moves:
        last = groups[-1] if groups else None
        if last and last[-1].clients.below == move.clients.least and _shares_a_side([*last, move]):
            last.append(move)
        else:
            groups.append([move])
    return groups


def _shares_a_side(moves: Sequence[Move]) -> bool:
    """The same before or after, and else the same or, for those who have that version already, nothing."""
    before, after = [(move.before, move.warned) for move in moves], [(move.after, move.warnings) for move in moves]
    return (len(set(before)) == 1 and _have_it(moves, after)) or (len(set(after)) == 1 and _have_it(moves, before))


def _have_it(moves: Sequence[Move], offers: Sequence[tuple[str | None, tuple[str, ...]]]) -> bool:
    versions_ = {offer for offer in offers if offer[0]}
    if len(versions_) != 1:
        return not versions_
    ((version, _),) = versions_
    others = [move.clients.least for move, offer in zip(moves, offers, strict=True) if not offer[0]]
    return all(least is not None and precedence(least) >= precedence(str(version)) for least in others)


def _offered(version: str | None, warnings: Sequence[str], back: bool = False) -> str:
    """1.4.0; what warns of it; and that it is older on purpose."""
    warned = f" (with a warning: {listed(list(warnings))})" if warnings else ""
    return (version or "nothing") + (" (a downgrade, as its withdrawal says)" if back else "") + warned


def _answers(offers: Sequence[str]) -> str:
    """1.3.0, or `1.3.0 (or nothing)` where neighbours differ."""
    named = list(dict.fromkeys(offers))
    others = [name for name in named if name != "nothing"]
    if "nothing" not in named:
        return " or ".join(others)
    return f"{' or '.join(others)} (or nothing)" if others else "nothing"


def _title(name: str) -> str:
    return " ".join(part.title() for part in name.split("-"))


def _local(at: datetime, zone: str) -> str:
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%H:%M}" if there.date() == at.date() else f"{there:%a %H:%M}"
