"""The stand-in's bare repository: what GitHub does with git, and git itself over HTTP."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery.history.git import asked, git, line

_CONFLICT = 1


@dataclass(frozen=True, slots=True)
class Bare:
    """A bare repository in this folder."""

    folder: Path

    def make(self) -> None:
        """If it is not there yet: an empty one, whose branch is main."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            git(self.folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".")

    def tip(self, ref: str) -> str | None:
        """What a full ref is at."""
        return asked(self.folder, "rev-parse", "--verify", "--quiet", ref).stdout.decode().strip() or None

    def branches(self) -> list[str]:
        return git(self.folder, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/").decode().split()

    def set(self, ref: str, commit: str) -> None:
        git(self.folder, "update-ref", ref, commit)

    def drop(self, ref: str) -> None:
        git(self.folder, "update-ref", "-d", ref)

    def has(self, commit: str) -> bool:
        return not asked(self.folder, "cat-file", "-e", f"{commit}^{{commit}}").returncode

    def commits(self, base: str, head: str) -> list[tuple[str, str, str]]:
        """Those of head that base lacks, the oldest first: id, and the mails of author and committer."""
        said = git(self.folder, "log", "--reverse", "--format=%H%x00%ae%x00%ce", f"{base}..{head}").decode()
        return [(commit, *mails) for commit, *mails in (each.split("\0") for each in said.splitlines())]

    def is_behind(self, head: str, base: str) -> bool:
        """Whether nothing of head is new to base."""
        return not asked(self.folder, "merge-base", "--is-ancestor", head, base).returncode

    def merged(self, base: str, head: str) -> str | None:
        """The tree of both; None if they conflict."""
        done = asked(self.folder, "merge-tree", "--write-tree", "--no-messages", base, head)
        return None if done.returncode == _CONFLICT else done.stdout.decode().strip()

    def merge(self, base: str, head: str, message: str, who: str) -> str | None:
        """A merge commit by this person, which no ref names yet; None if they conflict."""
        if (tree := self.merged(base, head)) is None:
            return None
        name = {f"GIT_{part}_NAME": who for part in ("AUTHOR", "COMMITTER")}
        mail = {f"GIT_{part}_EMAIL": f"{who}@users.noreply.github.com" for part in ("AUTHOR", "COMMITTER")}
        said = ("commit-tree", tree, "-p", base, "-p", head, "-F", "-")
        return git(self.folder, *said, given=message.encode(), environment={**name, **mail}).decode().strip()

    def over_http(
        self, request: Mapping[str, str], body: bytes, who: str, writes: bool
    ) -> tuple[int, Iterable[tuple[str, str]], bytes]:
        """What git answers to a request of git's; `request` are the variables of CGI."""
        program = Path(line(self.folder, "--exec-path")) / "git-http-backend"
        config = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.receivepack", "GIT_CONFIG_VALUE_0": str(writes)}
        where = {"GIT_PROJECT_ROOT": str(self.folder.parent), "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": who}
        done = subprocess.run(
            [str(program)],
            input=body,
            capture_output=True,
            check=True,
            env={**os.environ, **config, **where, **request},
        )
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = [(name, value) for name, _, value in (each.partition(": ") for each in head.decode().split("\r\n"))]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        return status, [each for each in headers if each[0] != "Status"], answer
