"""Runs the real engine's CLI, as Pulumi's Automation API asks for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from delivery.engines.cli import cache, version


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
        before = [Path(self.command).parent, cache() / "bin", Path(sys.executable).parent]
        folders = [*map(str, before), own.get("PATH", "")]
        return {**own, "PATH": os.pathsep.join(folders), "PULUMI_AUTOMATION_API": "true", **more}


def _tell(listener: Callable[[str], Any] | None, text: str) -> None:
    lines: Iterable[str] = text.splitlines() if listener else ()
    for line in lines:
        assert listener is not None  # noqa: S101 - else there are no lines
        listener(line)
