"""How the real engine gets here: which one is taken, what it is built from, and that nothing half-made looks whole.

Programs on PATH are little scripts: they say what the real ones say, as far as it is read.
"""

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from delivery.engines import cli, obtain
from delivery.engines.making import Progress
from delivery.engines.obtain import Way
from delivery.engines.stack import EngineError

ROOT = Path(__file__).parents[3]
VERSION = cli.version()
GO = f"""
case "$1" in
list) echo "go: downloading example.com/one v1.0.0" >&2; echo "go: downloading example.com/two v1.0.0" >&2
      printf 'one\\ntwo\\nthree\\n';;
build) for package in one two three; do echo $package >&2; done
       while [ "$1" != -o ]; do shift; done
       mkdir -p "$(dirname "$2")"; printf '#!/bin/sh\\necho v{VERSION}\\n' > "$2"; chmod +x "$2";;
esac
"""


@pytest.fixture(autouse=True)
def nothing_here(tmp_path, monkeypatch):
    """No pulumi and no go but those of a test, an empty cache, and an installer out of reach."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(obtain, "INSTALLER", "installer.invalid")


def program(tmp_path: Path, name: str, script: str) -> Path:
    path = tmp_path / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def pulumi(tmp_path: Path, version: str) -> Path:
    return program(tmp_path, "pulumi", f"echo v{version}")


def left(tmp_path: Path) -> list[str]:
    """What lies in the cache, besides the lock."""
    cache = tmp_path / "cache"
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file() and path.name != ".lock")


def test_the_version_stands_in_the_go_module_and_its_hashes_beside_it():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert f"{cli.MODULE} v{VERSION} h1:" in (ROOT / "engine/go.sum").read_text()


def test_the_pinned_version_on_path_is_taken(tmp_path):
    path = pulumi(tmp_path, VERSION)
    got = obtain.obtain(lambda _: None)
    assert (got.path, got.way) == (path, Way.on_path)


def test_another_version_on_path_is_not_looked_at(tmp_path):
    pulumi(tmp_path, "3.0.0")
    assert cli.find() is None
    program(tmp_path, "go", GO)
    assert obtain.obtain(lambda _: None).way is Way.built


def test_it_is_built_once_with_progress_and_found_the_next_time(tmp_path):
    program(tmp_path, "go", GO)
    heard: list[Progress] = []
    got = obtain.obtain(heard.append)
    assert (got.path, got.way) == (cli.cache() / "bin" / "pulumi", Way.built)
    assert heard == [
        Progress("downloading modules", 1),
        Progress("downloading modules", 2),
        *(Progress("compiling", done, 3) for done in range(4)),
    ]
    assert obtain.obtain(heard.append).way is Way.cached
    assert len(heard) == 6


def test_beside_it_lies_what_runs_policy_packs(tmp_path):
    pulumi(tmp_path, VERSION)
    obtain.obtain(lambda _: None)
    shim = cli.cache() / "bin" / obtain.SHIM
    assert shim.stat().st_mode & stat.S_IXUSR
    assert shim.read_text() == '#!/bin/sh\nexec python -u -m pulumi.policy "$@"\n'


def test_without_any_way_it_is_said_what_is_missing():
    with pytest.raises(EngineError) as missing:
        obtain.obtain(lambda _: None)
    go = re.search(r"^go (\S+)$", (ROOT / "engine/go.mod").read_text(), re.MULTILINE)
    assert go is not None
    assert str(missing.value) == (
        f"pulumi {VERSION} is not on PATH and cannot be got "
        "(by Pulumi's installer: installer.invalid is out of reach; built from its Go module: there is no go on PATH); "
        f"put pulumi {VERSION} on PATH, or give this machine Go {go[1]} or newer and a Go module proxy"
    )


@pytest.mark.parametrize(
    ("go", "why"),
    [
        ("echo 'go: module lookup disabled' >&2; exit 1", "go list failed (go: module lookup disabled)"),
        (GO.replace(f"echo v{VERSION}", "echo v3.0.0"), "what came of it does not run here as that version"),
    ],
)
def test_a_build_that_fails_leaves_nothing_and_says_why(tmp_path, go, why):
    program(tmp_path, "go", go)
    with pytest.raises(EngineError, match=re.escape(f"built from its Go module: {why}")):
        obtain.obtain(lambda _: None)
    assert left(tmp_path) == []


def test_an_interrupted_build_leaves_nothing_and_ends_what_it_started(tmp_path):
    begun = tmp_path / "begun"
    program(tmp_path, "go", f"echo $$ > {begun}; exec sleep 60")
    code = "from delivery.engines import obtain; obtain.INSTALLER = 'installer.invalid'; obtain.obtain(print)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"import signal; signal.signal(2, signal.default_int_handler); {code}"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (begun.exists() and begun.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert left(tmp_path) == []
    assert list((tmp_path / "cache").glob("*/.half-*")) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)
