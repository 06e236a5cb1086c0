"""./inv itself: readable by old Pythons, sets up once, completes what was left half made, hands over."""

import ast
import fcntl
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "inv").read_text()

Steps = list[list[str]]


def bootstrap_in(folder: Path) -> ModuleType:
    """A copy of inv in a folder of its own, with small locks, as a module."""
    (folder / "requirements").mkdir(parents=True, exist_ok=True)
    for lock in ("bootstrap.txt", "all.txt"):
        (folder / "requirements" / lock).write_text("# nothing to install\n")
    shutil.copy(ROOT / "inv", folder / "inv")
    loader = importlib.machinery.SourceFileLoader("inv_under_test", str(folder / "inv"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def inv(tmp_path: Path) -> ModuleType:
    return bootstrap_in(tmp_path / "checkout")


@pytest.fixture
def steps(inv: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """The commands that a set-up would run; nothing is installed."""
    ran: Steps = []

    def note(command: list[str], _: str) -> None:
        ran.append(command)
        os.makedirs(inv.VENV, exist_ok=True)

    monkeypatch.setattr(inv, "step", note)
    return ran


@pytest.fixture
def handed_over(inv: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What inv becomes in the end."""
    became: list[str] = []
    monkeypatch.setattr(os, "execv", lambda _, arguments: became.extend(arguments))
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("VIRTUAL_ENV", "")
    monkeypatch.setattr(sys, "argv", [str(inv.ROOT)])
    return became


def an_environment(inv: ModuleType) -> None:
    """A real one, made by this Python, without its packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", inv.VENV], check=True)


def kinds(ran: Steps) -> list[str]:
    """venv, pip, uv: by which program each step is done."""
    return [command[2] for command in ran]


# --- which Python -------------------------------------------------------------------------------------------------


def test_an_old_python_can_read_it() -> None:
    ast.parse(SOURCE, feature_version=(3, 6))
    assert not re.search(r"\bf[\"']", SOURCE)


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = {name for node in ast.walk(ast.parse(SOURCE)) for name in _imports(node)}
    assert imported <= sys.stdlib_module_names


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        yield str(node.module).partition(".")[0]


@pytest.mark.parametrize("version", [(3, 6, 9), (3, 10, 14)])
def test_an_old_python_gets_a_sentence(
    inv: ModuleType,
    steps: Steps,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    version: tuple[int, int, int],
) -> None:
    said = ".".join(map(str, version))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", version)
        patch.setattr(sys, "version", f"{said} (main, Oct 1 2021)")
        with pytest.raises(SystemExit) as ended:
            inv.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        f"inv: ESpice Delivery needs Python 3.11 or newer; this is {said}. Try: python3.11 inv\n"
    )
    assert steps == []


def test_it_asks_for_the_python_that_the_project_names() -> None:
    named = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    assert named is not None
    assert f"sys.version_info < ({named[1]}, {named[2]})" in SOURCE


def test_windows_gets_a_sentence(
    inv: ModuleType, steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        with pytest.raises(SystemExit):
            inv.main()
    assert "runs on Linux and macOS (on Windows: in WSL)" in capsys.readouterr().err
    assert steps == []


# --- when there is something to set up ----------------------------------------------------------------------------


def test_the_fingerprint_is_that_of_the_locks_this_python_and_this_place(
    inv: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = inv.fingerprint()
    assert inv.fingerprint() == first
    assert bootstrap_in(tmp_path / "moved").fingerprint() != first
    for lock in ("bootstrap.txt", "all.txt"):
        before = inv.fingerprint()
        with (Path(inv.ROOT) / "requirements" / lock).open("a") as file:
            file.write("flask==3.1.3\n")
        assert inv.fingerprint() != before
    with monkeypatch.context() as patch:
        before = inv.fingerprint()
        patch.setattr(sys, "version", "3.99.0")
        assert inv.fingerprint() != before


def test_a_first_use_sets_up_and_hands_over_with_the_list_of_tasks(
    inv: ModuleType, steps: Steps, handed_over: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    inv.main()
    assert kinds(steps) == ["venv", "pip", "uv"]
    assert all("--require-hashes" in command for command in steps[1:])
    assert handed_over == [inv.PYTHON, "-m", "invoke", "--search-root", inv.ROOT, "--list"]
    assert "first use: setting up .venv" in capsys.readouterr().err


def test_arguments_are_handed_over_as_typed_and_programs_of_the_environment_come_first(
    inv: ModuleType, steps: Steps, handed_over: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["inv", "raise", "stable", "25", "--because", "a b"])
    inv.main()
    assert steps
    assert handed_over[5:] == ["raise", "stable", "25", "--because", "a b"]
    assert os.environ["PATH"].split(os.pathsep)[0] == f"{inv.VENV}/bin"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_may_be_asked_for_behind_a_task(
    inv: ModuleType, steps: Steps, handed_over: list[str], monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["inv", "hold", flag])
    inv.main()
    assert steps
    assert handed_over[5:] == [flag, "hold"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["site", "build", "HEAD~1", "--json"], ["site.build", "HEAD~1", "--json"]),
        (["site.build", "HEAD~1"], ["site.build", "HEAD~1"]),
        (["content", "calendar", "--help"], ["--help", "content.calendar"]),
        (["site"], ["--list", "site"]),
        (["site", "--help"], ["--list", "site"]),
        (["test", "--require", "site"], ["test", "--require", "site"]),
        ([], ["--list"]),
    ],
)
def test_a_task_of_a_group_is_typed_with_a_space(inv: ModuleType, typed: list[str], told: list[str]) -> None:
    assert inv.spelled(typed) == told


def test_what_is_set_up_is_not_set_up_again(
    inv: ModuleType, steps: Steps, handed_over: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    an_environment(inv)
    Path(inv.STAMP).write_text(inv.fingerprint())
    inv.main()
    assert (steps, capsys.readouterr().err) == ([], "")
    assert handed_over


def test_a_stamp_counts_only_with_a_python_beside_it(inv: ModuleType) -> None:
    assert inv.stamped() is None
    os.makedirs(inv.VENV)
    Path(inv.STAMP).write_text("made")
    assert inv.stamped() is None
    an_environment(inv)
    assert inv.stamped() == "made"


def test_other_locks_keep_the_environment_and_sync_its_packages(inv: ModuleType, steps: Steps) -> None:
    an_environment(inv)
    Path(inv.STAMP).write_text("what was wanted before")
    inv.set_up(inv.fingerprint())
    assert kinds(steps) == ["pip", "uv"]
    assert inv.stamped() == inv.fingerprint()


def _nothing(_: ModuleType) -> None:
    """No environment at all."""


def _without_python(inv: ModuleType) -> None:
    an_environment(inv)
    os.remove(inv.PYTHON)


def _with_a_dead_link(inv: ModuleType) -> None:
    _without_python(inv)
    os.symlink("a-python-that-was-removed", inv.PYTHON)


def _moved_from_elsewhere(inv: ModuleType) -> None:
    os.makedirs(f"{inv.VENV}/bin")
    Path(inv.PYTHON).symlink_to(sys.executable)


@pytest.mark.parametrize("left", [_nothing, _without_python, _with_a_dead_link, _moved_from_elsewhere])
def test_what_is_no_environment_of_this_python_here_is_not_kept(
    inv: ModuleType, left: Callable[[ModuleType], None]
) -> None:
    left(inv)
    assert inv.keepable() is False


def test_an_environment_of_this_python_here_is_kept(inv: ModuleType) -> None:
    an_environment(inv)
    assert inv.keepable() is True


def test_a_set_up_that_was_interrupted_is_completed_by_the_next(
    inv: ModuleType, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(command: list[str], _: str) -> None:
        if command[2] == "uv":
            raise KeyboardInterrupt
        if command[2] == "venv":
            an_environment(inv)

    with monkeypatch.context() as patch:
        patch.setattr(inv, "step", interrupt)
        with pytest.raises(KeyboardInterrupt):
            inv.set_up(inv.fingerprint())
    assert inv.stamped() is None
    inv.set_up(inv.fingerprint())
    assert kinds(steps) == ["pip", "uv"]  # the environment itself was whole
    assert inv.stamped() == inv.fingerprint()


def test_a_step_that_fails_ends_with_its_mend_and_leaves_no_stamp(
    inv: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    an_environment(inv)
    monkeypatch.setattr(subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(SystemExit) as ended:
        inv.set_up(inv.fingerprint())
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "inv: pip could not install uv; is a package index within reach?"
    )
    assert inv.stamped() is None


def test_of_two_at_once_the_second_waits_and_does_nothing(inv: ModuleType, steps: Steps) -> None:
    an_environment(inv)
    wanted = inv.fingerprint()
    second = threading.Thread(target=inv.set_up, args=(wanted,))
    with (Path(inv.ROOT) / "requirements/all.txt").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second.start()
        time.sleep(0.2)
        assert second.is_alive()
        Path(inv.STAMP).write_text(wanted)  # the first is done
    second.join(5)
    assert not second.is_alive()
    assert steps == []


@pytest.mark.slow
def test_half_an_environment_is_made_anew_for_real(inv: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real `python -m venv`; what pip and uv would fetch is left out."""
    os.makedirs(f"{inv.VENV}/lib")
    (Path(inv.VENV) / "lib/left over").write_text("from a set-up that was killed")
    real = inv.step
    monkeypatch.setattr(inv, "step", lambda command, trouble: real(command, trouble) if command[2] == "venv" else None)
    inv.set_up(inv.fingerprint())
    assert inv.stamped() == inv.fingerprint()
    assert inv.keepable()
    assert not (Path(inv.VENV) / "lib/left over").exists()
