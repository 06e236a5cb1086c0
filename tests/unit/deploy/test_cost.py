"""What an environment costs: arithmetic that anybody can redo."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.cost import Caching, Habits, UnknownPrice, at_origin, bill, total
from tests.unit.infra.recorder import infra_of

PRODUCTION = infra_of("production")
NOTHING: dict[str, int] = {}
CHECKS = 1_000_000 * 4 * 30  # a month, of a million installations


def of(clients: int, caching: Caching = Caching.none, **provisioned: int) -> dict[str, float]:
    tokens = {f"aws:any/thing:{name}": number for name, number in provisioned.items()}
    return {item.what: item.dollars for item in bill(tokens, PRODUCTION, clients, caching)}


def test_a_million_installations_ask_120_million_times_a_month_and_lambda_and_api_cost_152_dollars() -> None:
    lines = of(1_000_000)
    assert lines["checks: Lambda"] == pytest.approx(24 + 8, abs=0.01)  # runs, and GB-seconds
    assert lines["checks: HTTP API"] == pytest.approx(120)


def test_beyond_300_million_requests_the_api_is_cheaper() -> None:
    assert of(50_000_000)["checks: HTTP API"] == pytest.approx(300 + 0.9 * 5700)


def test_two_zones_cost_twice_as_much_and_an_unknown_class_is_refused_with_its_mend() -> None:
    one = replace(PRODUCTION.telemetry.database, two_zones=False)
    single = replace(PRODUCTION, telemetry=replace(PRODUCTION.telemetry, database=one))
    line = {item.what: item.dollars for item in bill(NOTHING, single, 0, Caching.none)}
    assert of(0)["database"] == 2 * line["database"] == pytest.approx(2 * 0.065 * 730)
    large = replace(single.telemetry, database=replace(one, size="db.x2g.16xlarge"))
    with pytest.raises(UnknownPrice) as refused:
        bill(NOTHING, replace(single, telemetry=large), 0, Caching.none)
    assert str(refused.value) == (
        "nobody has written down what db.x2g.16xlarge costs; add it to DATABASES in delivery/deploy/cost.py, "
        "which has db.t4g.micro, db.t4g.small, db.t4g.medium, db.t4g.large"
    )


def test_what_stands_is_counted_from_what_the_program_declares() -> None:
    before, after = (
        of(0, MetricAlarm=10, Dashboard=1),
        of(0, MetricAlarm=12, CompositeAlarm=1, Dashboard=1, HealthCheck=1),
    )
    line = "alarms, dashboard, eyes outside"
    assert after[line] - before[line] == pytest.approx(2 * 0.10 + 0.50 + 2.75)


def test_nobody_asking_costs_what_stands_and_nothing_else() -> None:
    lines = of(0)
    assert {what for what, dollars in lines.items() if dollars and ":" in what} == set()


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_installations_never_cost_less(some: int, more: int) -> None:
    few, many = sorted((some, more))
    for caching in Caching:
        assert total(bill(NOTHING, PRODUCTION, few, caching)) <= total(bill(NOTHING, PRODUCTION, many, caching)) + 1e-6


@given(st.floats(1, 1e12))
def test_caching_never_makes_more_of_it_and_sharing_helps_most(checks: float) -> None:
    habits = Habits()
    none, cohorts, shared = (at_origin(checks, habits, each) for each in Caching)
    assert shared <= cohorts * (1 + 1e-9) <= none * (1 + 1e-9)
    assert none == checks


def test_a_cache_that_never_rests_asks_once_in_its_time() -> None:
    habits = Habits()
    cap = habits.urls * habits.caches * 30 * 86_400 / habits.kept
    assert at_origin(1e15, habits, Caching.shared) == pytest.approx(cap, rel=1e-3)
    assert at_origin(CHECKS, habits, Caching.by_cohort) > 0.99 * CHECKS  # a cohort's URL is hardly ever asked for twice
