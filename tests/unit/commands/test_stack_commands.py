"""preview, apply, up, down, status where nothing of ours runs: what each says, and that none touches anything."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from filelock import FileLock

from delivery.laptop.places import Places
from delivery.laptop.processes import started
from infra.stacks import Kind
from tests.laptop.system import env
from tests.unit.commands.desk import Desk

STACKS = ", ".join(kind.of(each) for each in ("laptop", "staging", "production") for kind in Kind)
URL = "http://127.0.0.1:8401"


@pytest.fixture
def another(desk: Desk) -> Iterator[Places]:
    """The lock and the report of an `up` that runs: this very process."""
    places = Places(desk.repo)
    places.log("up").parent.mkdir(parents=True)
    places.log("up").write_text("what the other one said\n")
    hosts = {"updates": {"url": URL}}
    report = {"phase": "ready", "pid": os.getpid(), "started": started(os.getpid()), "hosts": hosts}
    places.report.write_text(json.dumps(report))
    with FileLock(places.lock):
        yield places


def test_where_nothing_runs_status_says_so_and_how_to_start(desk: Desk) -> None:
    said = desk.inv("status")
    assert (said.status, said.out, said.err) == (1, "nothing runs here; ./inv up starts it\n", "")


def test_where_nothing_runs_scripts_get_json_all_the_same(desk: Desk) -> None:
    said = desk.inv("status", "--json")
    assert (said.status, json.loads(said.out), said.err) == (1, {"running": False}, "")


def test_ending_what_does_not_run_is_no_error(desk: Desk) -> None:
    said = desk.inv("down")
    assert (said.status, said.out, said.err) == (0, "nothing runs here\n", "")


@pytest.mark.parametrize("how", [("up",), ("up", "--detach")])
def test_a_second_up_says_that_one_runs_and_where_and_leaves_its_log(
    desk: Desk, another: Places, how: tuple[str, ...]
) -> None:
    said = desk.inv(*how)
    answer = f"up: one is running already (pid {os.getpid()}): {URL}; ./inv down ends it\n"
    assert (said.status, said.out, said.err) == (1, "", answer)
    assert another.log("up").read_text() == "what the other one said\n"


@pytest.mark.slow
@pytest.mark.parametrize("task", ["preview", "apply"])
def test_an_unknown_stack_is_answered_with_those_there_are(desk: Desk, task: str) -> None:
    said = desk.inv(task, "prod")
    assert (said.status, said.out, said.err) == (2, "", f"there is no stack prod; there are {STACKS}\n")


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["staging", "production-live"])
def test_a_cloud_is_not_applied_from_here(desk: Desk, stack: str) -> None:
    said = desk.inv("apply", stack)
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        f"{stack} is applied by the real Pulumi engine with its own credentials, which this machine does not have; "
        f"./inv preview {stack} shows what the program declares\n"
    )


@pytest.mark.slow
def test_the_laptop_is_applied_only_while_it_runs(desk: Desk) -> None:
    said = desk.inv("apply", "laptop-live", "--json")
    assert (said.status, said.out) == (2, "")
    assert said.err == "nothing runs here; ./inv up starts it and applies HEAD\n"


@pytest.mark.slow
def test_a_preview_of_facts_that_an_environment_does_not_trust_is_refused(desk: Desk) -> None:
    said = desk.inv("preview", "production-live")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[-1] == "35 problems"


@pytest.mark.slow
def test_a_preview_is_of_head_and_names_every_problem_of_its_files(desk: Desk) -> None:
    desk.append("Pulumi.staging.yaml", "x: [")
    desk.git("commit", "-q", "-a", "-m", "Break it")
    desk.git("checkout", "-q", "HEAD~1", "--", "Pulumi.staging.yaml")
    said = desk.inv("preview", "staging")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("Pulumi.staging.yaml:29: is not YAML")


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["laptop", "laptop-live", "staging"])
def test_a_preview_from_nothing_creates_all_and_says_what_it_did_not_read(desk: Desk, stack: str) -> None:
    said = desk.inv("preview", stack)
    *steps, summary, note = said.out.splitlines()
    assert (said.status, said.err) == (0, "")
    assert summary == f"create {len(steps)}"
    assert (
        note
        == {
            "laptop": "nothing runs here, so everything would be made; ./inv up makes it",
            "staging": "what is live there was not read: these are the resources that the program declares",
        }[stack.partition("-")[0]]
    )
    assert all(step.startswith("create  ") for step in steps)
    assert desk.changed() == ""


@pytest.mark.slow
def test_a_preview_for_scripts_lists_every_change(desk: Desk) -> None:
    said = desk.inv("preview", "laptop-live", "--json")
    found = json.loads(said.out)
    assert (said.status, said.err) == (0, "")
    assert (found["stack"], found["errors"]) == ("laptop-live", [])
    assert found["summary"] == f"create {len(found['changes'])}"


@pytest.mark.laptop
def test_ctrl_c_while_a_detached_start_is_awaited_leaves_nothing_running(desk: Desk) -> None:
    places = Places(desk.repo)
    typed = subprocess.Popen(
        [sys.executable, "-m", "invoke", "up", "--detach"],
        cwd=desk.repo,
        env=env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - shells let background jobs ignore it
    )
    deadline = time.monotonic() + 60
    while not places.report.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    pids = [entry["pid"] for entry in json.loads(places.report.read_text())["processes"]]
    typed.send_signal(signal.SIGINT)
    said, _ = typed.communicate(timeout=60)
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "ended; nothing is left running"
    assert pids
    assert [pid for pid in pids if started(pid)] == []
    assert desk.inv("status").status == 1
