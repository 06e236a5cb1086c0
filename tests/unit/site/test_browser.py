"""The browser of tests and audits is unpacked once, and what it lacks on this machine is said or installed."""

import os
import platform
import sys
from pathlib import Path

import pytest

from delivery.engines.making import Progress
from delivery.site import browser
from delivery.site.browser import NoBrowser

LACKS = "libnss3.so libnspr4.so libsmime3.so"
ASKED = "apt-get install --yes --no-install-recommends libnspr4 libnss3"


def program(machine: Path, name: str, script: str) -> Path:
    """A program of this machine."""
    file = machine / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Linux with an x86-64 processor, on which Chromium finds its libraries once `there` is there."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    program(tmp_path, "ldd", f'[ -e {tmp_path}/there ] || for each in {LACKS}; do echo "	$each => not found"; done')
    program(tmp_path, "node", f'echo unpacked >> {tmp_path}/typed; touch "$TMPDIR/chromium"')
    program(tmp_path, "apt-get", f'echo "apt-get $*" >> {tmp_path}/typed; [ "$1" = update ] || touch {tmp_path}/there')
    return tmp_path


def obtain(machine: Path, install: bool = False) -> list[Progress]:
    said: list[Progress] = []
    found = browser.obtain(machine / "bin/node", machine / "node_modules", said.append, install)
    assert found == browser.find()
    return said


def typed(machine: Path) -> list[str]:
    return (machine / "typed").read_text().splitlines()


def test_it_is_unpacked_once_and_draws_with_its_own_fonts(machine: Path) -> None:
    (machine / "there").touch()
    assert browser.find() is None
    obtain(machine)
    obtain(machine)
    assert typed(machine) == ["unpacked"]
    fonts = Path(browser.needed().variables["FONTCONFIG_FILE"])
    assert f"<dir>{fonts.parent / 'fonts'}</dir>" in fonts.read_text()


def test_libraries_that_lack_are_named_with_their_packages_also_where_it_was_unpacked_before(machine: Path) -> None:
    for _ in range(2):
        with pytest.raises(NoBrowser) as error:
            obtain(machine)
        assert str(error.value) == (
            "Chromium lacks libnss3.so, libnspr4.so, libsmime3.so on this machine: "
            f"type ./inv site tools --install, or as root {ASKED}"
        )
    assert typed(machine) == ["unpacked"]


def test_they_are_installed_on_request(machine: Path) -> None:
    assert Progress("installing libnspr4, libnss3") in obtain(machine, install=True)
    assert typed(machine) == ["unpacked", "apt-get update", ASKED]
    obtain(machine, install=True)
    assert len(typed(machine)) == 3


def test_an_install_that_fails_says_so(machine: Path) -> None:
    program(machine, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    with pytest.raises(NoBrowser, match=r"^apt-get update failed \(E: Unable to locate package\)$"):
        obtain(machine, install=True)


def test_an_unpacking_that_fails_leaves_nothing(machine: Path) -> None:
    program(machine, "node", "echo 'Error: no brotli' >&2; exit 1")
    with pytest.raises(NoBrowser, match=r"could not be unpacked from .*: Error: no brotli$"):
        obtain(machine)
    assert browser.find() is None
    assert [each.name for each in (machine / "cache/espice-chromium").iterdir()] == [".lock"]


def test_elsewhere_it_is_left_out(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    with pytest.raises(NoBrowser, match="x86-64 processor only"):
        obtain(machine)
