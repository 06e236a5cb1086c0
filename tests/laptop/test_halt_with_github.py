"""The brake of a running laptop with GitHub up, slow and down: users never wait for it, and its part is made up for."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.github.bare import Bare
from tests.github.faults import Fault
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.laptop.system import System, copy_of_this_repository, env, running

NAME = "espice/delivery"
REASON = "two reports of lost work"
CLOSED = "http://127.0.0.1:9"  # nobody listens there


@dataclass(frozen=True)
class Rehearsal:
    """A laptop, and the GitHub that its main was pushed to."""

    system: System
    hub: Hub
    api: str

    def offered(self) -> tuple[str | None, ...]:
        """To those who ask by hand on stable, by themselves there, and on beta."""
        ask = self.system.offered
        return ask("1.3.0", manual=True), ask("1.2.0"), ask("1.4.0", channel="beta")

    def halt(self, channel: str, *more: str) -> str:
        """With its fact proposed, which is GitHub's part; what was said of all of it."""
        return self.system.inv("halt", channel, REASON, *more, "--pr")

    def pending(self) -> list[str]:
        found = json.loads(self.system.inv("halts", "--json").partition("\n}")[0] + "\n}")
        return [each["name"] for each in found["pending"]]


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("github")
    with running(copy_of_this_repository(tmp_path_factory.mktemp("halt"))) as system:
        bare = Bare(folder / f"{NAME}.git")
        bare.make()
        system.git("push", "-q", str(bare.folder), "main")
        people = {f"token-of-{who}": Person(who) for who in ("ada", "bea")}
        with stand_in(folder, NAME, people) as found, pytest.MonkeyPatch.context() as shell:
            found.hub.teams["espice/release"] = {"bea"}
            shell.setenv("GITHUB_API_URL", found.api)
            shell.setenv("GITHUB_REPOSITORY", NAME)
            shell.setenv("GITHUB_TOKEN", "token-of-ada")
            yield Rehearsal(system, found.hub, found.api)


def test_users_are_offered_nothing_of_it_before_github_s_part_begins_and_that_is_made_up_for_once(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, hub = rehearsal.system, rehearsal.hub
    assert rehearsal.offered() == ("1.4.0", "1.3.0", "1.5.0-beta.1")
    seen: list[tuple[str | None, ...]] = []

    hub.faults.append(Fault(meanwhile=lambda: seen.append(rehearsal.offered())))
    said = rehearsal.halt("stable", "--version", "1.4.0")
    assert seen == [(seen[0][0], "1.3.0", "1.5.0-beta.1")]
    assert seen[0][0] != "1.4.0"
    assert "its fact is proposed; the brake holds until that is merged and live" in said

    hub.faults += [Fault(meanwhile=lambda: seen.append(rehearsal.offered())), Fault(slow_s=21, times=1)]
    said = rehearsal.halt("beta")
    assert seen[-1][2] is None
    assert "its fact is proposed; " in said

    hub.faults.append(Fault(503, "Service Unavailable", times=99))
    said = rehearsal.halt("stable", "--version", "1.3.0")
    assert rehearsal.offered()[1] != "1.3.0"
    assert "its fact is not written: GitHub did not " in said
    assert "; when that is mended: ./inv decide " in said
    hub.faults.clear()

    monkeypatch.setenv("GITHUB_API_URL", CLOSED)
    said = rehearsal.halt("stable")
    assert rehearsal.offered() == (None, None, None)
    assert "its fact is not written: GitHub could not be reached to " in said
    assert "is halted since " in system.inv("halts")
    monkeypatch.setenv("GITHUB_API_URL", rehearsal.api)

    names = rehearsal.pending()
    assert (len(names), len(hub.pulls())) == (4, 2)
    with typed(system, "backfill", "laptop") as run:
        hub.faults.append(Fault(method="POST", path="/pulls", done=True, status=502, meanwhile=run.kill))
        run.communicate()
    assert run.returncode == -signal.SIGKILL  # and what it asked for last was done all the same
    for _ in range(2):
        said = system.inv("backfill", "laptop")
        assert all(f"{name}: proposal " in said for name in names), said
        assert said.count("; beside it proposal ") == 2  # those that ./inv halt --pr opened are people's
        assert len(hub.pulls()) == 6
        issues = [each.title for each in hub.issues if each not in hub.pulls()]
        assert sorted(issues) == [f"Review the brake of laptop: {name}" for name in sorted(names)]

    # And once people agree to the one that nobody's brake but the laptop's has decided, they merge it: once.
    [whole] = [pull for pull in hub.pulls() if pull.title == "Stop stable, as it is halted"]
    monkeypatch.setenv("GITHUB_TOKEN", "token-of-bea")
    system.inv("approve", str(whole.number), "--head", whole.head)
    monkeypatch.setenv("GITHUB_TOKEN", "token-of-ada")
    system.inv("judge")
    system.inv("merge", str(whole.number))
    for _ in range(2):
        system.inv("backfill", "laptop")
        assert [pull.number for pull in hub.pulls() if pull.merged] == [whole.number]
    assert (len(hub.pulls()), len(hub.issues)) == (6, 10)


def typed(system: System, *words: str) -> subprocess.Popen[bytes]:
    """A task that runs, and may be killed."""
    return subprocess.Popen([sys.executable, "-m", "invoke", *words], cwd=system.repo, env=env())
