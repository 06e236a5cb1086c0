"""Real small processes: started, ended with all they started, revived, and found again after a kill."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from delivery.laptop import processes
from delivery.laptop.processes import Processes, Recipe, end_leftovers, launch, reload, started

SLEEPER = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); {SLEEPER}"
PATIENCE = 10.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.3)
    monkeypatch.setattr(processes, "PAUSE", 0.1)


@pytest.fixture
def running() -> Iterator[Processes]:
    """Ends whatever a test leaves."""
    all_of_them = Processes()
    yield all_of_them
    all_of_them.end_all()


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., Recipe]:
    def make(name: str = "sleeper", code: str = SLEEPER, **more: object) -> Recipe:
        return Recipe(name, (sys.executable, "-S", "-c", code), tmp_path / "logs" / f"{name}.log", **more)

    return make


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_said(recipe: Recipe, text: str = "ready") -> Callable[[], bool]:
    return lambda: text in recipe.log.read_text()


def is_gone(pid: int) -> bool:
    """Ended, or waited for by nobody any more."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_what_a_process_prints_goes_to_its_log_and_it_sees_its_own_variables_and_folder(
    running: Processes, recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    code = "import os, sys; print(os.environ['ONE'], os.getcwd()); print('trouble', file=sys.stderr)"
    asked = recipe(code=code, env={"ONE": "first"}, cwd=tmp_path)
    running.start(asked)
    until(has_said(asked, "trouble"))
    assert sorted(asked.log.read_text().splitlines()) == [f"first {tmp_path.resolve()}", "trouble"]


def test_each_process_has_a_session_of_its_own_so_ctrl_c_reaches_the_supervisor_alone(
    running: Processes, recipe: Callable[..., Recipe]
) -> None:
    code = "import os; print(os.getsid(0) == os.getpid(), flush=True)"
    running.start(recipe(code=code))
    until(has_said(recipe(), "True"))


def test_ending_ends_also_what_a_process_started(running: Processes, recipe: Callable[..., Recipe]) -> None:
    asked = recipe(code=PARENT)
    process = running.start(asked).process
    until(lambda: asked.log.read_text().count("ready") == 2)
    [child] = psutil.Process(process.pid).children()
    running.end("sleeper")
    assert is_gone(process.pid)
    until(lambda: is_gone(child.pid))
    assert running.names() == ()


def test_a_process_that_does_not_listen_is_ended_after_the_grace(
    running: Processes, recipe: Callable[..., Recipe]
) -> None:
    asked = recipe(code=STUBBORN)
    process = running.start(asked).process
    until(has_said(asked))
    began = time.monotonic()
    running.end("sleeper", "nobody")
    assert is_gone(process.pid)
    assert time.monotonic() - began >= processes.GRACE


def test_what_has_died_is_started_again_after_a_pause_and_counted(
    running: Processes, recipe: Callable[..., Recipe]
) -> None:
    first, second = running.start(recipe("one")), running.start(recipe("two"))
    assert running.revive() == ()
    before = first.process.pid
    first.process.kill()
    first.process.wait()
    assert running.revive() == ()  # noticed, and given a moment
    time.sleep(processes.PAUSE)
    assert running.revive() == ("one",)
    assert first.process.pid != before
    assert (first.restarts, second.restarts) == (1, 0)
    assert [entry["alive"] for entry in running.to_json()] == [True, True]


@pytest.mark.parametrize("then", [lambda running: running.revive(), lambda running: running.end("parent")])
def test_what_a_dead_process_had_started_is_ended_before_another_is_started_and_at_the_end(
    running: Processes, recipe: Callable[..., Recipe], then: Callable[[Processes], object]
) -> None:
    parent = recipe("parent", PARENT)
    process = running.start(parent).process
    until(lambda: parent.log.exists() and parent.log.read_text().count("ready") == 2)
    child = psutil.Process(process.pid).children()[0].pid
    process.kill()
    until(lambda: process.poll() is not None)
    assert not is_gone(child)  # it would hold a port, and answer in place of its successors

    def is_swept() -> bool:
        then(running)
        return is_gone(child)

    until(is_swept)


def test_what_is_skipped_stays_dead(running: Processes, recipe: Callable[..., Recipe]) -> None:
    asked = recipe("worker")
    process = launch(asked)
    running.adopt(asked, process)
    process.kill()
    process.wait()
    time.sleep(processes.PAUSE)
    assert running.revive(skip=("worker",)) == ()
    [entry] = running.to_json()
    assert (entry["name"], entry["alive"], entry["started"]) == ("worker", False, None)


def test_a_report_names_pid_start_and_log(running: Processes, recipe: Callable[..., Recipe]) -> None:
    asked = recipe()
    process = running.start(asked).process
    assert running.to_json() == [
        {
            "name": "sleeper",
            "pid": process.pid,
            "started": started(process.pid),
            "alive": True,
            "restarts": 0,
            "log": str(asked.log),
        }
    ]
    assert abs((started(process.pid) or 0) - time.time()) < PATIENCE


def test_what_a_killed_supervisor_left_is_ended_with_its_children(
    running: Processes, recipe: Callable[..., Recipe]
) -> None:
    asked = recipe(code=PARENT)
    process = running.start(asked).process
    until(lambda: asked.log.read_text().count("ready") == 2)
    [child] = psutil.Process(process.pid).children()
    report = {"processes": running.to_json()}
    assert end_leftovers(report) == ("sleeper",)
    assert is_gone(process.pid)
    assert is_gone(child.pid)
    assert end_leftovers(report) == ()


def test_a_stranger_with_the_same_pid_is_left_alone(running: Processes, recipe: Callable[..., Recipe]) -> None:
    process = running.start(recipe()).process
    [entry] = running.to_json()
    assert end_leftovers({"processes": [{**entry, "started": entry["started"] - 60}]}) == ()
    assert end_leftovers({"processes": [{**entry, "started": None}]}) == ()
    assert process.poll() is None


def test_a_report_without_processes_leaves_nothing_to_end() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert started(gone.pid) is None
    assert end_leftovers({}) == ()
    assert end_leftovers({"processes": [{"name": "gone", "pid": gone.pid, "started": None}]}) == ()


def test_a_process_is_asked_to_read_its_configuration_again(running: Processes, recipe: Callable[..., Recipe]) -> None:
    code = f"import signal; signal.signal(signal.SIGHUP, lambda *_: print('again', flush=True)); {SLEEPER}"
    asked = recipe(code=code)
    process = running.start(asked).process
    until(has_said(asked))
    reload(process.pid)
    until(has_said(asked, "again"))
