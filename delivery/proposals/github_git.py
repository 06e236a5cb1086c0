"""What git carries to GitHub and from it, over HTTPS. The token is in git's environment only: never in an argument,
an address or a file, where other people of the machine could read it.
"""

import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from delivery.history.git import asked
from delivery.proposals.forge import ForgeError, Moved, Unreachable
from delivery.proposals.github_api import RENEW

_PATIENCE_S = 120.0  # for one push or fetch, whole
_MOVED = re.compile(r"stale info|fetch first|cannot lock ref|incorrect old value|reference already exists|not our ref")
_UNKNOWN_TOKEN = re.compile(r"Authentication failed|could not read (Username|Password)|returned error: 401")
_RENAMED = re.compile(r"returned error: 30[1278]|unable to update url base from redirection")
_REFUSED = re.compile(
    r"\[remote rejected\]|returned error: 4\d\d|repository '.*' not found|not appear to be a git repo"
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository at an address, as seen from this one."""

    repo: Path
    address: str
    token: str = field(repr=False)

    def fetch(self, commit: str) -> None:
        """See that this commit is here, with all that it needs; no ref of this repository moves. Raises ForgeError."""
        if asked(self.repo, "rev-list", "--objects", "--quiet", commit, "--not", "--all").returncode:
            quiet = ("--quiet", "--no-tags", "--no-write-fetch-head")
            self._git(f"fetch {commit[:12]}", "fetch", *quiet, "--", self.address, commit)

    def push(self, branch: str, commit: str, expected: str | None) -> None:
        """Set the branch there to this commit, if it is at `expected` there; None: if it is not there.

        Raises Moved, ForgeError.
        """
        self.put(f"refs/heads/{branch}", commit, expected)

    def put(self, ref: str, commit: str, expected: str | None) -> None:
        """The same with any ref, by its whole name."""
        lease = f"--force-with-lease={ref}:{expected or ''}"
        does = f"push {ref.removeprefix('refs/heads/')}"
        self._git(does, "push", "--quiet", lease, "--", self.address, f"{commit}:{ref}")

    def tip(self, ref: str) -> str | None:
        """What a ref, by its whole name, is at there; None: it is not there. Raises ForgeError."""
        return self._git(f"read {ref}", "ls-remote", "--", self.address, ref).partition("\t")[0] or None

    def _git(self, does: str, *arguments: str) -> str:
        try:
            done = asked(self.repo, *arguments, environment=self._environment(), patience_s=_PATIENCE_S)
        except TimeoutError:
            raise Unreachable(f"git could not {does}: no end of it in {_PATIENCE_S:g} s; try again later") from None
        if done.returncode:
            raise _refusal(does, done)
        return done.stdout.decode()

    def _environment(self) -> dict[str, str]:
        """Whatever asked for a name and a password before is not asked: a token that is not taken must be an error."""
        configured = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        said = {"GIT_TERMINAL_PROMPT": "0", "GIT_TRACE_REDACT": "1"}
        settings = list(self._settings())
        for number, (key, value) in enumerate(settings, configured):
            said |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return {**said, "GIT_CONFIG_COUNT": str(configured + len(settings))}

    def _settings(self) -> Iterator[tuple[str, str]]:
        where = urlsplit(self.address)
        secret = b64encode(f"x-access-token:{self.token}".encode()).decode()
        header = f"http.{where.scheme}://{where.netloc}/.extraHeader"
        yield "credential.helper", ""
        yield f"http.{where.scheme}://{where.netloc}/.followRedirects", "false"  # the token would go with it, anywhere
        yield header, ""  # what actions/checkout left there: two of them are refused
        yield header, f"Authorization: Basic {secret}"


def _refusal(does: str, done: subprocess.CompletedProcess[bytes]) -> ForgeError:
    said = " ".join(done.stderr.decode(errors="replace").split()) or "git did not say why"
    if _MOVED.search(said):
        return Moved(f"git could not {does}: somebody moved it in the meantime; try again")
    if _UNKNOWN_TOKEN.search(said):
        return ForgeError(f"git could not {does}: GitHub does not know this token; {RENEW}")
    if _RENAMED.search(said):
        mend = "give origin its new address, or GITHUB_REPOSITORY its new name"
        return ForgeError(f"git could not {does}: the repository has another name now; {mend}")
    if _REFUSED.search(said):
        return ForgeError(
            f"git could not {does}: {said}; give the token the right Contents: write, or mend what it names"
        )
    return Unreachable(f"git could not {does}: {said}; try again later")
