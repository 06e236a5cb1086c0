"""The whole life of a release: from a build at GitHub to everybody, and back, by the tasks that people type.

GitHub is a stand-in, over real HTTP and git; the laptop runs in a clone of it and follows what is pulled. The bytes
are samples, which is what a laptop has of every version, so the release at GitHub holds samples too.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.reference.check import Update
from clients.reference.download import download
from delivery.laptop import ports
from delivery.laptop.places import Places
from delivery.rules.compile import ranks
from tests.github.bare import Bare
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.github.shelf import Asset, Release
from tests.laptop.system import System, copy_of_this_repository, git, now, running
from tests.unit.announce.webhook import Webhook, webhook
from tests.unit.commands.desk import Desk
from tests.unit.commands.test_release_at_github import built

pytestmark = pytest.mark.timeout(600)  # some fifty tasks, each a process of its own

NAME = "espice/delivery"
OLD, BEFORE, NEW = "1.4.0", "1.5.0-beta.1", "1.6.0-beta.1"
COMMIT = "2591df7790c6774a2e2089450479311aecb14163"
NOTES = "Undo works across sheets."
FILE = f"ESpice_{NEW}_amd64.AppImage"
ORDER = ranks(f"beta-{NEW}")
EARLY, LATE = ORDER.index(99), ORDER.index(100)  # the last cohort that 10 % covers, and the next
SEEN = (612, 11)  # outcomes of updates, and failures: enough, and few enough, for the gate


@dataclass(frozen=True)
class Place:
    """The laptop in a clone, the GitHub that it was cloned from, and whoever's token lies in the shell."""

    laptop: System
    hub: Hub
    shell: pytest.MonkeyPatch

    def inv(self, who: str, *typed: str, expect: int = 0) -> str:
        self.shell.setenv("GITHUB_TOKEN", f"token-of-{who}")
        return self.laptop.inv(*typed, expect=expect)

    def land(self, number: int, *others: str) -> None:
        """A proposal of ada's on its way to what installations get, agreed to by so many as its effect needs."""
        head = self.hub.pull(number).head
        for other in others[:-1]:
            self.inv(other, "approve", str(number), "--head", head)
            assert self.judged(head) == "pending"
            assert "was not merged" in self.inv("ada", "merge", str(number), expect=1)
        self.inv(others[-1], "approve", str(number), "--head", head)
        assert self.judged(head) == "success"
        self.inv("ada", "merge", str(number))
        self.laptop.git("pull", "-q", "--ff-only")
        assert self.laptop.await_live()["trouble"] == []

    def judged(self, head: str) -> str | None:
        """What the check that main's ruleset requires says of a commit, once the workflow ran."""
        self.inv("bot", "judge")
        return next(each.said["state"] for each in self.hub.newest(head) if each.said["context"] == "espice/approvals")

    def offered(self, cohort: int, version: str = OLD, channel: str = "beta") -> str | None:
        """What a real installation of this cohort is offered."""
        return self.laptop.offered(version, cohort=cohort, channel=channel)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    bare = Bare(tmp_path / f"{NAME}.git")
    bare.make()
    first = Desk(copy_of_this_repository(tmp_path / "first"))
    announces = f'since: "{now()}"\n  link: https://espice.app/releases/{{version}}\n  to: {{hook: 500}}\n'
    first.append("releases/channels/beta.yaml", f"announce:\n  {announces}")
    first.git("commit", "-qam", "Announce beta at a webhook")
    first.git("push", "-q", str(bare.folder), "main")
    people = {f"token-of-{who}": Person(who) for who in ("ada", "bea", "cem", "bot")}
    with stand_in(tmp_path, NAME, people) as found:
        found.hub.teams["espice/release"] = {"ada", "bea", "cem"}
        shelf = found.hub.shelf
        shelf.releases.append(Release(f"v{NEW}", COMMIT, NOTES, built(first, NEW)))
        shelf.tags[f"v{NEW}"] = COMMIT
        shelf.runs[COMMIT] = [77]
        clone, origin = tmp_path / "clone", found.api.replace("//", "//ada:token-of-ada@")
        git(tmp_path, "clone", "-q", f"{origin}/{NAME}.git", str(clone))
        ports.choose_others(Places(clone).ports)
        monkeypatch.setenv("GITHUB_API_URL", found.api)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        monkeypatch.setenv("ESPICE_ANNOUNCE_HOOK", hook.address)
        with running(clone) as laptop:
            yield Place(laptop, found.hub, monkeypatch)


def test_a_release_goes_from_its_build_to_everybody_and_is_taken_back(
    place: Place, hook: Webhook, tmp_path: Path
) -> None:
    assert (place.offered(EARLY), place.offered(LATE)) == (BEFORE, BEFORE)

    # Its fact: the builds become known, lie at the downloads host, and are offered to nobody.
    assert f"opened proposal 1: Add version {NEW}" in place.inv("ada", "release", NEW, "--pr")
    place.land(1, "bea")
    assert (place.offered(EARLY), place.offered(EARLY, channel="beta-next")) == (BEFORE, BEFORE)

    # Its rollout begins. The gate asks for a day at each step, so this one is dated back: no test waits for a day.
    begins = ("--at", now(-27 * 60))
    start = ("start", "beta", NEW, "--percent", "10", "--gate", "default", "--evidence", "it updates on all targets")
    place.inv("ada", *start, *begins, "--pr")
    place.land(2, "bea", "cem")
    assert (place.offered(EARLY), place.offered(EARLY, channel="beta-next")) == (BEFORE, NEW)
    assert updated(place, "beta-next") == asset(place.hub).data

    assert "no data never promotes" in place.inv("bot", "promote", "--channel", "beta")
    place.inv("ada", "pass", "beta", "10", "--evidence", f"{OLD} updates through beta-next", *begins, "--pr")
    place.land(3, "bea")
    assert (place.offered(EARLY), place.offered(LATE)) == (NEW, BEFORE)
    assert updated(place, "beta") == asset(place.hub).data
    assert "nothing is to be told" in place.inv("bot", "announce")

    # The next step waits for its figures, whatever its time; the schedule then proposes its pass.
    place.inv("ada", "raise", "beta", "100", "--gate", "default", "--pr")
    place.land(4, "cem")
    assert (place.offered(EARLY), place.offered(LATE)) == (NEW, BEFORE)
    samples = tmp_path / "samples.json"
    samples.write_text(json.dumps({"samples": {f"beta/{NEW}": [outcomes(*SEEN)]}}))
    said = place.inv("ada", "promote", "--channel", "beta", "--samples", str(samples))
    assert f"opened proposal 5: Pass beta {NEW} for 100 %" in said
    place.land(5, "bea")
    assert (place.offered(EARLY), place.offered(LATE)) == (NEW, NEW)
    assert place.laptop.offered(OLD, channel="beta") == NEW

    # Everybody has it: the world is told, once.
    assert f"beta {NEW} to hook: told" in place.inv("bot", "announce")
    assert "was told" in place.inv("cem", "announce")
    assert hook.texts() == [f"ESpice {NEW} is here.\n\n{NOTES}\n\nhttps://espice.app/releases/{NEW}"]

    # It turns out to be bad: one other person suffices, and nobody is offered it any more.
    place.inv("ada", "withdraw", NEW, "--reason", "loses work on network drives", "--pr")
    place.land(6, "cem")
    for cohort in (EARLY, LATE):
        assert (place.offered(cohort), place.offered(cohort, channel="beta-next")) == (BEFORE, BEFORE)
        assert place.offered(cohort, BEFORE) is None
    assert place.laptop.offered(OLD, channel="beta", manual=True) == BEFORE
    assert "nothing is to be told" in place.inv("bot", "announce")

    told = json.loads(place.laptop.inv("audit", "--since", "1d", "--json"))
    mine = [each for each in told["changes"] if each["proposal"]]
    assert [(each["proposal"], each["effect"], each["approved_by"]) for each in mine] == [
        (6, "narrower", ["cem"]),
        (5, "next-step", ["bea"]),
        (4, "none", ["cem"]),
        (3, "next-step", ["bea"]),
        (2, "wider", ["bea", "cem"]),
        (1, "none", ["bea"]),
    ]
    assert all(each["live"] for each in mine[:2])
    assert told["dora"]["failed"] == 1
    history = [line for line in place.laptop.inv("history", "--since", "1d").splitlines() if "(#" in line]
    assert len(history) == 6


def asset(hub: Hub) -> Asset:
    """What the app's build uploaded for the installations that ask here."""
    return next(each for each in hub.shelf.releases[0].assets if each.name == FILE)


def updated(place: Place, channel: str) -> bytes:
    """What an installation gets by a whole update: asked, downloaded, its signature proved."""
    app = place.laptop.installation(OLD, cohort=EARLY, channel=channel)
    update = place.laptop.ask(OLD, cohort=EARLY, channel=channel)
    assert isinstance(update, Update)
    return download(app, update)


def outcomes(of: int, failed: int) -> dict[str, Any]:
    """What came of updates that began long enough ago for the silent ones to count."""
    hour = (datetime.now(UTC) - timedelta(hours=25)).replace(minute=0, second=0, microsecond=0)
    return {"hour": f"{hour:%Y-%m-%dT%H:%M:%SZ}", "outcomes": of, "failures": failed}
