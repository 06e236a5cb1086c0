"""The real client: the updater that ESpice ships, built as a program without a window from clients/tauri.

It is what the tests ask beside the Python client that stands in for it everywhere else. Linux only: there it can be
built without a display, and an update is one file. What is built lies whole in the cache, named by what it was built
from, or not at all.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from delivery.engines import debian, making
from delivery.engines.making import Progress, Tell

SOURCE = Path(__file__).resolve().parents[2] / "clients" / "tauri"
NAME = "espice-client"
MISSING = "the real client is not on this machine; ./inv client builds it"
LIBRARIES = "webkit2gtk-4.1"
PACKAGES = ("libwebkit2gtk-4.1-dev", "pkg-config", "gcc")
"""Debian's, also Ubuntu's: what Tauri is compiled against, how it is found, and what links it."""


class NoClient(Exception):  # noqa: N818 - what is wrong is this machine
    """The client cannot be built here; the sentence says what lacks and what gets it."""


@dataclass(frozen=True, slots=True)
class Got:
    """The client, whether it had to be built, and what that took."""

    path: Path
    is_new: bool
    seconds: float


def find() -> Path | None:
    """The client of this checkout's source, if it was built on this machine."""
    path = _cached()
    return path if path.exists() else None


def obtain(tell: Tell, install: bool = False) -> Got:
    """Find or build it; with `install` Debian's packages are put on the machine first if they lack. Raises NoClient."""
    began = time.monotonic()
    path = _cached()
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.parent.parent / ".lock"):  # a second one waits, and then finds it
        is_new = not path.exists()
        if is_new:
            _make_ready(tell, install)
            _build(path, tell)
    return Got(path, is_new, time.monotonic() - began)


def _cached() -> Path:
    """Outside any checkout, for all that have the same source."""
    told = hashlib.sha256()
    for file in (SOURCE / "Cargo.toml", *sorted((SOURCE / "src").iterdir())):
        told.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / NAME / told.hexdigest()[:16] / NAME


def _make_ready(tell: Tell, install: bool) -> None:
    if sys.platform != "linux":
        raise NoClient("the real client is built on Linux only; elsewhere its tests are left out")
    if install and not _has_libraries():
        try:
            debian.install(PACKAGES, tell)
        except debian.NotInstalled as error:
            raise NoClient(str(error)) from None
    lacks = [*_lacks_rust(), *([] if _has_libraries() else [_LIBRARIES_LACK])]
    if lacks:
        raise NoClient(f"the real client cannot be built here: {'; '.join(lacks)}")


_LIBRARIES_LACK = (
    f"WebKitGTK's development files ({LIBRARIES}), pkg-config or a C compiler is missing: "
    f"type ./inv client --install, or as root {debian.typed(PACKAGES)}"
)


def _has_libraries() -> bool:
    if not (shutil.which("pkg-config") and shutil.which("cc")):
        return False
    return subprocess.run(["pkg-config", "--exists", LIBRARIES], check=False).returncode == 0


def _lacks_rust() -> list[str]:
    """What to say if there is no cargo, or one that is too old."""
    found = re.search(r'^rust-version = "(\d+)\.(\d+)"$', (SOURCE / "Cargo.toml").read_text(), re.MULTILINE)
    assert found is not None  # noqa: S101 - a test reads it
    least = int(found[1]), int(found[2])
    said = ""
    if shutil.which("cargo"):
        said = subprocess.run(["cargo", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    here = re.match(r"cargo (\d+)\.(\d+)", said)
    if here and (int(here[1]), int(here[2])) >= least:
        return []
    is_there = f"{here[0]} is too old" if here else "there is no cargo on PATH"
    return [f"{is_there}: get Rust {found[1]}.{found[2]} or newer from https://rustup.rs, for apt-get's may be older"]


def _build(path: Path, tell: Tell) -> None:
    """Compile a copy of the source, for cargo writes beside what it reads."""
    with making.half(path.parent) as folder:
        shutil.copytree(SOURCE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target", "Cargo.lock"))
        tell(Progress("downloading crates"))
        crates = _cargo(["tree", "--edges", "normal,build", "--prefix", "none"], folder, _told(tell, "Downloaded"))
        total = len({line.removesuffix(" (*)") for line in crates})
        tell(Progress("compiling", 0, total))
        _cargo(["build"], folder, _told(tell, "Compiling", total))
        built = folder / "target" / "debug" / NAME
        path.parent.mkdir(exist_ok=True)
        built.replace(path)


_SAYS = {"Downloaded": "downloading crates", "Compiling": "compiling"}


def _told(tell: Tell, word: str, total: int = 0) -> Callable[[Iterator[str]], None]:
    def follow(lines: Iterator[str]) -> None:
        ours = (line for line in lines if line.split()[:1] == [word])
        for done, _ in enumerate(ours, 1):
            tell(Progress(_SAYS[word], min(done, total) if total else done, total))

    return follow


def _cargo(args: list[str], folder: Path, follow: Callable[[Iterator[str]], None]) -> list[str]:
    return _run(["cargo", *args], folder, follow, CARGO_TARGET_DIR=str(folder / "target"), CARGO_TERM_COLOR="never")


def _run(words: list[str], folder: Path, follow: Callable[[Iterator[str]], None], **variables: str) -> list[str]:
    try:
        return making.run(words, folder, follow, **variables)
    except making.Failed as failed:
        raise NoClient(f"{' '.join(words[:2])} failed ({failed})") from None
