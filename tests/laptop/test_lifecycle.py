"""Starting, running beside others, dying and ending: what a person meets around the walk."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from delivery.laptop.places import Places
from tests.laptop.system import System, copy_of_this_repository, git, now, running


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, System]]:
    """Two clones of one repository, both running, where the second wished for the ports of the first."""
    first = copy_of_this_repository(tmp_path_factory.mktemp("first"))
    second = tmp_path_factory.mktemp("second") / "clone"
    git(first, "clone", "-q", str(first), str(second))
    wished = Places(second).ports
    wished.parent.mkdir(parents=True)
    shutil.copy(Places(first).ports, wished)
    with running(first) as one, running(second) as other:
        yield one, other


def test_two_clones_run_side_by_side_each_from_its_own_facts(two: tuple[System, System]) -> None:
    one, other = two
    assert {host["url"] for host in one.status()["hosts"].values()}.isdisjoint(
        host["url"] for host in other.status()["hosts"].values()
    )
    one.inv("stop", "stable", "--reason", "only here", "--commit")
    one.await_live()
    assert one.offered("1.2.0") is None
    assert other.offered("1.2.0") == "1.3.0"


def test_a_taken_port_is_named_and_another_chosen(two: tuple[System, System]) -> None:
    _, other = two
    said = (other.repo / ".state/laptop/logs/up.log").read_text()
    taken = [line for line in said.splitlines() if "is taken by another program; using" in line]
    assert len(taken) == 7
    assert "(updates)" in "".join(taken)


def test_a_killed_supervisor_is_cleaned_up_after_by_the_next_start(two: tuple[System, System]) -> None:
    _, other = two
    before = other.status()
    os.kill(before["pid"], signal.SIGKILL)
    psutil.wait_procs([psutil.Process(before["pid"])] if psutil.pid_exists(before["pid"]) else [], timeout=10)
    assert other.status() == {"running": False}
    left = [entry["pid"] for entry in before["processes"] if psutil.pid_exists(entry["pid"])]
    assert left  # a killed process cannot end what it started
    other.inv("up", "--detach", "--no-site")
    assert not [pid for pid in left if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]
    assert other.status()["hosts"] == before["hosts"]  # the ports are remembered
    assert other.offered("1.2.0") == "1.3.0"


def test_a_bad_head_at_the_start_leaves_what_was_live_last(two: tuple[System, System]) -> None:
    _, other = two
    good = other.status()["commit"]
    other.inv("down")
    other.append("releases/rollouts/stable/1.4.0.yaml", f'  - {{at: "{now()}", percent: -1}}')
    other.commit("Lower too far")
    other.inv("up", "--detach", "--no-site")
    found = other.status()
    assert (found["commit"], found["head_is_live"]) == (good, False)
    assert found["trouble"] == [
        f"releases/rollouts/stable/1.4.0.yaml:{_lines(other)}: steps.3.percent: -1 is below 0; "
        "write a whole number of percent from 0 to 100"
    ]
    other.git("reset", "-q", "--hard", good)
    other.await_live()


def test_a_commit_of_code_runs_from_the_commit(two: tuple[System, System]) -> None:
    """What a commit changes in the program is what runs, in a worker and an endpoint of its own."""
    _, other = two
    decide = "delivery/endpoint/wsgi.py"
    other.append(decide, "# a comment is another build")
    other.commit("Comment the endpoint")
    before = {entry["name"] for entry in other.status()["processes"]}
    after = other.await_live()
    names = {entry["name"] for entry in after["processes"]}
    assert [name for name in before if name.startswith("endpoint-1-")]
    assert [name for name in names if name.startswith("endpoint-2-")]
    assert not before & {name for name in names if name.startswith("endpoint-")}
    assert other.offered("1.2.0") == "1.3.0"


def test_a_commit_whose_program_does_not_start_is_told_and_a_later_one_goes_live(two: tuple[System, System]) -> None:
    _, other = two
    before = other.status()
    other.append("delivery/deploy/head.py", "this is no Python")
    bad = other.commit("Break the program")
    found = other.await_status(lambda found: found.get("tried") == bad, "the broken commit was tried")
    log = other.repo / ".state/laptop/logs/worker.log"
    assert found["trouble"] == [f"the worker died: SyntaxError: invalid syntax; see {log}"]
    assert (found["commit"], found["head_is_live"]) == (before["commit"], False)
    assert found["carried"] == before["carried"] + 1
    assert other.offered("1.2.0") == "1.3.0"
    assert log.read_text().count("SyntaxError: invalid syntax") == 2  # and it is left alone from then on
    other.git("revert", "--no-edit", bad)
    after = other.await_live()
    assert (after["trouble"], after["carried"]) == ([], before["carried"] + 2)


def test_an_endpoint_that_does_not_start_leaves_the_one_that_answers(two: tuple[System, System]) -> None:
    _, other = two
    before = other.status()
    other.append("delivery/endpoint/main.py", 'raise SystemExit("it does not start")')
    bad = other.commit("Break the endpoint")
    found = other.await_status(lambda found: found.get("tried") == bad, "the broken commit was tried")
    assert len(found["trouble"]) == 1
    assert "ends as soon as it is started; see " in found["trouble"][0]
    assert found["commit"] == before["commit"]
    assert other.offered("1.2.0") == "1.3.0"
    other.git("revert", "--no-edit", bad)
    assert other.await_live()["trouble"] == []
    assert other.offered("1.2.0") == "1.3.0"


def test_a_commit_that_takes_a_dns_record_away_is_refused_unless_it_says_so(two: tuple[System, System]) -> None:
    _, other = two
    records = other.repo / "infra/edge/records.py"
    record = ', "www": _nowhere(names.www_host)'
    assert record in records.read_text()
    records.write_text(records.read_text().replace(record, ""))
    refused = (
        "cloudflare:index/dnsRecord:DnsRecord www: it would be deleted, and installations find us by it; undo the "
        "change, or add www to acknowledge in the stack file in a reviewed change of its own"
    )
    assert refused in other.inv("preview", "laptop", "--json", expect=1)
    taken = other.commit("Take www away")
    found = other.await_status(lambda found: found.get("tried") == taken, "the commit was tried")
    assert found["trouble"] == [refused]
    stack = "Pulumi.laptop.yaml"
    other.write(stack, (other.repo / stack).read_text().rstrip() + "\n    acknowledge: [www]\n")
    other.commit("Let www go")
    assert other.await_live()["trouble"] == []


def test_apply_and_preview_of_what_is_so_change_nothing(two: tuple[System, System]) -> None:
    _, other = two
    for stack in ("laptop", "laptop-live"):
        applied = json.loads(other.inv("apply", stack, "--json"))
        previewed = json.loads(other.inv("preview", stack, "--json"))
        assert (applied["changes"], previewed["changes"]) == ([], [])
        assert previewed["summary"].startswith("same ")


def test_down_leaves_no_process_behind(two: tuple[System, System]) -> None:
    _, other = two
    before = other.status()
    ports = [int(host["url"].rpartition(":")[2]) for host in before["hosts"].values()]
    assert "nothing is left running" in other.inv("down")
    assert not [entry for entry in before["processes"] if psutil.pid_exists(entry["pid"])]
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert json.loads(other.inv("status", "--json", expect=1)) == {"running": False}
    assert "nothing runs here" in other.inv("down")
    assert "nothing runs here" in other.inv("apply", "laptop", expect=2)


def test_a_checkout_without_a_commit_says_so(tmp_path: Path) -> None:
    copy_of_this_repository(tmp_path)
    shutil.rmtree(tmp_path / ".git")
    git(tmp_path, "init", "-q", "-b", "main")
    assert "has no commit yet; commit what you have" in System(tmp_path).inv("up", expect=1)


def _lines(system: System) -> int:
    return len((system.repo / "releases/rollouts/stable/1.4.0.yaml").read_text().splitlines())
