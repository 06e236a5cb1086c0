"""The benchmarks measure what is real: their made-up facts pass every rule."""

import random

import pytest

from benchmarks.facts import history, loaded, prepared
from benchmarks.freshness import FLEETS, INTERVAL, Series, Way


def test_the_history_that_is_measured_has_no_problem() -> None:
    files = history(12)
    assert len(loaded(files).versions) == 12
    assert len(prepared(files).catalog.offerings) == 12


def test_the_formula_of_a_cache_is_what_a_cache_does_that_is_played_through() -> None:
    way = Way("a way", "stable", cohorts=False)
    series = Series(way, 100_000, [("often", 0.9), ("seldom", 0.1)])
    pick = random.Random(1)  # noqa: S311 - not for secrets
    kept, hits, asked, now = {"often": -1.0, "seldom": -1.0}, 0, 0, 0.0
    for _ in range(100_000):
        now += pick.expovariate(series.checks)
        end = "often" if pick.random() < 0.9 else "seldom"
        asked, hits = asked + 1, hits + (now < kept[end])
        kept[end] = kept[end] if now < kept[end] else now + 30
    assert hits / asked == pytest.approx(series.formula(30), abs=0.005)


@pytest.mark.parametrize("cohorts", [True, False])
@pytest.mark.parametrize("fleet", FLEETS)
def test_each_url_of_a_sample_is_asked_as_often_as_in_the_whole_fleet(fleet: int, cohorts: bool) -> None:
    series = Series(Way("a way", "stable", cohorts), fleet, [("one", 0.25), ("other", 0.75)])
    asked_for_one_url = series.rate * 0.25 / series.copies / (series.sampled if cohorts else 1)
    assert asked_for_one_url == pytest.approx(fleet / INTERVAL * 0.25 / (1000 if cohorts else 1))
