"""preview, apply, up, down, status where nothing of ours runs: what each says, and that none touches anything."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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


TYPED = {
    "preview": (),
    "apply": (),
    "outputs": (),
    "refresh": (),
    "import": ("aws:s3/bucket:Bucket", "shelf", "shelf"),
    "destroy": (),
}


@pytest.mark.slow
@pytest.mark.parametrize("task", TYPED)
def test_an_unknown_stack_is_answered_with_those_there_are(desk: Desk, task: str) -> None:
    said = desk.inv(task, "prod", *TYPED[task])
    assert (said.status, said.out, said.err) == (2, "", f"there is no stack prod; there are {STACKS}\n")


@pytest.mark.slow
@pytest.mark.parametrize("task", TYPED)
def test_without_credentials_a_cloud_is_left_alone_in_one_sentence(
    desk: Desk, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_credentials(monkeypatch)
    said = desk.inv(task, "staging", *TYPED[task])
    assert (said.status, said.out) == (1, "")
    instead = ", or see what the program declares: ./inv preview staging --declared" if task == "preview" else ""
    assert said.err.splitlines()[-1] == (
        f"there are no AWS credentials here; sign in to the AWS account of staging{instead}"
    )


@pytest.mark.slow
def test_without_the_real_engine_a_cloud_is_left_alone_in_one_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_credentials(monkeypatch)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing that counts")
    monkeypatch.setenv("XDG_CACHE_HOME", str(desk.repo / "cache"))
    monkeypatch.setenv("PATH", str(_git_alone(desk)))
    said = desk.inv("outputs", "production")
    assert (said.status, said.out) == (1, "")
    assert said.err == "the real engine is not on this machine; ./inv engine gets it\n"


def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)


def _git_alone(desk: Desk) -> Path:
    """A PATH with git on it, and nothing else."""
    folder = desk.repo / ".state" / "bin"
    folder.mkdir(parents=True)
    (folder / "git").symlink_to(str(shutil.which("git")))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("task", ["apply", "outputs", "refresh", "import", "destroy"])
def test_the_laptop_is_changed_only_while_it_runs(desk: Desk, task: str) -> None:
    said = desk.inv(task, "laptop-live", *TYPED[task])
    assert (said.status, said.out) == (2, "")
    assert said.err == "nothing runs here; ./inv up starts it\n"


def test_an_unknown_engine_is_answered_with_those_there_are(desk: Desk) -> None:
    said = desk.inv("up", "--engine", "terraform")
    assert (said.status, said.out) == (1, "")
    assert said.err == "up: there is no engine terraform; there are embedded and pulumi\n"


@pytest.mark.slow
def test_a_preview_of_facts_that_an_environment_does_not_trust_is_refused(desk: Desk) -> None:
    said = desk.inv("preview", "production-live", "--declared")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[-1] == "35 problems"


@pytest.mark.slow
def test_a_preview_is_of_head_and_names_every_problem_of_its_files(desk: Desk) -> None:
    desk.append("Pulumi.staging.yaml", "x: [")
    line = len((desk.repo / "Pulumi.staging.yaml").read_text().splitlines()) + 1
    desk.git("commit", "-q", "-a", "-m", "Break it")
    desk.git("checkout", "-q", "HEAD~1", "--", "Pulumi.staging.yaml")
    said = desk.inv("preview", "staging", "--declared")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"Pulumi.staging.yaml:{line}: is not YAML")


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["laptop", "laptop-live", "staging"])
def test_a_preview_from_nothing_creates_all_and_says_what_it_did_not_read(desk: Desk, stack: str) -> None:
    said = desk.inv("preview", stack, *(["--declared"] if stack == "staging" else []))
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
