"""test, bench: what is said before anything runs."""

from pathlib import Path

import pytest

from tests.unit.commands.desk import Desk

BENCHMARKS = sorted(path.stem for path in (Path(__file__).parents[3] / "benchmarks").glob("*.py"))


def test_requiring_an_unknown_suite_is_refused_before_any_test_runs(desk: Desk) -> None:
    said = desk.inv("test", "--require", "engine,telepathy")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("there is no suite ")
    assert "telepathy" in said.err


@pytest.mark.parametrize("shard", ["0/3", "4/3", "2", "2/", "one/two", "1/3/3", "-1/3"])
def test_a_share_that_there_cannot_be_is_refused_before_any_test_runs(desk: Desk, shard: str) -> None:
    said = desk.inv("test", f"--shard={shard}")
    told = f"there is no shard {shard}; write which of how many, as in 2/3\n"
    assert (said.status, said.out, said.err) == (2, "", told)


def test_an_unknown_benchmark_is_answered_with_those_there_are(desk: Desk) -> None:
    said = desk.inv("bench", "--name", "nope")
    there = ", ".join(name for name in BENCHMARKS if name not in ("__init__", "measure"))
    assert (said.status, said.out, said.err) == (2, "", f"there is no benchmark nope; there are {there}\n")
