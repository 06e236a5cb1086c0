"""Gets the real engine's CLI onto this machine: finds it, installs it, or builds it from its Go module.

Everything that is got lies whole in the cache or not at all. What it is built from is checked against engine/go.sum.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from filelock import FileLock
from pulumi.automation import PulumiCommand
from semver import VersionInfo

from delivery.engines import cli, making
from delivery.engines.making import Progress, Tell
from delivery.engines.stack import EngineError

INSTALLER = "get.pulumi.com"
PACKAGE = f"{cli.MODULE}/cmd/pulumi"
SHIM = "pulumi-analyzer-policy-python"
"""What the CLI starts for a policy pack in Python. It comes with the installer, but not with the Go module."""

_SHIM = '#!/bin/sh\nexec python -u -m pulumi.policy "$@"\n'


class Way(StrEnum):
    """How the CLI came to be here."""

    on_path = "it is on PATH"
    cached = "it is in the cache"
    installed = "by Pulumi's installer"
    built = "built from its Go module"


@dataclass(frozen=True, slots=True)
class Got:
    """The CLI, and what it took."""

    path: Path
    way: Way
    seconds: float


def obtain(tell: Tell) -> Got:
    """Find or get the CLI of the pinned version, and what runs policy packs.

    Raises:
        EngineError: it cannot be got; the sentence says what was tried and what is missing.
    """
    began = time.monotonic()
    cache = cli.cache()
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache.parent / ".lock"):  # a second one waits, and then finds it
        found = cli.find()
        if found is None:
            way = _get(cache, tell)
            found = cli.Found(cache / "bin" / "pulumi", on_path=False)
        else:
            way = Way.on_path if found.on_path else Way.cached
        _put_shim(cache / "bin")
    return Got(found.path, way, time.monotonic() - began)


def _get(cache: Path, tell: Tell) -> Way:
    tried = []
    for way, get in ((Way.installed, _install), (Way.built, _build)):
        try:
            with making.half(cache) as folder:
                get(folder, tell)
                if cli.said_version(folder / "bin" / "pulumi") != cli.version():
                    raise EngineError("what came of it does not run here as that version")
                _move(folder / "bin", cache / "bin")
        except EngineError as error:
            tried.append(f"{way}: {error}")
        else:
            return way
    mend = f"put pulumi {cli.version()} on PATH, or give this machine Go {_go()} or newer and a Go module proxy"
    raise EngineError(f"pulumi {cli.version()} is not on PATH and cannot be got ({'; '.join(tried)}); {mend}")


def _install(folder: Path, tell: Tell) -> None:
    try:
        socket.create_connection((INSTALLER, 443), timeout=5).close()
    except OSError:
        raise EngineError(f"{INSTALLER} is out of reach") from None
    tell(Progress("Pulumi's installer"))
    try:
        PulumiCommand.install(root=str(folder), version=VersionInfo.parse(cli.version()))
    except Exception as error:
        raise EngineError(f"it failed ({error})") from None


def _build(folder: Path, tell: Tell) -> None:
    if shutil.which("go") is None:
        raise EngineError("there is no go on PATH")
    packages = _go_run(["list", "-deps", PACKAGE], lambda lines: _downloads(lines, tell))
    total = len(packages)
    version = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{cli.version()}"
    options = ["-v", "-ldflags", f"-s -w {version}", "-o", str(folder / "bin" / "pulumi")]

    def compiled(lines: Iterator[str]) -> None:
        for done, _ in enumerate(lines, 1):
            tell(Progress("compiling", min(done, total), total))

    tell(Progress("compiling", 0, total))
    _go_run(["build", *options, PACKAGE], compiled)


def _downloads(lines: Iterator[str], tell: Tell) -> None:
    count = 0
    for line in lines:
        if line.startswith("go: downloading"):
            count += 1
            tell(Progress("downloading modules", count))


def _go_run(args: list[str], follow: Callable[[Iterator[str]], None]) -> list[str]:
    """Run go in the engine's module; what it prints on the side is followed. Returns its output's lines."""
    try:
        return making.run(["go", *args], cli.ENGINE, follow, GOFLAGS="-mod=readonly")
    except making.Failed as failed:
        raise EngineError(f"go {args[0]} failed ({failed})") from None


def _move(source: Path, target: Path) -> None:
    """Move all programs over, the CLI last: while it is not there, nothing is."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir(), key=lambda each: each.name == "pulumi"):
        path.replace(target / path.name)


def _put_shim(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shim = folder / SHIM
    if not shim.exists():
        half = folder / f".{SHIM}.{os.getpid()}"
        half.write_text(_SHIM)
        half.chmod(0o755)
        half.replace(shim)


def _go() -> str:
    found = re.search(r"^go (\S+)$", (cli.ENGINE / "go.mod").read_text(), re.MULTILINE)
    assert found is not None  # noqa: S101 - go itself wrote it
    return found[1]
