"""./inv backfill: each halt becomes one merged proposal and one issue, whoever runs it, how often and how many at once."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from delivery.commands import backfill as command
from delivery.deploy import halt as halting
from delivery.deploy.halt import Wanted
from delivery.laptop import keys
from delivery.proposals.forge import Forge
from delivery.proposals.github import GitHub
from delivery.proposals.local import Local
from tests.github.bare import Bare
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.unit.commands.desk import Desk, Said
from tests.unit.commands.halted import Live, s3

pytestmark = pytest.mark.slow

NAME = "espice/delivery"
REASON = "two reports of lost work"
TRUSTED = "trusted-in: [laptop]"


@dataclass
class Braked:
    """A desk, what is live of it, and the forge that keeps its main; `hub` is None where that is the desk itself."""

    desk: Desk
    live: Live
    shell: pytest.MonkeyPatch
    hub: Hub | None = None
    halts: list[str] = field(default_factory=list)

    @property
    def environment(self) -> str:
        return self.live.environment

    def halt(self, *versions: str, channel: str = "stable", seconds: int = 0) -> str:
        """As ./inv halt does first, before it waits for anybody."""
        wanted = Wanted(channel, versions or None, REASON)
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        done = halting.pull(self.live.site.place, wanted, keys.brake_signer, at)
        assert done.halt
        return done.halt.name

    def inv(self, *typed: str, who: str = "app") -> Said:
        self.shell.setenv("GITHUB_TOKEN", f"token-of-{who}")
        return self.desk.inv(*typed)

    def backfill(self, *more: str, who: str = "app") -> Said:
        return self.inv("backfill", self.environment, *more, who=who)

    def forge(self) -> Forge:
        if self.hub is None:
            return Local(self.desk.repo, "A Maintainer")
        return GitHub(self.desk.repo, NAME, self.shell_api, "token-of-app")

    @property
    def shell_api(self) -> str:
        import os

        return os.environ["GITHUB_API_URL"]

    def main(self) -> str:
        return self.forge().main()

    def facts(self) -> list[str]:
        """The facts of halts on main."""
        listed = self.desk.git("ls-tree", "-r", "--name-only", self.main(), "releases/stops/").split()
        return [path for path in listed if "decides:" in self.desk.git("show", f"{self.main()}:{path}")]

    def merges(self) -> list[str]:
        return self.desk.git("log", "--first-parent", "--format=%s", f"{self.start}..{self.main()}").splitlines()

    start: str = ""

    def issues(self) -> list[str]:
        if self.hub:
            return [each.title for each in self.hub.issues if each not in self.hub.pulls()]
        listed = self.desk.git("ls-tree", "-r", "--name-only", "refs/espice/proposals", "issues/").split()
        return [json.loads(self.desk.git("show", f"refs/espice/proposals:{path}"))["title"] for path in listed]

    def once(self, *halts: str) -> None:
        """What must be so at the end of every story."""
        assert self.facts() == [f"releases/stops/{halt}.yaml" for halt in halts]
        assert len(self.merges()) == len(halts)
        assert sorted(self.issues()) == [f"Review the brake of {self.environment}: {halt}" for halt in halts]
        assert self.forge().proposals() == []
        assert self.desk.changed() == ""
        if self.hub:
            assert len(self.hub.pulls()) == len(halts)
            assert self.hub.bare.branches() == ["main"]


@pytest.fixture
def braked(
    request: pytest.FixtureRequest, alone: Desk, aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Braked]:
    """`laptop` is kept by the desk itself, all else at GitHub."""
    environment = getattr(request, "param", "laptop")
    if environment == "laptop":
        yield _made(alone, aws, monkeypatch, environment)
        return
    text = alone.read("product.yaml")
    alone.write("product.yaml", text.replace(TRUSTED, f"trusted-in: [laptop, {environment}]"))
    alone.git("commit", "-qam", "Trust the demo keys elsewhere")
    bare = Bare(tmp_path / f"{NAME}.git")
    bare.make()
    alone.git("push", "-q", str(bare.folder), "main")
    people = {f"token-of-{who}": Person(who) for who in ("ada", "bea")}
    people["token-of-app"] = Person("espice-app[bot]", sees_members=True)
    people["token-of-actions"] = Person("github-actions[bot]")
    with stand_in(tmp_path, NAME, people) as found:
        monkeypatch.setenv("GITHUB_API_URL", found.api)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        monkeypatch.setenv("GITHUB_TOKEN", "token-of-app")
        found.hub.teams["espice/release"] = {"ada", "bea"}
        made = _made(alone, aws, monkeypatch, environment)
        made.hub = found.hub
        yield made


def _made(desk: Desk, aws: str, shell: pytest.MonkeyPatch, environment: str) -> Braked:
    made = Braked(desk, Live(desk, s3(aws), environment), shell)  # type: ignore[arg-type]
    made.start = desk.git("rev-parse", "HEAD").strip()
    shell.setattr(command, "_place", lambda _: made.live.site.place)
    return made


BOTH = pytest.mark.parametrize("braked", ["laptop", "production"], indirect=True)


@BOTH
def test_a_halt_becomes_a_merged_proposal_and_an_issue_once_however_often_it_is_typed(braked: Braked) -> None:
    name = braked.halt()
    said = braked.backfill()
    assert (said.status, said.err) == (0, "")
    assert re.fullmatch(
        rf"{name}: merged proposal 1 as [0-9a-f]{{12}}, as the brake's key decided; its review opened: \S.*\n", said.out
    )
    braked.once(name)
    again = braked.backfill("--json")
    [told] = json.loads(again.out)
    assert (again.status, told["halt"], told["merged"], told["wrong"]) == (0, name, braked.main(), False)
    braked.once(name)


def test_where_nothing_was_halted_there_is_nothing_to_do(braked: Braked) -> None:
    assert braked.backfill() == Said(0, "laptop: nothing is halted, and nothing was\n", "")
