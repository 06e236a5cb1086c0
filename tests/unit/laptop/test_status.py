"""What is said of a laptop that runs, that was killed, or that never was."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from delivery.laptop import status
from delivery.laptop.places import Places
from delivery.laptop.processes import started

HOSTS = {
    name: {"url": f"http://127.0.0.1:{8401 + n}"} for n, name in enumerate(("updates", "downloads", "site", "console"))
}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A checkout with one commit."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A Maintainer", "-c", "user.email=maintainer@espice.localhost"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", "First"], check=True)
    return Places(tmp_path)


@pytest.fixture
def supervisor() -> Iterator[subprocess.Popen[bytes]]:
    """A process that can be ended as `up` can; waited for, as a shell would."""
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    threading.Thread(target=process.wait, daemon=True).start()
    yield process
    process.kill()


def head(places: Places) -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=places.repo, capture_output=True, text=True, check=True
    ).stdout.strip()


def written(places: Places, pid: int, **said: Any) -> dict[str, Any]:
    """A report as `up` writes one."""
    report = {
        "phase": "ready",
        "pid": pid,
        "started": started(pid),
        "commit": head(places),
        "serial": 7,
        "hosts": HOSTS,
    }
    report |= {"outcomes": {"laptop": {"changes": []}}, **said}
    places.report.parent.mkdir(parents=True, exist_ok=True)
    places.report.write_text(json.dumps(report))
    return report


def test_nothing_ever_ran_here(places: Places) -> None:
    assert status.report(places) == {}
    assert status.status(places) == {"running": False}
    assert status.down(places) is False


def test_what_runs_is_told_with_the_head_of_the_checkout(places: Places) -> None:
    report = written(places, os.getpid())
    del report["outcomes"]  # for `apply` only
    assert status.status(places) == {"running": True, **report, "head": head(places), "head_is_live": True}


@pytest.mark.parametrize("said", [{"commit": "0" * 40}, {"phase": "starting"}, {"phase": "starting", "commit": None}])
def test_head_is_live_only_when_it_is_carried_out_and_all_is_ready(places: Places, said: dict[str, Any]) -> None:
    written(places, os.getpid(), **said)
    assert status.status(places)["head_is_live"] is False


def test_the_report_of_a_supervisor_that_was_killed_says_nothing_runs(
    places: Places, supervisor: subprocess.Popen[bytes]
) -> None:
    written(places, supervisor.pid)
    supervisor.kill()
    supervisor.wait()
    assert status.running(places) == {}
    assert status.status(places) == {"running": False}
    assert status.down(places) is False
    assert status.report(places)["serial"] == 7  # for the next `up`, which ends what was left


def test_down_ends_what_a_killed_supervisor_left(places: Places, supervisor: subprocess.Popen[bytes]) -> None:
    left = {"name": "edge", "pid": supervisor.pid, "started": started(supervisor.pid)}
    written(places, supervisor.pid, started=(started(supervisor.pid) or 0) - 60, processes=[left])
    assert status.down(places) is True
    assert started(supervisor.pid) is None
    assert status.down(places) is False


def test_another_process_with_the_pid_of_a_dead_supervisor_is_not_taken_for_it(
    places: Places, supervisor: subprocess.Popen[bytes]
) -> None:
    written(places, supervisor.pid, started=(started(supervisor.pid) or 0) - 60)
    assert status.status(places) == {"running": False}
    assert status.down(places) is False
    assert supervisor.poll() is None


def test_down_ends_the_supervisor_and_waits_for_it(places: Places, supervisor: subprocess.Popen[bytes]) -> None:
    written(places, supervisor.pid)
    assert status.down(places) is True
    assert supervisor.wait(1) == -15


@pytest.mark.parametrize("garbage", ["", '{"phase":'])
def test_half_a_report_is_none(places: Places, garbage: str) -> None:
    written(places, os.getpid())
    places.report.write_text(garbage)
    assert status.status(places) == {"running": False}


def test_a_newcomer_is_told_what_to_open_and_what_to_try(places: Places) -> None:
    said = status.summary(written(places, os.getpid()))
    assert f"live at commit {head(places)[:9]}, serial 7" in said
    assert f"{HOSTS['updates']['url']}/v1/update/stable/linux/x86_64/1.2.0?bundle=appimage" in said
    assert f"{HOSTS['downloads']['url']}/v1/update/stable/linux/x86_64/appimage.json" in said
    assert f"{HOSTS['console']['url']}/  " in said
    assert "./inv raise stable 25 --commit" in said
