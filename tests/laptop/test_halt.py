"""The brake, pulled on a running laptop while installations ask without a pause."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from clients.reference.check import Update, check
from clients.reference.installation import Installation
from delivery.engines.state import StateFile
from delivery.laptop.places import Places
from tests.laptop.system import System, copy_of_this_repository, running

REASON = "two reports of lost work within an hour"
WITHIN = 30.0  # seconds, on a machine that does much else; a halt takes a few


@pytest.fixture(scope="module")
def halted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own: nothing but a merged stop ends a halt, so none could be taken back for other tests."""
    with running(copy_of_this_repository(tmp_path_factory.mktemp("halt"))) as system:
        yield system


@dataclass
class Fleet:
    """Installations that ask all the time. `heard`: when (monotonic seconds), who, and the version or None."""

    apps: dict[str, Installation]
    heard: list[tuple[float, str, str | None]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def ask(self, who: str) -> None:
        while not self.ended.is_set():
            try:
                answer = check(self.apps[who])
                version = answer.version if isinstance(answer, Update) else None
                self.heard.append((time.monotonic(), who, version))
            except Exception as error:
                self.errors.append(f"{who}: {error!r}")
            time.sleep(0.03)

    def offered(self, who: str, since: float = 0.0) -> list[str | None]:
        return [version for at, name, version in self.heard if name == who and at > since]

    def last_offer(self) -> float:
        return max(at for at, who, version in self.heard if version and not who.startswith("beta"))

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.ask, args=(who,)) for who in self.apps]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()


def fleet(system: System) -> Fleet:
    static = system.installation("1.2.0")
    return Fleet(
        {
            "by the endpoint": system.installation("1.2.0"),
            "with a cohort": system.installation("1.2.0", cohort=437),
            "who ask by hand": system.installation("1.3.0", manual=True),
            "by the manifest": Installation(
                static.current,
                static.target,
                static.arch,
                static.bundle,
                static.endpoints[1:],
                static.pubkey,
                timeout=5,
            ),
            "beta": system.installation("1.4.0", channel="beta"),
        }
    )


def halts(system: System) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(system.inv("halts", "--json"))
    return found


def test_a_halt_reaches_everyone_before_the_command_returns_and_only_a_merged_decision_ends_it(halted: System) -> None:
    asking = fleet(halted)
    with asking.asking():
        time.sleep(3)
        typed = time.monotonic()
        said = halted.inv("halt", "stable", REASON, "--no-commit", within=WITHIN)
        returned = time.monotonic()
        time.sleep(3)
    stable = [who for who in asking.apps if who != "beta"]
    assert all(any(asking.offered(who)) for who in stable), "each was offered something before"
    print(f"\nthe last offer came {asking.last_offer() - typed:.1f} s after ./inv halt was typed")
    print(f"which returned after {returned - typed:.1f} s; {len(asking.heard)} checks")
    print(said.partition("and as a fact")[0])
    assert asking.last_offer() - typed < WITHIN
    assert {who: set(asking.offered(who, returned)) for who in stable} == {who: {None} for who in stable}
    assert set(asking.offered("beta")) == {"1.5.0-beta.1"}
    assert asking.errors == []

    [waiting] = halts(halted)["pending"]
    name, fact = waiting["name"], waiting["fact"]
    assert fact == f"releases/stops/{name}.yaml"
    assert name in halted.inv("drift", "laptop", "--only", "objects", expect=1)
    assert f"halted by the brake ({name}, since" in halted.inv("explain", "stable", "linux-x86_64", "1.2.0")

    # Again: nothing more to do, and it says so.
    again = halted.inv("halt", "stable", "once more, to be sure", "--no-commit")
    assert f"stable is halted already by {name}" in again
    assert f"its fact is {fact}; the brake holds until that is merged and live" in again

    # Other facts go live, and nothing gets wider.
    halted.inv("notice", "lost-work", "--versions", "<1.4.0", "--text", "Save copies for now.", "--commit")
    halted.await_live()
    assert [halted.offered("1.2.0"), halted.offered("1.3.0", manual=True)] == [None, None]
    assert check(asking.apps["by the manifest"]) is not None
    assert not isinstance(check(asking.apps["by the manifest"]), Update)
    assert [each["name"] for each in halts(halted)["pending"]] == [name]

    # The fact goes live: the stop speaks, and the override is obeyed still.
    halted.git("commit", "-qm", "Stop stable", "--", fact)
    halted.await_live()
    said_now = halts(halted)
    assert (said_now["pending"], [each["name"] for each in said_now["decided"]]) == ([], [name])
    assert halted.offered("1.2.0") is None
    assert halted.inv("drift", "laptop", "--only", "objects").startswith("laptop: nothing differs")

    # And its lift ends it, with nothing taken back.
    halted.inv("lift", "stop", name, "--reason", "it was the file server", "--commit")
    halted.await_live()
    assert halted.offered("1.2.0") == "1.3.0"
    answer = check(asking.apps["by the manifest"])
    assert isinstance(answer, Update)
    assert answer.version == "1.3.0"
    assert f"{name}: became {fact}, lifted" in halted.inv("halts")


def test_a_halt_waits_for_no_platform_and_needs_no_follower(halted: System) -> None:
    assert halted.offered("1.3.0", manual=True) == "1.4.0"
    with (
        StateFile(Places(halted.repo).engine, "laptop").locked(),
        StateFile(Places(halted.repo).engine, "laptop-live").locked(),
    ):
        [worker] = [entry["pid"] for entry in halted.status()["processes"] if entry["name"] == "worker"]
        os.kill(worker, signal.SIGKILL)
        said = halted.inv("halt", "stable", REASON, "--version", "1.4.0", "--no-commit", "--json")
        done, _ = json.JSONDecoder().raw_decode(said)  # behind it stands what was said of each step
        assert [step["wrong"] for step in done["steps"]] == [""] * 4
        assert halted.offered("1.3.0", manual=True) is None
        assert halted.offered("1.2.0") == "1.3.0"
    halted.git("commit", "-qm", "Stop 1.4.0", "--", f"releases/stops/{done['halt']['name']}.yaml")
    halted.await_live()
    assert halted.offered("1.3.0", manual=True) is None
    assert halts(halted)["pending"] == []


def test_two_that_halt_at_once_lose_nothing(halted: System) -> None:
    channels = ("stable", "beta")
    said = {}

    def typed(channel: str) -> None:
        said[channel] = halted.inv("halt", channel, f"{channel} loses work", "--no-commit")

    threads = [threading.Thread(target=typed, args=(channel,)) for channel in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each["channel"] for each in halts(halted)["pending"]} == set(channels), said
    assert [halted.offered("1.2.0"), halted.offered("1.4.0", channel="beta")] == [None, None]


def test_what_is_halted_stays_so_when_aws_forgets_everything(halted: System) -> None:
    before = halts(halted)
    assert {each["channel"] for each in before["pending"]} == {"stable", "beta"}
    done = halted.status()["carried"]
    [aws] = [entry["pid"] for entry in halted.status()["processes"] if entry["name"] == "aws"]
    os.kill(aws, signal.SIGKILL)
    halted.await_status(lambda status: status["carried"] > done, "HEAD is carried out again")
    assert halts(halted) == before
    assert [halted.offered("1.2.0"), halted.offered("1.4.0", channel="beta")] == [None, None]
    assert requests.get(f"{halted.url('updates')}/readyz", timeout=10).status_code == 200
    assert halted.inv("drift", "laptop", "--only", "answers").startswith("laptop: nothing differs")
