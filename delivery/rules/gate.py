"""What the figures say of a rollout: go on, wait, or stop. Pure; the figures come through the port `Samples`.

An outcome is the first word of an installation on an update to the version: it went well, or it failed. Two e-values
weigh them, bets that whoever is right to doubt loses: one bets that more than 2 % fail, the other that fewer than 5 %
do. However often somebody looks, a good release reaches 20 at the first bet with a probability of at most 1/20
(Ville's inequality), and a bad one at the second. Each bet is a mixture over all rates it could mean (Lindon and Malek,
arXiv 2011.03567), with a beta prior of whole numbers, so its integral is a short sum of positive terms: no logarithm,
nothing to clamp.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isinf
from typing import Annotated, Protocol

from delivery.rules.shapes import STRICT, Moment, Span

GATE = "default"  # the gate of policy.yaml that these figures answer; any other is people's to answer
ENOUGH = 20.0  # the e-value at which a bet is won: one error in twenty at most
GOOD = 0.02  # so many may fail
BAD = 0.05  # so many must not
BAKE = timedelta(hours=24)  # the least time at a step; a silent installation counts as failed after it
HOUR = timedelta(hours=1)
MOST = 100_000  # outcomes beyond which nobody waits for the figures to change their mind
_HARM = (1, 12)  # the priors: beta distributions of the share that fails, cut at GOOD and at BAD
_SAFE = (2, 98)


class Verdict(StrEnum):
    """What a gate says of its step."""

    promote = "promote"
    hold_on = "hold on"
    halt = "halt"


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of the updates that began within an hour: the first outcome of each, and how many failed."""

    __pydantic_config__ = STRICT
    hour: Moment
    outcomes: Annotated[int, Span(0, 10**9, "a number of outcomes")]
    failures: Annotated[int, Span(0, 10**9, "a number of failures")]


class Samples(Protocol):
    """What was seen of rollouts."""

    def of(self, rollout: str) -> Sequence[Sample]:
        """Those of <channel>/<version>, each hour once; none where nothing is known. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """So many installations told how their update went, so many of them that it failed; the first of them then."""

    installs: int
    failures: int
    first_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """All outcomes of a release, which may halt it, and those that may promote it: of the step in force, and complete.

    `since` is when that step was in force in full; None where nobody is offered the release.
    """

    release: Outcomes
    step: Outcomes
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict and why, in a sentence. `more` is about how many outcomes are lacking, where more of them would do."""

    verdict: Verdict
    why: str
    more: int | None = None


def seen(samples: Iterable[Sample], began: datetime | None, since: datetime | None, now: datetime) -> Seen:
    """The samples added up. Of the step are hours that began with it, or later; complete they are a day after."""
    every = tuple(samples)
    ripe = (each for each in every if began and each.hour >= began and each.hour + HOUR + BAKE <= now)
    return Seen(_sum(every), _sum(ripe), since)


def ask(figures: Seen, bake: timedelta, now: datetime) -> Answer:
    """The gate's answer: halt wins, and no data never promotes. `bake` is the least time at a step, a day at least."""
    release, step = figures.release, figures.step
    if (harm := e_harm(release.installs, release.failures)) >= ENOUGH:
        return Answer(Verdict.halt, f"{_figures(release)}; that more than {GOOD * 100:g} % fail: {_e(harm)}")
    if not step.installs or figures.since is None or step.first_seen is None:
        return Answer(Verdict.hold_on, "no outcome of this step is complete yet, and no data never promotes")
    safe = e_safe(step.installs, step.failures)
    told = f"{_figures(step)} at this step; that fewer than {BAD * 100:g} % fail: {_e(safe)}"
    if safe < ENOUGH:
        lacking = more(step.installs, step.failures)
        how = "no number of outcomes would do" if lacking is None else f"about {lacking} more outcomes would do"
        return Answer(Verdict.hold_on, f"{told}; if as many fail, {how}", lacking)
    if now < (ready := max(figures.since, step.first_seen) + max(bake, BAKE)):
        return Answer(Verdict.hold_on, f"{told}; the step must have stood until {ready:%Y-%m-%dT%H:%M:%SZ}")
    return Answer(Verdict.promote, f"{told}; that more than {GOOD * 100:g} % do: {_e(harm)}")


def e_harm(outcomes: int, failures: int) -> float:
    """What the bet pays that more than GOOD of all fail, by now; `inf` where it is beyond a float."""
    return _paid(outcomes, failures, GOOD, *_HARM)


def e_safe(outcomes: int, failures: int) -> float:
    """What the bet pays that fewer than BAD of all fail: that more than the rest goes well."""
    fails, goes_well = _SAFE
    return _paid(outcomes, outcomes - failures, 1 - BAD, goes_well, fails)


def more(outcomes: int, failures: int) -> int | None:
    """About how many more outcomes would promote, if as many of them fail; None where MOST would not."""
    total = float(outcomes)
    while (total := total * 1.02 + 1) <= MOST:
        if e_safe(round(total), round(total * failures / outcomes)) >= ENOUGH:
            return _about(round(total) - outcomes)
    return None


def _paid(tries: int, hits: int, rate: float, a: int, b: int) -> float:
    """The likelihood of so many hits by a rate from beta(a, b) above `rate`, over their likelihood by `rate` itself.

    The prior is as if a - 1 hits of a + b - 2 tries had been seen before anybody looked.
    """
    return _odds(tries + a + b - 2, hits + a - 1, rate) / _odds(a + b - 2, a - 1, rate)


def _odds(tries: int, hits: int, rate: float) -> float:
    """The integral of (p/rate)^hits ((1-p)/(1-rate))^misses over p from `rate` to 1, over 1 - rate.

    By the sum for an incomplete beta function of whole numbers, whose terms are all positive; it ends where what is
    left of it is lost in rounding.
    """
    term = total = 1 / (tries + 1 - hits)
    for left in range(hits, 0, -1):
        factor = left / (tries + 2 - left) * (1 - rate) / rate
        term *= factor
        total += term
        if isinf(total) or (factor < 1 and term < total * 1e-17 * (1 - factor)):
            break
    return total


def _sum(samples: Iterable[Sample]) -> Outcomes:
    told = tuple(each for each in samples if each.outcomes)
    first = min((each.hour for each in told), default=None)
    return Outcomes(sum(each.outcomes for each in told), sum(each.failures for each in told), first)


def _figures(outcomes: Outcomes) -> str:
    share = 100 * outcomes.failures / outcomes.installs
    return f"{outcomes.failures} of {outcomes.installs} updates failed ({share:.1f} %)"


def _e(value: float) -> str:
    """As people can compare it with ENOUGH: never rounded up to it."""
    shown = "more than 1e6" if value > 1e6 else f"{int(value * 100) / 100:g}"
    return f"E {shown} of {ENOUGH:g}"


def _about(number: int) -> int:
    """Two digits say enough, and never fewer than would do."""
    unit = int(10 ** max(len(str(number)) - 2, 0))
    return -(-number // unit) * unit
