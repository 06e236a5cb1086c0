"""What the benchmark of the endpoint makes of its measurements."""

from datetime import UTC, datetime

import pytest

from benchmarks.endpoint import Report, reaches, rows, table
from benchmarks.served.load import Load, read
from benchmarks.served.ours import ASKED, VERSIONS, catalog, objects
from delivery.rules.compile import compile
from delivery.rules.decide import Offer, Request, decide

CASE = ("few", 4)


def loads(*rates: float) -> list[Load]:
    return [Load(rate, 0.001, 0.002, 1e-5) for rate in rates]


def report(ours: list[Load], memory: int = 70_000_000) -> Report:
    others = {"nginx": loads(100, 50, 100), "hazel": loads(40, 20, 40)}
    found = rows({(CASE, name): each for name, each in {"ours": ours, **others}.items()})
    return Report(tuple(found), {"ours": memory}, (0.1, 1.9), 2)


def test_ratios_are_within_a_round_so_that_a_busy_one_is_unfair_to_nobody() -> None:
    [row, *_] = report(loads(100, 50, 90)).rows
    assert (row.rate, row.to_nginx, row.to_hazel) == (90, 1.0, 2.5)


def test_each_promise_is_said_with_what_came_of_it() -> None:
    assert reaches(report(loads(100, 50, 90))) == [
        "reached  2.50 times hazel's rate, at least 2.5",
        "reached  1.00 times nginx's rate with few URLs, at least 0.8",
        "reached  1.00 times hazel's p99, at most 1",
        "reached  70 MB in memory, less than 80",
    ]
    slow = [Load(30, 0.001, 0.004, 1e-5)] * 3
    assert [line.split()[0] for line in reaches(report(slow, 90_000_000))] == ["MISSED"] * 4
    assert "few        4  ours" in table(report(slow))


def test_an_answer_that_was_no_200_ends_the_run() -> None:
    line = '{"requests":200,"microseconds":1000000,"p50":100,"p99":300,"errors":%d}'
    assert read(line % 0, "ours", 0.01) == Load(200.0, 0.0001, 0.0003, 0.00005)
    with pytest.raises(SystemExit, match=r"^hazel did not answer everything with 200: "):
        read(line % 1, "hazel", 0.01)


def test_the_catalog_that_is_measured_offers_something_to_every_version_that_asks() -> None:
    table, now = compile(catalog()), datetime.now(UTC)
    assert len(objects()) == 2
    for version in VERSIONS[:ASKED]:
        assert isinstance(decide(table, Request("stable", "linux-x86_64", "appimage", version, 437), now), Offer)
