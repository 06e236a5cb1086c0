"""Asking git, and saying plainly when it has no answer. Knows no fact."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class NoHistory(Exception):  # noqa: N818 - reads as what is wrong
    """git cannot say; the text tells why and how to mend it."""


def git(repo: Path, *arguments: str, given: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
    """What `git <arguments>` prints, run in this repository with `given` on its standard input.

    Raises NoHistory: no git, no repository there, or git refused.
    """
    done = asked(repo, *arguments, given=given, environment=environment)
    if done.returncode:
        raise refusal(repo, arguments[0], done)
    return done.stdout


def log(repo: Path, form: str, *which: str) -> bytes:
    """What git prints of commits by this format: the same for each user, however their git is set."""
    return git(repo, "log", "--encoding=UTF-8", "--no-show-signature", f"--format={form}", *which)


def asked(
    repo: Path,
    *arguments: str,
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
    patience_s: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """The same with its exit status, for a git that says more by it than yes or no; `environment` adds to ours.

    Raises NoHistory: no git; and TimeoutError where it is not done in `patience_s` seconds, if these are given.
    """
    try:
        return subprocess.run(
            ["git", "--no-replace-objects", "-C", str(repo), *arguments],
            input=given,
            capture_output=True,
            check=False,
            env={**_environment(), **(environment or {})},
            timeout=patience_s,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"git {arguments[0]} was not done in {patience_s:g} s") from None
    except FileNotFoundError:
        raise NoHistory("git is not installed; install it") from None


def refusal(repo: Path, verb: str, done: subprocess.CompletedProcess[bytes]) -> NoHistory:
    """Why `git <verb>` ended as it did here."""
    said = done.stderr.decode(errors="replace").strip()
    if "not a git repository" in said or not repo.is_dir():
        return NoHistory(f"{repo} is not a git repository; clone it with git instead of copying its files")
    return NoHistory(f"git {verb} refused: {said or 'without a word'}; run it yourself in {repo} to see more")


def line(repo: Path, *arguments: str) -> str:
    """The one line that git prints."""
    return git(repo, *arguments).decode().strip()


# By these a git hook's environment would turn us to another repository or index.
_ELSEWHERE = ("GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
