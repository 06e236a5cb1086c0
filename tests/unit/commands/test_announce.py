"""./inv announce: what is live on a laptop's AWS is told to a real server, once; and the preview in a proposal."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from delivery.announce.claims import Claims
from delivery.deploy import steps
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.laptop.places import Places
from delivery.laptop.processes import started
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override
from delivery.rules.brake import seal as seal_override
from delivery.rules.catalog import HEAD_KEY, object_key
from delivery.rules.head import LIFETIME, Head, seal
from tests.github.bare import Bare
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.unit.announce.webhook import Webhook, webhook
from tests.unit.commands.desk import Desk, Said

pytestmark = pytest.mark.slow

BUCKETS = ("espice-laptop-catalog", "espice-laptop-downloads")
STABLE = "releases/channels/stable.yaml"
ANNOUNCE = """\
announce:
  since: "2026-01-01T00:00:00Z"
  link: https://espice.app/releases/{version}
  to: {hook: 500, x: 280}
"""
VARIABLES = ("ESPICE_ANNOUNCE_HOOK", "ESPICE_ANNOUNCE_X")
MAYBE = "it may have been sent. Look there; then ./inv announce --again stable/1.3.0 --to x tells it, or "


@dataclass
class Laptop:
    """A checkout that says that its laptop runs, with the facts of its HEAD live."""

    desk: Desk
    s3: Any
    serial: int = 0

    def commit(self, path: str, text: str) -> None:
        self.desk.append(path, text)
        self.desk.git("add", path)
        self.desk.git("commit", "-qm", "a change")

    def apply(self) -> None:
        given, now = snapshot.at_commit(self.desk.repo, "HEAD"), datetime.now(UTC)
        prepared, self.serial = steps.prepare(given, given, "laptop", now), self.serial + 1
        commit = snapshot.commit_id(self.desk.repo, "HEAD")
        head = Head("espice", "laptop", self.serial, commit, prepared.sha256, now, now + LIFETIME)
        self.s3.put_object(Bucket=BUCKETS[0], Key=object_key(prepared.sha256), Body=prepared.data)
        self.s3.put_object(Bucket=BUCKETS[0], Key=HEAD_KEY, Body=seal(head, keys.head_signer()))

    def halt(self) -> None:
        halts = (Halt("2026-11-22-120000-stable", "stable", None, datetime(2026, 11, 22, tzinfo=UTC), "crashes"),)
        override = seal_override(Override("espice", "laptop", 1, halts[0].at, halts), keys.brake_signer())
        self.s3.put_object(Bucket=BUCKETS[0], Key=OVERRIDE_KEY, Body=override)

    def inv(self, *more: str) -> Said:
        return self.desk.inv("announce", *more)


@pytest.fixture
def laptop(alone: Desk, aws: str) -> Laptop:
    places, hosts = Places(alone.repo), {name: {"url": aws} for name in ("updates", "downloads", "site")}
    places.state.mkdir(parents=True, exist_ok=True)
    places.ports.write_text(json.dumps({"aws": urlsplit(aws).port}))
    places.report.write_text(json.dumps({"pid": os.getpid(), "started": started(os.getpid()), "hosts": hosts}))
    s3 = boto3.client("s3", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
    made = Laptop(alone, s3)
    made.commit(STABLE, ANNOUNCE)
    made.apply()
    return made


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with webhook() as made:
        for name in VARIABLES:
            monkeypatch.setenv(name, made.address)
        yield made


def test_a_dry_run_prints_each_text_and_tells_nothing(laptop: Laptop, hook: Webhook) -> None:
    said = laptop.inv("--dry-run")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line for line in lines if line.startswith("stable")] == [
        "stable 1.3.0 to hook: would be told",
        "stable 1.3.0 to x: would be told",
    ]
    assert lines[1] == "    ESpice 1.3.0 is here."
    assert lines.count("    https://espice.app/releases/1.3.0") == 2
    assert (hook.got, Claims(laptop.desk.repo).read()) == ([], {})


def test_what_is_live_for_everyone_is_told_once(laptop: Laptop, hook: Webhook) -> None:
    said = laptop.inv()
    assert said == Said(0, "stable 1.3.0 to hook: told\nstable 1.3.0 to x: told\n", "")
    assert [each["title"] for each in hook.got] == ["ESpice 1.3.0"] * 2
    again = json.loads(laptop.inv("--json").out)
    assert [(each["version"], each["to"], each["state"], each["wrong"]) for each in again] == [
        ("1.3.0", "hook", "sent", False),
        ("1.3.0", "x", "sent", False),
    ]
    assert len(hook.got) == 2
    assert laptop.desk.changed() == ""


def test_where_a_channel_waits_it_says_until_when_and_tells_nothing_before(laptop: Laptop, hook: Webhook) -> None:
    laptop.commit(STABLE, "  after: 9999d\n")
    laptop.apply()
    waits = "is to be told Thu 2054-03-12 14:20 UTC, if everyone may have it still"
    assert laptop.inv("--to", "x") == Said(0, f"stable 1.3.0 to x: {waits}\n", "")
    (said,) = json.loads(laptop.inv("--to", "x", "--json").out)
    assert (said["since"], said["at"], said["state"]) == ("2026-10-26T14:20:00Z", "2054-03-12T14:20:00Z", None)
    again = laptop.inv("--again", "stable/1.3.0", "--to", "x")
    assert again == Said(2, "", "stable/1.3.0 is not due at x; ./inv announce --dry-run lists what is\n")
    assert (hook.got, Claims(laptop.desk.repo).read()) == ([], {})


def test_all_that_went_wrong_is_said_at_once_and_tried_again_by_the_next(
    laptop: Laptop, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ESPICE_ANNOUNCE_X")
    hook.status = 403
    said = laptop.inv()
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines() == [
        "stable 1.3.0 to hook: it answered 403; the next ./inv announce tries again",
        "stable 1.3.0 to x: ESPICE_ANNOUNCE_X is not set; set it to the address that apprise has for the place",
    ]
    assert "s3cret" not in said.err
    hook.status = 200
    monkeypatch.setenv("ESPICE_ANNOUNCE_X", hook.address)
    assert laptop.inv() == Said(0, "stable 1.3.0 to hook: told\nstable 1.3.0 to x: told\n", "")


def test_what_may_have_been_sent_is_settled_by_people(laptop: Laptop, hook: Webhook) -> None:
    hook.status = 0
    assert laptop.inv("--to", "x").status == 1
    hook.status = 200
    said = laptop.inv("--to", "x")
    assert said.status == 1
    assert MAYBE in said.err
    assert len(hook.got) == 1
    assert laptop.inv("--sent", "stable/1.3.0", "--to", "x").out == "stable 1.3.0 to x: is noted as told\n"
    assert laptop.inv("--to", "x").status == 0
    assert len(hook.got) == 1
    assert laptop.inv("--again", "stable/1.3.0", "--to", "x").out == "stable 1.3.0 to x: told\n"
    assert len(hook.got) == 2


def test_what_the_brake_holds_is_not_told(laptop: Laptop, hook: Webhook) -> None:
    laptop.halt()
    assert laptop.inv() == Said(0, "nothing is to be told\n", "")
    assert hook.got == []


def test_what_makes_no_sense_is_refused(laptop: Laptop) -> None:
    assert laptop.inv("--to", "y") == Said(2, "", "--to y: no channel announces there; there is hook and x\n")
    said = "--again stable/1.3.0: say where by --to, such as --to mastodon\n"
    assert laptop.inv("--again", "stable/1.3.0") == Said(2, "", said)
    both = "--again and --sent: name one of them; the first tells it anew, the second notes that it was told\n"
    assert laptop.inv("--again", "a", "--sent", "a", "--to", "x") == Said(2, "", both)
    said = "stable/9.9.9 is not due at x; ./inv announce --dry-run lists what is\n"
    assert laptop.inv("--sent", "stable/9.9.9", "--to", "x") == Said(2, "", said)


def test_at_github_everyone_sees_what_one_told(
    laptop: Laptop,
    hook: Webhook,
    pushed_to: Callable[[Path], Bare],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = pushed_to(tmp_path / "espice/delivery.git")
    with stand_in(tmp_path, "espice/delivery", {"a-token": Person("ada")}) as found:
        monkeypatch.setenv("GITHUB_API_URL", found.api)
        monkeypatch.setenv("GITHUB_REPOSITORY", "espice/delivery")
        monkeypatch.setenv("GITHUB_TOKEN", "a-token")
        assert laptop.inv().status == 0
        assert "refs/espice" not in laptop.desk.git("for-each-ref")
        assert sorted(Claims(bare.folder).read()) == ["laptop/stable/1.3.0/hook", "laptop/stable/1.3.0/x"]
        assert laptop.inv().out.count("was told") == 2
    assert len(hook.got) == 2
