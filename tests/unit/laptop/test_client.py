"""How the real client is built: what must be there, what is said where it is not, and that nothing half-made stays.

Programs on PATH are little scripts: they say what the real ones say, as far as it is read.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from delivery.engines.making import Progress
from delivery.laptop import client

ROOT = Path(__file__).parents[3]
CARGO = """
case "$1" in
--version) echo "cargo 1.90.0 (abc 2025-09-18)";;
tree) echo " Downloaded one v1.0.0" >&2; echo "    Finished" >&2; printf 'one v1\\ntwo v1 (*)\\ntwo v1\\n';;
build) for crate in one two; do echo "   Compiling $crate v1.0.0" >&2; done
       mkdir -p "$CARGO_TARGET_DIR/debug"; cp "$0" "$CARGO_TARGET_DIR/debug/espice-client";;
esac
"""
LIBRARIES = (
    "WebKitGTK's development files (webkit2gtk-4.1), pkg-config or a C compiler is missing: type ./inv client "
    "--install, or as root apt-get install --yes --no-install-recommends libwebkit2gtk-4.1-dev pkg-config gcc"
)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with all that it takes, as a folder of programs, and an empty cache."""
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "bin").mkdir()
    for tool in ("mkdir", "cp", "env", "sleep", "touch", "sh"):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    program(tmp_path, "cargo", CARGO)
    program(tmp_path, "cc", "")
    program(tmp_path, "pkg-config", '[ "$*" = "--exists webkit2gtk-4.1" ]')
    return tmp_path


def program(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def left(machine: Path) -> list[str]:
    """What lies in the cache, besides the lock."""
    cache = machine / "cache/espice-client"
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.name != ".lock")


def test_it_is_built_once_with_progress_and_found_the_next_time(machine: Path) -> None:
    assert client.find() is None
    heard: list[Progress] = []
    got = client.obtain(heard.append)
    assert got.is_new
    assert got.path == client.find()
    assert heard == [
        Progress("downloading crates"),
        Progress("downloading crates", 1),
        *(Progress("compiling", done, 2) for done in range(3)),
    ]
    assert left(machine) == [got.path.parent.name, f"{got.path.parent.name}/espice-client"]
    assert not client.obtain(heard.append).is_new
    assert len(heard) == 5


def test_another_source_is_another_client(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.obtain(lambda _: None).path
    (machine / "clients/src").mkdir(parents=True)
    for name in ("Cargo.toml", "src/main.rs"):
        (machine / "clients" / name).write_text((client.SOURCE / name).read_text() + "\n")
    monkeypatch.setattr(client, "SOURCE", machine / "clients")
    assert client.find() is None
    assert client.obtain(lambda _: None).path != first


def test_all_that_lacks_is_said_at_once(machine: Path) -> None:
    (machine / "bin/cargo").unlink()
    program(machine, "pkg-config", "exit 1")
    with pytest.raises(client.NoClient) as missing:
        client.obtain(lambda _: None)
    rust = "there is no cargo on PATH: get Rust 1.90 or newer from https://rustup.rs, for apt-get's may be older"
    assert str(missing.value) == f"the real client cannot be built here: {rust}; {LIBRARIES}"


@pytest.mark.parametrize("tool", ["cc", "pkg-config"])
def test_without_a_compiler_or_pkg_config_it_says_what_to_install(machine: Path, tool: str) -> None:
    (machine / "bin" / tool).unlink()
    with pytest.raises(client.NoClient) as missing:
        client.obtain(lambda _: None)
    assert str(missing.value) == f"the real client cannot be built here: {LIBRARIES}"


def test_a_rust_that_is_too_old_is_named(machine: Path) -> None:
    program(machine, "cargo", "echo 'cargo 1.63.0 (fd9c4297c 2022-07-01)'")
    with pytest.raises(client.NoClient, match=r": cargo 1\.63 is too old: get Rust 1\.90 or newer from https://rustup"):
        client.obtain(lambda _: None)


def test_elsewhere_than_on_linux_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(client.NoClient, match="built on Linux only"):
        client.obtain(lambda _: None)


@pytest.mark.parametrize(
    ("user", "before"), [(0, ""), (1000, "sudo --non-interactive env DEBIAN_FRONTEND=noninteractive ")]
)
def test_its_packages_are_installed_on_request_as_root(
    machine: Path, monkeypatch: pytest.MonkeyPatch, user: int, before: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    note = f'echo "$(basename $0) $*" >> {machine}/typed'
    program(machine, "basename", 'echo "${1##*/}"')
    apt = f'echo "apt-get $*, $DEBIAN_FRONTEND" >> {machine}/typed; [ "$1" = update ] || touch {machine}/there'
    program(machine, "apt-get", apt)
    program(machine, "sudo", f'{note.replace("$(basename $0)", "sudo")}; shift; unset DEBIAN_FRONTEND; exec "$@"')
    program(machine, "pkg-config", f"[ -e {machine}/there ]")
    heard: list[Progress] = []
    assert client.obtain(heard.append, install=True).is_new
    assert heard[0] == Progress("installing libwebkit2gtk-4.1-dev, pkg-config, gcc")
    typed = [
        "apt-get update",
        "apt-get install --yes --no-install-recommends libwebkit2gtk-4.1-dev pkg-config gcc",
    ]
    said = (machine / "typed").read_text().splitlines()
    assert said == [
        line for each in typed for line in ([f"{before}{each}"] if before else []) + [f"{each}, noninteractive"]
    ]


def test_an_install_that_fails_says_so(machine: Path) -> None:
    program(machine, "pkg-config", "exit 1")
    program(machine, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    program(machine, "sudo", "echo 'E: Unable to locate package' >&2; exit 100")
    with pytest.raises(client.NoClient, match=r"failed \(E: Unable to locate package\)"):
        client.obtain(lambda _: None, install=True)


def test_a_build_that_fails_leaves_nothing_and_says_why(machine: Path) -> None:
    program(machine, "cargo", CARGO.replace("build)", "build) echo 'error: no matching package' >&2; exit 101;;\nno)"))
    with pytest.raises(client.NoClient, match=r"^cargo build failed \(error: no matching package\)$"):
        client.obtain(lambda _: None)
    assert left(machine) == []


def test_an_interrupted_build_leaves_nothing_and_ends_what_it_started(machine: Path) -> None:
    begun = machine / "begun"
    program(machine, "cargo", CARGO.replace("build)", f"build) echo $$ > {begun}; sleep 60;;\nno)"))
    code = "from delivery.laptop import client; client.obtain(print)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"import signal; signal.signal(2, signal.default_int_handler); {code}"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (begun.exists() and begun.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert left(machine) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


def test_every_crate_is_pinned_to_one_version_and_no_lock_is_kept() -> None:
    lines = (ROOT / "clients/tauri/Cargo.toml").read_text().partition("[dependencies]")[2].partition("[profile")[0]
    versions = re.findall(r'^[a-z0-9-]+ = (?:\{ version = )?"([^"]+)"', lines, re.MULTILINE)
    assert len(versions) > 15
    assert [version for version in versions if not re.fullmatch(r"=\d+\.\d+\.\d+", version)] == []
    assert "Cargo.lock" in (ROOT / "clients/tauri/.gitignore").read_text().split()
