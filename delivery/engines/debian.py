"""Puts Debian's packages, which Ubuntu has too, on this machine for who asked for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from delivery.engines import making
from delivery.engines.making import Progress, Tell


class NotInstalled(Exception):  # noqa: N818 - what is wrong is this machine
    """The packages cannot be installed here; the sentence says why."""


def typed(packages: Sequence[str]) -> str:
    """What root types to install them."""
    return f"apt-get install --yes --no-install-recommends {' '.join(packages)}"


def install(packages: Sequence[str], tell: Tell) -> None:
    """Install them, as root or through sudo where it asks for no password. Raises NotInstalled."""
    tell(Progress(f"installing {', '.join(packages)}"))
    quietly = {"DEBIAN_FRONTEND": "noninteractive"}  # said again behind sudo, which passes no variable on
    again = ["env", *(f"{name}={value}" for name, value in quietly.items())]
    root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive", *again]
    if shutil.which("apt-get") is None or (root and shutil.which("sudo") is None):
        raise NotInstalled(
            f"its packages can only be installed by apt-get and as root: as root, type {typed(packages)}"
        )
    for words in (["apt-get", "update"], typed(packages).split()):
        command = [*root, *words]
        try:
            making.run(command, Path("/"), _heard, **quietly)
        except making.Failed as failed:
            raise NotInstalled(f"{' '.join(command[:2])} failed ({failed})") from None


def _heard(lines: Iterator[str]) -> None:
    for _ in lines:
        pass
