"""What a process counts, and how it shows that: to Prometheus on a laptop, as lines for CloudWatch on Lambda."""

from collections.abc import Mapping
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from delivery.endpoint.counts import BOUNDS, Counted, Counts
from delivery.endpoint.emf import EVERY_S, since
from delivery.endpoint.measured import measured
from tests.unit.endpoint.parts import CRASH, SETTINGS, World


def world_with(metrics: str) -> World:
    """An endpoint that shows its counts in this way."""
    world = World(settings=replace(SETTINGS, metrics=metrics))
    world.publish()
    world.client = Client(measured(world.source, world.settings, world.clock, world.said.append))
    return world


# -- counting ------------------------------------------------------------------------------------------------------


def test_threads_lose_no_count() -> None:
    counts = Counts()

    def count() -> None:
        for number in range(5_000):
            counts.check(200 + number % 2, "everyone", 0.001, remembered=True)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    so_far = counts.so_far()
    assert so_far.checks == {(200, "everyone"): 10_000, (201, "everyone"): 10_000}
    assert (sum(so_far.took), so_far.remembered, round(so_far.seconds, 6)) == (20_000, 20_000, 20.0)


@given(st.floats(0, 10))
def test_a_check_counts_in_the_first_bucket_that_it_did_not_exceed(seconds: float) -> None:
    counts = Counts()
    counts.check(204, "current", seconds, remembered=False)
    place = counts.so_far().took.index(1)
    assert place == len(BOUNDS) or seconds <= BOUNDS[place]
    assert place == 0 or seconds > BOUNDS[place - 1]


# -- Prometheus ----------------------------------------------------------------------------------------------------


def page(world: World) -> dict[str, float]:
    """Every number on the page, by its name with its labels."""
    response = world.get("/metrics")
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    return {
        " ".join((sample.name, *(each for _, each in sorted(sample.labels.items(), reverse=True)))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_the_page_counts_checks_by_what_they_got_and_says_what_is_answered_from() -> None:
    world = world_with("prometheus")
    world.check()
    world.check()
    world.check("1.4.0")
    world.get("/v1/update/", "POST")
    world.get("/nowhere")
    world.halt(CRASH, number=4)
    world.store.trouble = None
    world.clock.passes(seconds=10)
    world.check()
    numbers = page(world)
    expected = {
        "espice_checks_total 200 everyone": 2,
        "espice_checks_total 204 current": 1,
        "espice_checks_total 405 ": 1,
        "espice_checks_remembered_total": 1,
        "espice_check_seconds_count": 5,
        "espice_other_requests_total 404": 1,
        "espice_looks_total": 2,
        "espice_looks_troubled_total": 0,
        "espice_look_trouble": 0,
        "espice_head_confirmed_seconds": 0,
        "espice_head_serial": 7,
        "espice_head_age_seconds": 10,
        "espice_head_left_seconds": 72 * 3600 - 10,
        "espice_override_number": 4,
    }
    assert {name: numbers.get(name) for name in expected} == expected
    assert numbers["espice_check_seconds_bucket +Inf"] == 5
    assert numbers["process_resident_memory_bytes"] > 10e6


def test_trouble_shows_on_the_page_also_before_anything_can_be_answered() -> None:
    world = world_with("prometheus")
    world.store.trouble = "the store said SlowDown"
    world.check()
    numbers = page(world)
    assert numbers["espice_checks_total 503 "] == numbers["espice_looks_troubled_total"] == 1
    assert numbers["espice_look_trouble"] == 1
    assert "espice_head_serial" not in numbers


@pytest.mark.parametrize("metrics", ["emf", "off"])
def test_nobody_else_has_such_a_page(metrics: str) -> None:
    response = world_with(metrics).get("/metrics")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


# -- CloudWatch ----------------------------------------------------------------------------------------------------


def told(world: World) -> list[Mapping[str, Any]]:
    return [line for line in world.said if "_aws" in line]


def test_counts_leave_by_the_first_answer_and_then_once_a_minute() -> None:
    world = world_with("emf")
    for _ in range(121):
        world.check()
        world.clock.passes(seconds=1)
    assert [line["Checks"] for line in told(world)] == [1, 60, 60]
    assert EVERY_S == 60


def test_a_line_is_what_cloudwatch_reads_and_has_the_details_beside_it() -> None:
    world = world_with("emf")
    world.check()
    world.said.clear()
    world.get("/v1/update/", "POST")
    world.check("1.4.0")
    world.halt(CRASH, number=4)
    world.clock.passes(seconds=60)
    world.get("/healthz")
    world.clock.passes(seconds=60)
    world.check()
    line = told(world)[-1]
    [described] = line["_aws"]["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"]) == ("ESpice", [["Environment"]])
    names = [metric["Name"] for metric in described["Metrics"]]
    assert names == ["Checks", "ChecksFailed", "CheckMilliseconds", "LooksTroubled", "OverrideNumber", "HaltsPending"]
    del line["_aws"]
    took = line.pop("CheckMilliseconds")
    assert len(took) == 1
    assert line == {
        "Environment": "staging",
        "Checks": 1,
        "ChecksFailed": 0,
        "LooksTroubled": 0,
        "OverrideNumber": 4,
        "HaltsPending": 1,
        "reasons": {"204 no-cohort": 1},
        "others": 0,
        "remembered": 0,
        "serial": 7,
        "age": 120,
    }


def test_failed_checks_and_useless_looks_are_told() -> None:
    world = world_with("emf")
    world.store.trouble = "the store said SlowDown"
    world.check()
    [line] = told(world)
    assert (line["Checks"], line["ChecksFailed"], line["LooksTroubled"]) == (1, 1, 1)
    assert line["reasons"] == {"503": 1}
    assert "serial" not in line


_TOOK = st.lists(st.integers(0, 2_000), min_size=len(BOUNDS) + 1, max_size=len(BOUNDS) + 1).map(tuple)


@given(_TOOK)
def test_the_values_of_a_line_have_the_percentiles_of_what_was_counted(took: tuple[int, ...]) -> None:
    nothing = Counted({}, {}, (0,) * len(took), 0.0, 0)
    values = since(nothing, replace(nothing, took=took))[0].get("CheckMilliseconds", [])
    assert isinstance(values, list)
    assert len(values) == min(100, sum(took))
    assert values == sorted(values)
    for bound, number in zip(BOUNDS[:-1], took[:-2], strict=False):
        share = sum(took[: BOUNDS.index(bound) + 1]) / max(1, sum(took))
        said = sum(value <= 1000 * bound for value in values) / max(1, len(values))
        assert abs(share - said) <= 0.01, number
