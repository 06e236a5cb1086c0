"""Halts that nobody merged."""

from dataclasses import replace
from datetime import UTC, datetime

from delivery.drift import brake
from delivery.drift.found import Drift
from delivery.rules.assemble import assemble
from delivery.rules.brake import Halt, Override
from delivery.rules.catalog import Catalog
from tests.unit.rules.worlds import world

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALL = Halt("2026-11-26-115500-stable", "stable", None, NOW, "it crashes at start")
SOME = Halt("2026-11-26-115600-beta", "beta", ("1.3.0", "1.4.0"), NOW, "slow")
GONE = Halt("2026-11-26-115700-nightly", "nightly", None, NOW, "no such channel")
CATALOG = assemble(world({}), "laptop")


def found(catalog: Catalog, *halts: Halt) -> list[Drift]:
    return list(brake.halts(Override("espice", "staging", 4, NOW, halts), catalog, "staging"))


def test_each_halt_that_no_stop_decides_is_named_with_what_ends_it() -> None:
    assert [str(each) for each in found(CATALOG, ALL, SOME)] == [
        "halt 2026-11-26-115500-stable: holds stable since 2026-11-26 12:00 UTC, and no merged stop decides it: "
        "it crashes at start; ./inv decide 2026-11-26-115500-stable --environment staging --commit writes the stop "
        "that takes it over; merge that",
        "halt 2026-11-26-115600-beta: holds 1.3.0 and 1.4.0 on beta since 2026-11-26 12:00 UTC, and no merged stop "
        "decides it: slow; ./inv decide 2026-11-26-115600-beta --environment staging --commit writes the stop that "
        "takes it over; merge that",
    ]


def test_one_that_is_decided_is_no_difference() -> None:
    assert found(replace(CATALOG, decided=(ALL.name,)), ALL) == []
    assert list(brake.halts(None, CATALOG, "staging")) == []


def test_one_of_a_channel_that_there_is_not_is_named() -> None:
    assert found(CATALOG, GONE) == [
        Drift(
            "halt 2026-11-26-115700-nightly",
            "is of nightly, which HEAD does not have, so it holds nothing",
            "leave it: it takes nothing away",
        )
    ]
