"""A real repository in a temporary folder."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest


class Repository:
    """A git repository to write, commit and remove files in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for key, value in (("user.name", "A Person"), ("user.email", "person@espice.app"), ("commit.gpgsign", "false")):
            self.git("config", key, value)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, data in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data if isinstance(data, bytes) else data.encode())

    def commit(self, files: Mapping[str, str | bytes] | None = None) -> str:
        """Write these files, commit all there is, and give the commit's id."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture(name="repo")
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")
