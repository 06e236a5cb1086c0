"""GitHub as a forge: against a stand-in over real HTTP, whose every answer is held against GitHub's own schemas."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from delivery.history.git import git
from delivery.proposals.github import GitHub
from delivery.proposals.github_api import Patience
from tests.github.kept import Person
from tests.github.server import StandIn, stand_in
from tests.unit.proposals.forge_contract import *  # noqa: F403

NAME = "espice/delivery"
TOKENS = {who: f"ghp_{who}{'s3cret' * 5}" for who in ("ada", "bo", "cy", "dee")}


@dataclass
class Place:
    """The stand-in, a clone of it, and how long anybody here waited for it."""

    hub: StandIn
    repo: Path
    waited: list[float]

    def forge(self, who: str) -> GitHub:
        patience = Patience(connect=2, answer=0.5, pause=self.waited.append)
        return GitHub(self.repo, NAME, self.hub.api, TOKENS[who], patience=patience)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    people = {TOKENS[who]: Person(who) for who in ("ada", "bo", "cy")} | {TOKENS["dee"]: Person("dee", "read")}
    repo = tmp_path / "clone"
    repo.mkdir()
    git(repo, "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "Ada"), ("user.email", "ada@espice.app"), ("commit.gpgsign", "false")):
        git(repo, "config", key, value)
    for path, data in START.items():  # noqa: F405
        (repo / path).parent.mkdir(exist_ok=True)
        (repo / path).write_bytes(data)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "-m", "Start")
    with stand_in(tmp_path / "github", NAME, people) as hub:
        git(repo, "push", "--quiet", str(hub.hub.bare.folder), "main")
        yield Place(hub, repo, [])
