"""What is heard of a worker that dies: real processes that end as workers do."""

import subprocess
import sys
from pathlib import Path

import pytest

from delivery.laptop.processes import Recipe, launch
from delivery.laptop.worker_client import Job, Worker, WorkerDied


def worker(folder: Path, code: str) -> Worker:
    """A worker that is this program."""
    recipe = Recipe("worker", (sys.executable, "-c", code), folder / "worker.log")
    return Worker(folder, recipe, launch(recipe, stdin=subprocess.PIPE, stdout=subprocess.PIPE))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (r"raise SystemExit('before\n\nSyntaxError: invalid syntax\n\n')", "SyntaxError: invalid syntax"),
        ("input(); raise RuntimeError('full')", "RuntimeError: full"),
        ("", "it says nothing"),
        ("import os; input(); os.kill(os.getpid(), 9)", "ended by SIGKILL"),
    ],
)
def test_a_worker_that_dies_is_told_with_its_last_word_and_where_its_log_is(
    tmp_path: Path, code: str, why: str
) -> None:
    with pytest.raises(WorkerDied) as died:
        worker(tmp_path, code).carry("0" * 40, lambda _: None)
    assert str(died.value) == f"the worker died: {why}; see {tmp_path / 'worker.log'}"


def test_a_worker_is_told_what_up_meant() -> None:
    job = Job(Path("a checkout"), {"aws": 8404}, "embedded")
    assert Job.read(job.write()) == job
