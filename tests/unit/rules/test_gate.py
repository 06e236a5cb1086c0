"""The gate's statistics: against the tables they were measured by, and what must hold whatever the figures are."""

import random
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from delivery.rules.gate import BAKE, ENOUGH, MOST, Outcomes, Sample, Seen, Verdict, ask, e_harm, e_safe, more, seen

BEGAN = datetime(2026, 11, 16, 14, tzinfo=UTC)
NOW = BEGAN + timedelta(days=9)
NONE = Outcomes(0, 0, None)
COUNTS = st.integers(0, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
HOURS = st.integers(-100, 216).map(lambda hour: BEGAN + timedelta(hours=hour))
SAMPLES = st.lists(st.tuples(HOURS, COUNTS).map(lambda drawn: Sample(drawn[0], *drawn[1])), max_size=12)


def outcomes(installs: int, failures: int) -> Outcomes:
    return Outcomes(installs, failures, BEGAN if installs else None)


def answer(installs: int, failures: int, **other: Outcomes) -> Verdict:
    """What the gate says a week after a step began, of this release, all of whose outcomes came at the step."""
    of = outcomes(installs, failures)
    return ask(Seen(other.get("release", of), other.get("step", of), BEGAN), timedelta(0), NOW).verdict


# --- against the tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("installs", "failures"), [(100, 7), (200, 11), (500, 21), (1000, 36)])
def test_it_halts_from_exactly_so_many_failures_on(installs: int, failures: int) -> None:
    assert e_harm(installs, failures) >= ENOUGH > e_harm(installs, failures - 1)
    assert answer(installs, failures) is Verdict.halt
    assert answer(installs, failures - 1) is Verdict.hold_on


@pytest.mark.parametrize(("installs", "failures"), [(100, 0), (200, 3), (500, 12), (1000, 30)])
def test_it_promotes_up_to_exactly_so_many_failures(installs: int, failures: int) -> None:
    assert e_safe(installs, failures) >= ENOUGH > e_safe(installs, failures + 1)
    assert answer(installs, failures) is Verdict.promote
    assert answer(installs, failures + 1) is Verdict.hold_on


def test_it_pays_what_was_measured() -> None:
    assert e_harm(612, 11) == pytest.approx(0.07, abs=0.005)
    assert e_safe(612, 11) == pytest.approx(2277, abs=0.5)


def test_what_it_pays_is_the_integral_over_all_rates_it_could_mean() -> None:
    """By the midpoint rule, which knows nothing of the sum."""
    points = 20_000
    for paid, rate, low, high, a, b in ((e_harm, 0.02, 0.02, 1.0, 1, 12), (e_safe, 0.05, 0.0, 0.05, 2, 98)):
        at = [low + (high - low) * (each + 0.5) / points for each in range(points)]
        prior = [p ** (a - 1) * (1 - p) ** (b - 1) for p in at]
        for n, k in ((0, 0), (1, 0), (1, 1), (40, 3), (300, 4)):
            odds = [(p / rate) ** k * ((1 - p) / (1 - rate)) ** (n - k) for p in at]
            exact = sum(x * y for x, y in zip(prior, odds, strict=True)) / sum(prior)
            assert paid(n, k) == pytest.approx(exact, rel=1e-5)


def test_hundred_thousand_good_ones_are_no_harm_and_a_thousand_million_take_no_time() -> None:
    assert e_harm(100_000, 0) < 1e-3
    assert e_harm(10**9, 10**9) == e_safe(10**9, 10**7) == float("inf")
    assert e_harm(10**9, 10**7) < 1e-3 > e_safe(10**9, 10**8)


def test_nobody_looks_often_enough_to_halt_a_good_release_or_to_pass_a_bad_one() -> None:
    """Looked at every ten outcomes: 2 % fail, which is still good, and 5 %, which is bad."""
    drawn, runs = random.Random(20261123), 300  # noqa: S311 - a simulation
    halted = sum(_ever(drawn, 0.02, 2000, lambda n, k: e_harm(n, k) >= ENOUGH) for _ in range(runs))
    passed = sum(_ever(drawn, 0.05, 2000, lambda n, k: e_safe(n, k) >= ENOUGH) for _ in range(runs))
    found = sum(_ever(drawn, 0.10, 500, lambda n, k: e_harm(n, k) >= ENOUGH) for _ in range(runs))
    assert halted <= runs / ENOUGH
    assert passed <= runs / ENOUGH
    assert found >= 0.99 * runs


def _ever(drawn: random.Random, rate: float, most: int, is_won: object) -> bool:
    assert callable(is_won)
    failures = 0
    for number in range(1, most + 1):
        failures += drawn.random() < rate
        if number % 10 == 0 and is_won(number, failures):
            return True
    return False


# --- what must hold ---------------------------------------------------------------------------------------------------


@given(COUNTS, st.timedeltas(timedelta(0), timedelta(days=90)))
def test_no_data_never_promotes(release: tuple[int, int], later: timedelta) -> None:
    for since in (None, BEGAN):
        figures = Seen(outcomes(*release), NONE, since)
        assert ask(figures, timedelta(0), NOW + later).verdict is not Verdict.promote


@given(COUNTS, st.integers(1, 3000))
@example((100, 7), 93)
def test_more_failures_never_turn_a_halt_into_a_promotion(counts: tuple[int, int], further: int) -> None:
    installs, failures = counts
    order = [Verdict.promote, Verdict.hold_on, Verdict.halt]
    worse = min(installs, failures + further)
    assert order.index(answer(installs, worse)) >= order.index(answer(installs, failures))


@given(COUNTS, COUNTS)
def test_halt_wins(release: tuple[int, int], step: tuple[int, int]) -> None:
    assume(e_harm(*release) >= ENOUGH)
    assert answer(*step, release=outcomes(*release)) is Verdict.halt


@given(SAMPLES, st.randoms(use_true_random=False))
def test_in_which_order_the_samples_come_makes_no_difference(samples: list[Sample], drawn: random.Random) -> None:
    mixed = list(samples)
    drawn.shuffle(mixed)
    assert seen(mixed, BEGAN, BEGAN, NOW) == seen(samples, BEGAN, BEGAN, NOW)


@given(SAMPLES)
def test_only_hours_of_the_step_that_are_a_day_old_promote_and_all_may_halt(samples: list[Sample]) -> None:
    figures = seen(samples, BEGAN, BEGAN, NOW)
    complete = [each for each in samples if BEGAN <= each.hour <= NOW - BAKE - timedelta(hours=1)]
    assert figures.release.installs == sum(each.outcomes for each in samples)
    assert figures.step.failures == sum(each.failures for each in complete)


@given(COUNTS)
def test_what_it_pays_is_a_number_and_never_below_0(counts: tuple[int, int]) -> None:
    for paid in (e_harm(*counts), e_safe(*counts)):
        assert paid >= 0
        assert not isnan(paid)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n // 30))))
def test_as_many_more_as_it_asks_for_are_about_enough(counts: tuple[int, int]) -> None:
    installs, failures = counts
    assume(e_safe(*counts) < ENOUGH)
    lacking = more(*counts)
    assert lacking is not None
    total = installs + lacking
    assert e_safe(total * 2, round(total * 2 * failures / installs)) >= ENOUGH
    assert total < 2 * MOST


# --- what it says -----------------------------------------------------------------------------------------------------


def test_it_says_why() -> None:
    def says(installs: int, failures: int, now: datetime = NOW, bake: timedelta = BAKE) -> tuple[str, int | None]:
        of = outcomes(installs, failures)
        told = ask(Seen(of, of, BEGAN), bake, now)
        return f"{told.verdict}: {told.why}", told.more

    assert says(612, 11) == (
        "promote: 11 of 612 updates failed (1.8 %) at this step; that fewer than 5 % fail: E 2277.21 of 20; "
        "that more than 2 % do: E 0.07 of 20",
        None,
    )
    assert says(100, 7) == ("halt: 7 of 100 updates failed (7.0 %); that more than 2 % fail: E 20.51 of 20", None)
    assert says(100, 2) == (
        "hold on: 2 of 100 updates failed (2.0 %) at this step; that fewer than 5 % fail: E 2.4 of 20; "
        "if as many fail, about 180 more outcomes would do",
        180,
    )
    assert says(20, 2)[0].endswith("if as many fail, no number of outcomes would do")
    assert says(0, 0) == ("hold on: no outcome of this step is complete yet, and no data never promotes", None)


def test_a_step_stands_a_day_at_least_and_as_long_as_its_channel_asks() -> None:
    of = outcomes(612, 11)
    for bake, days in ((timedelta(hours=1), 1), (timedelta(hours=72), 3)):
        ready = BEGAN + timedelta(days=days)
        early = ask(Seen(of, of, BEGAN), bake, ready - timedelta(seconds=1))
        assert early.verdict is Verdict.hold_on
        assert early.why.endswith(f"; the step must have stood until {ready:%Y-%m-%dT%H:%M:%SZ}")
        assert ask(Seen(of, of, BEGAN), bake, ready).verdict is Verdict.promote
