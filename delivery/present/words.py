"""The words that all renderers share: values of `rules` in, plain English out. Knows no medium."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.rules.compare import Asks, Change, Clients, Move
from delivery.rules.compile import COHORTS
from delivery.rules.decide import Offer, Request
from delivery.rules.explain import Explanation
from delivery.rules.plan import Effect, Newcomers, Plan, Wait
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


def populations(plan: Plan) -> tuple[Population, ...]:
    """Every population that gets something else, as a person would name it."""
    found = []
    for change in plan.changes:
        those = f"{change.channel}, {targets(change.cells, plan.cells[change.channel])}"
        for moves in _alike(change.moves):
            clients = f"{those}, {_versions(moves[0].clients, moves[-1].clients)}"
            before, after = (_answers([getattr(move, side) for move in moves]) for side in ("before", "after"))
            who = f"{clients}: {people(change)}"
            found.append(Population(who, before, after, when(change, plan.now), clients, people(change)))
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
    return _cohorts(change) + kind[change.asks]


def when(change: Change, now: datetime) -> str:
    """From when until when."""
    since = "at once" if change.since <= now else f"from {moment(change.since)}"
    return since if change.until is None else f"{since} until {moment(change.until)}"


def moment(at: datetime) -> str:
    """Wed 2026-11-25 14:00 UTC."""
    return f"{at:%a %Y-%m-%d %H:%M} UTC"


def newcomers(all_: Sequence[Newcomers], plan: Plan) -> str:
    """What clients without a cohort get, on one line."""
    return "; ".join(_newcomers(each, plan) for each in all_)


def waiting(wait: Wait) -> str:
    """Why a rollout stays where it is."""
    return (
        f"{wait.channel} {wait.version} stays at {wait.stays} %: "
        f"the step to {wait.percent} % waits for its pass (gate {wait.gate})"
    )


def approvals(plan: Plan) -> str:
    """How many people must approve."""
    return counted(plan.approvals, "approval")


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
    without = None in change.people
    if change.cohorts == COHORTS and without:
        return "everyone"
    if not change.cohorts:
        return "clients without a cohort"
    some = f"{change.cohorts:,} of {COHORTS:,}"
    if change.band:
        cohorts = f"cohorts in {change.band.least}-{change.band.below} % of {change.band.version} ({some})"
    else:
        cohorts = f"all {COHORTS:,} cohorts" if change.cohorts == COHORTS else f"{some} cohorts"
    return f"{cohorts} and clients without one" if without else cohorts


def _versions(first: Clients, last: Clients) -> str:
    return f"below {last.below}" if first.least is None else f"from {first.least} to below {last.below}"


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
    return len({move.before for move in moves}) == 1 or len({move.after for move in moves}) == 1


def _answers(versions: Sequence[str | None]) -> str:
    """1.3.0, or `1.3.0 (or nothing)` where neighbours differ."""
    named = list(dict.fromkeys(version or "nothing" for version in versions))
    others = [name for name in named if name != "nothing"]
    if "nothing" not in named:
        return " or ".join(others)
    return f"{' or '.join(others)} (or nothing)" if others else "nothing"


def _newcomers(new: Newcomers, plan: Plan) -> str:
    where = targets(new.cells, plan.cells[new.channel])
    place = new.channel if where == "all targets" else f"{new.channel}, {where}"
    before, after = new.before or "nothing", new.after or "nothing"
    return f"{place}: {after}, as before" if before == after else f"{place}: {before} → {after}"
