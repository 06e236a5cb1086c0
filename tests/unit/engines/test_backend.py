"""Whose lock may be taken away: a dead one's on this host, an old one's of another."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from delivery.engines.backend import Lock

NOW = datetime.now(UTC)


def lock(pid: int, host: str, age: timedelta) -> Lock:
    return Lock("locks/x.json", pid, "somebody", host, NOW - age)


@pytest.mark.parametrize(
    ("host", "age", "is_left_over"),
    [
        ("elsewhere", timedelta(minutes=119), False),
        ("elsewhere", timedelta(minutes=121), True),
    ],
)
def test_another_hosts_lock_counts_for_two_hours(host: str, age: timedelta, is_left_over: bool) -> None:
    assert lock(os.getpid(), host, age).is_left_over(NOW, "here") is is_left_over


def test_a_process_of_this_host_that_lives_holds_its_lock_for_as_long_as_it_takes() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        held = Lock("locks/x.json", process.pid, "somebody", "here", datetime.now(UTC))
        assert held.is_left_over(NOW + timedelta(hours=3), "here") is False
        process.kill()
    assert held.is_left_over(NOW, "here") is True


def test_a_number_that_a_younger_process_has_by_now_is_no_owner() -> None:
    assert lock(os.getpid(), "here", timedelta(days=365)).is_left_over(NOW, "here") is True
