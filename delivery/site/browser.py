"""The browser that draws the site for tests and audits: one pinned Chromium, so that all machines see the same.

It comes with the site's development tools (npm's @sparticuz/chromium) and is unpacked once into a cache outside any
checkout, whole or not at all. It runs on Linux with an x86-64 processor only. Its fonts are its own: what a page draws
depends on nothing that happens to be installed.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from delivery.engines import debian, making
from delivery.engines.making import Progress, Tell

PACKAGE = "@sparticuz/chromium"
LOCK = Path(__file__).resolve().parents[2] / "site" / "package-lock.json"
MISSING = "the browser of the site's tests is not on this machine; ./inv site tools gets it"

# Nothing asks the outside by itself; what Playwright passes besides is its own matter.
ARGUMENTS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
)

# Debian's packages, also Ubuntu's, by what the names of their libraries begin with.
_PACKAGES = {"libnss": "libnss3", "libsmime": "libnss3", "libssl3": "libnss3", "libexpat": "libexpat1"}
_PACKAGES |= dict.fromkeys(("libnspr", "libplc", "libplds"), "libnspr4")

# Its own program does the unpacking; TMPDIR says where to. Its list of arguments switches protections off: not used.
_UNPACK = f'const chromium = await import("{PACKAGE}"); await chromium.default.executablePath();'

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class NoBrowser(Exception):  # noqa: N818 - what is wrong is this machine
    """Chromium cannot run here; the sentence says what lacks and what gets it."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where its program is, and what its environment must say besides."""

    program: Path

    @property
    def variables(self) -> Mapping[str, str]:
        """What makes it use its own fonts."""
        return {"FONTCONFIG_FILE": str(self.program.parent / "fonts.conf")}


def find() -> Browser | None:
    """The pinned one, if it was unpacked on this machine."""
    program = _cached() / "chromium"
    return Browser(program) if program.exists() else None


def needed() -> Browser:
    """The pinned one. Raises NoBrowser, which says how to get it."""
    found = find()
    if found is None:
        raise NoBrowser(MISSING)
    return found


def obtain(node: Path, modules: Path, tell: Tell, install: bool = False) -> Browser:
    """Find it or unpack it, by this `node` from the folder of installed modules. Raises NoBrowser.

    With `install` Debian's packages are put on the machine first if they lack.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoBrowser("the browser of the site's tests runs on Linux with an x86-64 processor only")
    folder = _cached()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / ".lock"):  # a second one waits, and then finds it
        if not folder.exists():
            tell(Progress("unpacking Chromium"))
            _unpack(node, modules, folder)
        _make_ready(folder / "chromium", tell, install)
    return needed()


def version() -> str:
    """The pinned one's, such as 153.0.0, as the lock of the site's packages says it and nothing else."""
    return str(json.loads(LOCK.read_text())["packages"][f"node_modules/{PACKAGE}"]["version"])


def _cached() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "espice-chromium" / version()


def _unpack(node: Path, modules: Path, folder: Path) -> None:
    with making.half(folder) as half:
        command = [str(node), "--input-type=module", "--eval", _UNPACK]
        try:
            making.run(command, modules.parent, _heard, TMPDIR=str(half))
        except making.Failed as failed:
            raise NoBrowser(f"Chromium could not be unpacked from {modules / PACKAGE}: {failed}") from None
        fonts = _FONTS.format(fonts=folder / "fonts", cache=folder / "fonts-cache")
        (half / "fonts.conf").write_text(fonts)
        half.rename(folder)


def _heard(lines: Iterator[str]) -> None:
    for _ in lines:
        pass


def _make_ready(program: Path, tell: Tell, install: bool) -> None:
    """A machine may have got the program from another one's cache, so what lacks is looked for each time."""
    if install and (lacks := lacking(program)):
        try:
            debian.install(_packages(lacks), tell)
        except debian.NotInstalled as error:
            raise NoBrowser(str(error)) from None
    if lacks := lacking(program):
        raise NoBrowser(
            f"Chromium lacks {', '.join(lacks)} on this machine: type ./inv site tools --install, or as root "
            f"{debian.typed(_packages(lacks))}"
        )


def _packages(libraries: Sequence[str]) -> list[str]:
    return sorted({package_of(each) for each in libraries})


def lacking(program: Path) -> list[str]:
    """The libraries that a program needs and that this machine does not have."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"^\s*(\S+) => not found$", said, re.MULTILINE)


def package_of(library: str) -> str:
    """Debian's package that has a library, as far as Chromium needs it; an unknown one's own name."""
    return next((package for begin, package in _PACKAGES.items() if library.startswith(begin)), library)
