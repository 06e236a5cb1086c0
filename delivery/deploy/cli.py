"""The real engine's program, `pulumi`: which version, where it lies on this machine, and how it is run.

How it gets there is `obtain`'s matter.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from delivery.deploy.stack import EngineError

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


class Cli(PulumiCommand):
    """The CLI at this path, as Pulumi's Automation API drives it.

    It sees nothing of the user's own Pulumi settings, and this Python before any other. An interrupt is passed on to
    it once, and waited for: it finishes what it is in the middle of, saves the state and lets go of the lock.
    """

    def __init__(self, path: Path) -> None:
        self.command = str(path)  # the parent's __init__ would run it, to ask for what is known here
        self.version = VersionInfo.parse(version())

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
        given: str | None = None,
    ) -> CommandResult:
        """Run it to its end, `given` on its standard input.

        Raises:
            CommandError: it failed.
            KeyboardInterrupt: we were interrupted; by then it has ended too.
        """
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=self._env(additional_env),
            text=True,
            start_new_session=True,  # a terminal's Ctrl-C reaches us alone
        )
        try:
            stdout, stderr = process.communicate(given)
        except BaseException:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise
        _tell(on_output, stdout)
        _tell(on_error, stderr)
        result = CommandResult(stdout.rstrip(), stderr.rstrip(), process.returncode)
        if process.returncode:
            raise create_command_error(result)
        return result

    def _env(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        folders = [str(Path(self.command).parent), str(Path(sys.executable).parent), own.get("PATH", "")]
        return {**own, "PATH": os.pathsep.join(folders), "PULUMI_AUTOMATION_API": "true", **more}


def _tell(listener: Callable[[str], Any] | None, text: str) -> None:
    lines: Iterable[str] = text.splitlines() if listener else ()
    for line in lines:
        assert listener is not None  # noqa: S101 - else there are no lines
        listener(line)
