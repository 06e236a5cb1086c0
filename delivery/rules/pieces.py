"""Into which pieces cohorts and time fall, for clients with given views. Asks nobody.

Cohorts are alike whom every step and holdback admits or leaves out together: one is asked for all of them. A ramp
admits a thousand cohorts at a thousand moments; still they are alike, each at its own moments, as long as the same
things happen to them in the same order. So a ramp costs no more questions than a step.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from delivery.rules.compile import COHORTS, ranks
from delivery.rules.views import ALREADY, Keeping, Seen, Shares, View

Person = int | None  # a cohort; None stands for all clients without one
Moments = tuple[float, ...]


class Crowd(NamedTuple):
    """People to whom the same happens in the same order. All have equally many moments, of which the first is now."""

    people: tuple[Person, ...]
    moments: Mapping[Person, Moments]


def crowds(views: Iterable[View], now: float) -> tuple[Crowd, ...]:
    """Everybody, in crowds; those without a cohort first."""
    seen = list(dict.fromkeys(each for view in views for each in _all(view)))
    times = sorted({time for each in seen for time in _moments(each) if time > now})
    orders = [_Order(*each) for each in dict.fromkeys((each.salt, each.shares) for each in seen if is_partial(each))]
    keepings = list(dict.fromkeys(keeping for each in seen for keeping in each.kept))
    alike: dict[object, dict[Person, Moments]] = defaultdict(dict)
    common = (now, *times)
    for cohort in range(COHORTS):
        events = sorted((time, number) for number, order in enumerate(orders) for time in order.flips(cohort))
        own = {time for time, _ in events}.difference(times)
        begins = tuple(order.begins(cohort) for order in orders)
        kept = tuple(ranks(keeping.salt)[cohort] < keeping.permille for keeping in keepings)
        moments = tuple(sorted({*common, *own})) if own else common
        alike[begins, kept, _sequence(events, own, times)][cohort] = moments
    return (Crowd((None,), {None: common}), *(Crowd(tuple(those), those) for those in alike.values()))


def ramps(views: Iterable[View]) -> Mapping[float, int]:
    """For each moment at which a ramp admits one cohort, the number of the ramp; ramps that overlap are one."""
    runs = sorted({run for view in views for each in _all(view) for run in _runs(each.shares)})
    found: dict[float, int] = {}
    number, last = 0, ALREADY
    for run in runs:
        number += run[0] > last
        last = max(last, run[-1])
        found.update(dict.fromkeys(run, number))
    return found


def is_partial(seen: Seen) -> bool:
    """Whether it is ever open to some cohorts and not to others."""
    return any(0 < permille < COHORTS for _, permille, _ in seen.shares)


class _Order:
    """When a rollout admits (or no longer admits) each cohort, from now on."""

    def __init__(self, salt: str, shares: Shares) -> None:
        self._places = ranks(salt)
        self._first = shares[0][1] if shares[0][0] == ALREADY else 0
        self._flips: list[list[float]] = [[] for _ in range(COHORTS)]
        reached = self._first
        for start, permille, _ in shares:
            for place in range(min(reached, permille), max(reached, permille)):
                self._flips[place].append(start)
            reached = permille

    def begins(self, cohort: int) -> bool:
        """Whether it has admitted the cohort already."""
        return self._places[cohort] < self._first

    def flips(self, cohort: int) -> Sequence[float]:
        """When that changes."""
        return self._flips[self._places[cohort]]


def _all(view: View) -> Iterator[Seen]:
    yield from view.seen
    yield from (each for each in (view.gate, view.back) if each)


def _moments(seen: Seen) -> Iterator[float]:
    """When what is said of a candidate changes for more than the one cohort that is next on a ramp."""
    reached = (0, False)
    for start, permille, held in seen.shares:
        if (permille, held) != reached and not _is_one_cohort(reached, (permille, held)):
            yield start
        reached = permille, held
    yield from (time for time in (seen.first_from, seen.superseded) if time is not None)
    yield from (time for keeping in seen.kept for time in _span(keeping))


def _span(keeping: Keeping) -> tuple[float, float]:
    return keeping.start, keeping.end


def _is_one_cohort(old: tuple[int, bool], new: tuple[int, bool]) -> bool:
    """The first and the last cohort matter to others, too: to manual checks, and to those without a cohort."""
    lower, higher = sorted((old[0], new[0]))
    return old[1] == new[1] and higher - lower == 1 and lower > 0 and higher < COHORTS


def _runs(shares: Shares) -> Iterator[Moments]:
    run: list[float] = []
    reached = shares[0][1:] if shares and shares[0][0] == ALREADY else (0, False)
    for start, permille, held in shares:
        if held == reached[1] and abs(permille - reached[0]) == 1:
            run.append(start)
        elif (permille, held) != reached:
            yield from (tuple(run),) if len(run) > 1 else ()
            run = []
        reached = permille, held
    yield from (tuple(run),) if len(run) > 1 else ()


def _sequence(events: Sequence[tuple[float, int]], own: set[float], times: Sequence[float]) -> tuple[object, ...]:
    """What happens in which order, with the moments that are a cohort's own left open."""
    if not own:
        return tuple(events)
    order = {time: number for number, time in enumerate(sorted({time for time, _ in events}))}
    return tuple((bisect_left(times, time), time in own, order[time], number) for time, number in events)
