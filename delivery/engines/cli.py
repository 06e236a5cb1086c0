"""The real engine's program, `pulumi`: which version, and where it lies on this machine.

How it gets there is `obtain`'s matter, and how it is run is `command`'s. Nothing of Pulumi is imported to look for it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from delivery.engines.stack import EngineError

ENGINE = Path(__file__).resolve().parents[2] / "engine"
"""The Go module that pins the CLI, its version and the hash of everything that it is built from."""

MODULE = "github.com/pulumi/pulumi/pkg/v3"
MISSING = "the real engine is not on this machine; ./inv engine gets it"


def version() -> str:
    """The pinned version, such as 3.259.0, as engine/go.mod says it and nothing else."""
    found = re.search(rf"{re.escape(MODULE)} v(\S+)", (ENGINE / "go.mod").read_text())
    assert found is not None  # noqa: S101 - a test reads it
    return found[1]


def cache() -> Path:
    """Where `./inv engine` keeps what it got: outside any checkout, for all of them."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "espice-engine" / version()


@dataclass(frozen=True, slots=True)
class Found:
    """A CLI of the pinned version, and where it was found."""

    path: Path
    on_path: bool


def find() -> Found | None:
    """The CLI of exactly the pinned version: the one on PATH, else the one in the cache."""
    on_path = shutil.which("pulumi")
    if on_path and said_version(Path(on_path)) == version():
        return Found(Path(on_path), on_path=True)
    cached = cache() / "bin" / "pulumi"
    return Found(cached, on_path=False) if cached.exists() else None


def said_version(path: Path) -> str | None:
    """What this CLI says its version is; None if it does not run."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        said = subprocess.run([path, "version"], env=env, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip().removeprefix("v")


def needed() -> Path:
    """The CLI. Raises EngineError, which says how to get it."""
    found = find()
    if found is None:
        raise EngineError(MISSING)
    return found.path
