"""client: what it says where the real client is, where it cannot be built, and where tests need it all the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from delivery.laptop import client
from tests.laptop.system import ROOT, env
from tests.unit.commands.desk import Desk


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one, on a machine that can build nothing."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("delivery.laptop.client.shutil.which", lambda _: None)


@pytest.mark.usefixtures("cache")
def test_where_it_cannot_be_built_one_sentence_says_what_lacks(desk: Desk) -> None:
    said = desk.inv("client")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(
        "the real client cannot be built here: there is no cargo on PATH: get Rust 1.90 or newer"
    )
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("cache")
def test_where_it_was_built_it_says_where(desk: Desk) -> None:
    path = client._cached()
    path.parent.mkdir(parents=True)
    path.touch()
    assert desk.inv("client").out == f"the real client: it is in the cache: {path}\n"
    said = json.loads(desk.inv("client", "--json").out)
    assert (said["path"], said["built"]) == (str(path), False)


@pytest.mark.slow
@pytest.mark.parametrize(("required", "status", "word"), [("client", 1, "error"), ("", 0, "skipped")])
def test_tests_that_need_it_are_left_out_unless_they_are_required(
    tmp_path: Path, required: str, status: int, word: str
) -> None:
    one = "tests/clients/test_answers.py::test_a_204_ends_the_ladder"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", one],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**env(), "XDG_CACHE_HOME": str(tmp_path), "ESPICE_REQUIRED_SUITES": required},
    )
    assert (done.returncode, done.stdout.count(f"1 {word}")) == (status, 1), done.stdout
    assert client.MISSING in done.stdout
