"""Which variant of each flag an installation gets, and who gets another one by a change.

An installation takes part in an experiment when its channel and version are in the audience and its cohort is among the
first `percent` of the experiment's order; arms divide that stretch by weight, in the order of their names. Of one layer
it is in one experiment at most: in the holdback that keeps it back, else in the one that began first (then by name).
Those without a cohort are in none. A decision ends an experiment: everybody in its audience, whatever the cohort, gets
the arm that is kept. What flagd's own targeting makes of a variant is for flagd to say.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from delivery.rules import ranges
from delivery.rules.catalog import Catalog, Trial
from delivery.rules.compile import COHORTS, ranks
from delivery.rules.pieces import Person
from delivery.rules.precedence import Key, precedence, spelled, successor

NO_ARM = "none"  # what a decision keeps that keeps nothing


@dataclass(frozen=True, slots=True)
class Variant:
    """These installations get another variant of a flag from `since` until `until` (for good when None).

    Versions are from `least` on (when None: from the lowest), below `below` (when None: without end). A variant that
    is None is what the program does by itself: the flag is not there, or is switched off. Where the flag `is_targeted`,
    before or after, flagd's targeting may give some of them something else.
    """

    flag: str
    channels: tuple[str, ...]
    least: str | None
    below: str | None
    people: frozenset[Person]
    since: datetime
    until: datetime | None
    before: str | None
    after: str | None
    is_targeted: bool


@dataclass(frozen=True, slots=True)
class Edited:
    """A flag whose own rules changed: what flagd makes of a variant may be something else (`parts` of its body)."""

    flag: str
    parts: tuple[str, ...]


def assign(catalog: Catalog, channel: str, version: str, cohort: int | None, now: datetime) -> Mapping[str, str]:
    """flag -> variant, for every flag that is switched on. Raises NotAVersion."""
    given = {name: _part(body, "defaultVariant") for name, body in catalog.flags.items() if _is_on(body)}
    for arms in _arms(catalog, channel, precedence(version), cohort, now):
        given |= {flag: variant for flag, variant in arms.items() if flag in given}
    return dict(sorted(given.items()))


def compare_flags(before: Catalog, after: Catalog, now: datetime) -> tuple[Variant, ...]:
    """Who gets another variant from now on."""
    if _said(before) == _said(after):
        return ()
    trials = [*before.experiments, *after.experiments]
    times = [now, *sorted({time for trial in trials for time in (trial.start, trial.end) if time > now})]
    targeted = {flag for side in (before, after) for flag, body in side.flags.items() if _part(body, "targeting")}
    found: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for channel in sorted({*before.channels, *after.channels}):
        for change in _changes(before, after, channel, trials, times):
            found[(*change, change[0] in targeted)].add(channel)
    made = [Variant(flag, tuple(sorted(on)), *rest) for (flag, *rest), on in found.items()]
    return tuple(
        sorted(made, key=lambda each: (each.flag, each.channels, each.since, each.least or "", len(each.people)))
    )


def edited(before: Catalog, after: Catalog) -> tuple[Edited, ...]:
    """The flags whose variants or targeting changed."""
    both = sorted(before.flags.keys() & after.flags.keys())
    parts = {
        flag: tuple(
            part
            for part in ("variants", "targeting")
            if _part(before.flags[flag], part) != _part(after.flags[flag], part)
        )
        for flag in both
    }
    return tuple(Edited(flag, changed) for flag, changed in parts.items() if changed)


# --- one installation ---------------------------------------------------------------------------------------------


def _arms(catalog: Catalog, channel: str, key: Key, cohort: int | None, now: datetime) -> Iterator[Mapping[str, str]]:
    """The flags of each arm that it is in, kept arms first."""
    mine = [each for each in catalog.experiments if each.channel == channel and _holds(each.versions, key)]
    for trial in mine:
        if trial.kept not in (None, NO_ARM):
            yield trial.flags.get(str(trial.kept), {})
    taken: set[str] = set()
    running = [each for each in mine if each.kept is None and each.start <= now < each.end]
    for trial in sorted(running, key=lambda each: (each.holdback is None, each.start, each.name)):
        if cohort is None or trial.layer in taken or not _is_in(trial, cohort):
            continue
        taken.add(trial.layer)
        yield trial.flags.get(_arm(trial, cohort), {})


def _is_in(trial: Trial, cohort: int) -> bool:
    return ranks(trial.salt)[cohort] < 10 * trial.percent


def _arm(trial: Trial, cohort: int) -> str:
    """The arm of a cohort that takes part; empty for a holdback."""
    place = ranks(trial.salt)[cohort]
    return next((arm for arm, end in _ends(trial) if place < end), "")


def _ends(trial: Trial) -> Iterator[tuple[str, int]]:
    """For each arm the place in the experiment's order before which it ends."""
    total, sum_ = sum(trial.weights.values()), 0
    for arm in sorted(trial.weights):
        sum_ += trial.weights[arm]
        yield arm, 10 * trial.percent * sum_ // total


@cache
def _holds(versions: str, key: Key) -> bool:
    return ranges.parse(versions).holds_key(key)


def _is_on(body: Any) -> bool:
    return bool(_part(body, "state") == "ENABLED")


def _part(body: Any, name: str) -> Any:
    """A part of flagd's body, which is a mapping in a catalog that came from bytes."""
    return body.get(name) if isinstance(body, Mapping) else getattr(body, name)


# --- everybody ----------------------------------------------------------------------------------------------------


def _said(catalog: Catalog) -> object:
    return catalog.flags, catalog.experiments, catalog.channels


def _changes(
    before: Catalog, after: Catalog, channel: str, trials: Sequence[Trial], times: Sequence[datetime]
) -> Iterator[tuple[Any, ...]]:
    """(flag, least, below, people, since, until, before, after) of one channel, neighbouring versions joined."""
    mine = [trial for trial in trials if trial.channel == channel]
    bounds = sorted({bound for trial in mine for bound in _bounds(trial.versions)} - {precedence("0.0.0-0")})
    pieces = list(zip([None, *bounds], [*bounds, None], strict=True))
    found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, (least, _) in enumerate(pieces):
        version = spelled(least) if least else "0.0.0-0"
        moved: dict[tuple[Any, ...], set[Person]] = defaultdict(set)
        for people in _crowds(mine):
            who = min(people, key=lambda person: COHORTS if person is None else person)
            given = [tuple(assign(side, channel, version, who, at) for side in (before, after)) for at in times]
            for flag in sorted({flag for both in given for each in both for flag in each}):
                for since, until, old, new in _stretches([[each.get(flag) for each in both] for both in given]):
                    end = times[until] if until < len(times) else None
                    moved[flag, times[since], end, old, new] |= people
        for what, who_all in moved.items():
            found[(*what, frozenset(who_all))].append(number)
    for (flag, since, until, old, new, people), numbers in found.items():
        for first, last in _neighbours(numbers):
            least, below = pieces[first][0], pieces[last][1]
            yield flag, least and spelled(least), below and spelled(below), people, since, until, old, new


def _bounds(versions: str) -> Iterator[Key]:
    for operator, key in ranges.parse(versions).comparators:
        yield key if operator in (">=", "<") else successor(key)
        if operator == "=":
            yield key


def _crowds(trials: Iterable[Trial]) -> list[set[Person]]:
    """The cohorts that every experiment treats alike; no cohort is a class of its own."""
    edges = [(ranks(each.salt), sorted({10 * each.percent, *(end for _, end in _ends(each))})) for each in trials]
    alike: dict[tuple[int, ...], set[Person]] = defaultdict(set)
    for cohort in range(COHORTS):
        alike[tuple(bisect_right(ends, places[cohort]) for places, ends in edges)].add(cohort)
    return [{None}, *alike.values()]


def _stretches(
    given: Sequence[Sequence[str | None]],
) -> Iterator[tuple[int, int, str | None, str | None]]:
    for (old, new), stretch in groupby(range(len(given)), key=lambda number: tuple(given[number])):
        numbers = list(stretch)
        if old != new:
            yield numbers[0], numbers[-1] + 1, old, new


def _neighbours(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, stretch in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        those = [number for _, number in stretch]
        yield those[0], those[-1]
