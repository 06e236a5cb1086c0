"""From a YAML fact to a client's update, through the real parts: git, Pulumi's protocol, moto, nginx, granian."""

import json
import subprocess
import sys
import time

import pytest
import requests

from clients.reference.check import Update
from clients.reference.download import download
from clients.reference.errors import Minisign
from delivery.rules.compile import ranks
from tests.laptop.system import System, now

CATALOG, DOWNLOADS = "espice-laptop-catalog", "espice-laptop-downloads"

SALT = "stable-1.4.0"  # of releases/rollouts/stable/1.4.0.yaml, which stands at 10 %
FIRST = ranks(SALT).index(0)  # the cohort that is asked first
EARLY = ranks(SALT).index(99)  # the last one that 10 % covers
LATE = ranks(SALT).index(240)  # one that 25 % covers and 10 % does not
LAST = ranks(SALT).index(999)


def test_a_cohort_within_ten_percent_is_updated_and_the_bytes_are_the_signed_ones(system: System) -> None:
    app = system.installation("1.3.0", cohort=EARLY)
    update = system.ask("1.3.0", cohort=EARLY)
    assert isinstance(update, Update)
    assert update.version == "1.4.0"
    assert update.url.startswith(system.url("downloads"))
    data = download(app, update)
    assert data[8:11] == b"AI\x02"
    assert len(data) > 200_000


@pytest.mark.parametrize(
    ("version", "said", "offered"),
    [
        ("1.2.0", {"cohort": EARLY}, "1.4.0"),
        ("1.2.0", {"cohort": LATE}, "1.3.0"),  # held back: the newest that everyone gets, never nothing
        ("1.3.0", {"cohort": LATE}, None),
        ("1.2.0", {}, "1.3.0"),  # no cohort comes last
        ("1.3.0", {"cohort": LATE, "manual": True}, "1.4.0"),  # whoever asks passes the percentage
        ("1.3.0", {"cohort": EARLY, "failed": "1.4.0"}, None),
        ("1.4.0", {"cohort": FIRST}, None),
        ("1.4.0", {"cohort": FIRST, "channel": "beta"}, "1.5.0-beta.1"),
        ("1.2.0", {"cohort": EARLY, "bundle": "deb"}, "1.4.0"),
        ("1.2.0", {"bundle": "unknown"}, "1.3.0"),
    ],
)
def test_what_an_installation_is_offered_at_ten_percent(
    system: System, version: str, said: dict[str, object], offered: str | None
) -> None:
    assert system.offered(version, **said) == offered


def test_a_step_typed_as_one_command_reaches_the_next_cohorts(system: System) -> None:
    assert system.offered("1.3.0", cohort=LATE) is None
    system.inv("raise", "stable", "25", "--commit")
    changed = system.git("show", "--numstat", "--format=", "HEAD").split()
    assert changed == ["1", "0", "releases/rollouts/stable/1.4.0.yaml"]
    system.await_live()
    assert system.offered("1.3.0", cohort=LATE) == "1.4.0"
    assert system.offered("1.3.0", cohort=LAST) is None


def test_a_hold_offers_no_more_of_the_version(system: System) -> None:
    system.inv("hold", "stable", "--reason", "crashes on start", "--commit")
    system.await_live()
    assert system.offered("1.3.0", cohort=FIRST) is None
    assert system.offered("1.2.0", cohort=FIRST) == "1.3.0"
    assert system.offered("1.3.0", cohort=LATE, manual=True) is None


def test_a_withdrawn_version_is_offered_to_nobody(system: System) -> None:
    system.inv("withdraw", "1.4.0", "--reason", "corrupts project files", "--commit")
    system.await_live()
    for said in ({"cohort": FIRST}, {"manual": True}, {"channel": "beta", "cohort": FIRST}):
        assert system.offered("1.2.0", **said) != "1.4.0"
    assert system.offered("1.3.0", cohort=FIRST) is None


def test_a_stopped_channel_offers_nothing_by_endpoint_and_manifest(system: System) -> None:
    system.inv("stop", "stable", "--reason", "looking into reports of data loss", "--commit")
    system.await_live()
    assert system.offered("1.2.0", cohort=FIRST) is None
    assert system.offered("1.2.0", channel="beta") is not None
    manifest = requests.get(f"{system.url('downloads')}/v1/update/stable/linux/x86_64/appimage.json", timeout=5)
    assert manifest.json()["version"] == "0.0.0"


def test_what_is_not_committed_is_not_live(system: System) -> None:
    system.append("releases/rollouts/stable/1.4.0.yaml", f'  - {{at: "{now()}", percent: 25}}')
    time.sleep(2)
    assert system.offered("1.3.0", cohort=LATE) is None


def test_a_bad_commit_is_refused_with_its_problems_and_what_was_live_stays_live(system: System) -> None:
    good = system.status()
    system.append("releases/rollouts/stable/1.4.0.yaml", f'  - {{at: "{now()}", percent: 140}}')
    bad = system.commit("Raise too far")
    found = system.await_status(lambda status: status["tried"] == bad, "the bad commit was tried")
    assert found["head_is_live"] is False
    assert (found["commit"], found["serial"]) == (good["commit"], good["serial"])
    assert [line.partition(": ")[2] for line in found["trouble"]] == [
        "steps.3.percent: 140 is above 100; write a whole number of percent from 0 to 100"
    ]
    assert system.offered("1.3.0", cohort=EARLY) == "1.4.0"


def test_an_endpoint_that_dies_leaves_the_static_manifest_and_comes_back(system: System) -> None:
    [endpoint] = [entry for entry in system.status()["processes"] if entry["name"].startswith("endpoint-")]
    subprocess.run(
        ["kill", "-STOP", str(endpoint["pid"])], check=True
    )  # so that its revival cannot race with the asking
    for child in _children(endpoint["pid"]):
        subprocess.run(["kill", "-KILL", child], check=True)
    answer = system.ask("1.2.0", cohort=FIRST)
    assert isinstance(answer, Update)
    assert (answer.version, answer.asked.startswith(system.url("downloads"))) == ("1.3.0", True)
    subprocess.run(["kill", "-KILL", str(endpoint["pid"])], check=True)
    system.await_status(
        lambda status: any(entry["restarts"] for entry in status["processes"]), "the endpoint was started again"
    )
    deadline = time.monotonic() + 30
    while system.offered("1.2.0", cohort=FIRST) != "1.4.0":
        assert time.monotonic() < deadline, "the endpoint does not answer again"
        time.sleep(0.2)


def _children(pid: int) -> list[str]:
    return subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()


def test_a_tampered_artifact_is_refused_by_the_client(system: System) -> None:
    app = system.installation("1.3.0", cohort=EARLY)
    update = system.ask("1.3.0", cohort=EARLY)
    assert isinstance(update, Update)
    key = update.url.removeprefix(system.url("downloads") + "/")
    data = system.s3().get_object(Bucket=DOWNLOADS, Key=key)["Body"].read()
    try:
        system.swap(DOWNLOADS, key, data[:-1] + bytes([data[-1] ^ 1]))
        _purge(system)
        with pytest.raises(Minisign):
            download(app, update)
    finally:
        system.swap(DOWNLOADS, key, data)
        _purge(system)
    assert download(app, update) == data


def test_an_expired_head_sends_clients_to_the_manifest(system: System) -> None:
    """The head that is live is replaced behind everyone's back by one that expires in a moment."""
    from datetime import UTC, datetime, timedelta

    from delivery.laptop import keys
    from delivery.rules.head import Head, seal

    status = system.status()
    issued = datetime.now(UTC).replace(microsecond=0)
    short = Head(
        "espice",
        "laptop",
        status["serial"] + 1,
        status["commit"],
        status["sha256"],
        issued,
        issued + timedelta(seconds=4),
    )
    system.swap(CATALOG, "catalog/head.json", seal(short, keys.head_signer()))
    url = f"{system.url('updates')}/v1/update/stable/linux/x86_64/1.2.0?bundle=appimage"
    deadline = time.monotonic() + 30
    while (answer := requests.get(f"{url}&n={time.monotonic_ns()}", timeout=5)).status_code != 503:
        assert time.monotonic() < deadline, "the endpoint believes an expired head"
        time.sleep(0.2)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    _purge(system)
    update = system.ask("1.2.0", cohort=FIRST)
    assert isinstance(update, Update)
    assert (update.version, update.asked.startswith(system.url("downloads"))) == ("1.3.0", True)
    system.append("releases/README.md", "<!-- a commit, so that a new head is signed -->")
    system.append("releases/channels/beta.yaml", "# a comment, so that lines move")
    system.inv("raise", "stable", "25", "--commit")
    system.await_live()
    assert system.offered("1.3.0", cohort=LATE) == "1.4.0"


def test_explain_says_what_decided_with_line_and_commit(system: System) -> None:
    said = json.loads(_json(system, "explain", "stable", "linux-x86_64", "1.3.0", "--cohort", str(EARLY), "--json"))
    [finding] = said["findings"]
    assert (said["decision"]["offer"], finding["fact"]) == ("1.4.0", _line_of(system, "percent: 10"))
    assert finding["commit"] == system.git("rev-list", "--max-parents=0", "HEAD").strip()


def test_answers_name_the_fact_that_decided(system: System) -> None:
    url = f"{system.url('updates')}/v1/update/stable/linux/x86_64/1.3.0?bundle=appimage&cohort={EARLY}"
    answer = requests.get(url, timeout=5)
    assert answer.headers["ESpice-Serial"] == str(system.status()["serial"])
    assert answer.headers["ESpice-Fact"] == _line_of(system, "percent: 10")
    assert answer.headers["Strict-Transport-Security"]  # the edge's doing, from the realised ruleset
    again = requests.get(url, timeout=5)
    assert again.headers["CF-Cache-Status"] == "HIT"


def test_hosts_answer_by_name_too(system: System) -> None:
    host = system.status()["hosts"]["updates"]["host"].removeprefix("http://")
    name, port = host.split(":")
    answer = requests.get(f"http://127.0.0.1:{port}/healthz", headers={"Host": name}, timeout=5)
    assert answer.status_code == 200


def test_a_second_up_says_that_one_is_running_and_where(system: System) -> None:
    said = system.inv("up", expect=1)
    assert "one is running already" in said
    assert system.url("updates") in said


def test_a_published_artifact_resumes_by_range(system: System) -> None:
    update = system.ask("1.3.0", cohort=EARLY)
    assert isinstance(update, Update)
    part = requests.get(update.url, headers={"Range": "bytes=8-10"}, timeout=5)
    assert (part.status_code, part.content) == (206, b"AI\x02")


def _line_of(system: System, text: str) -> str:
    """path:line of the rollout's line that has this text."""
    path = "releases/rollouts/stable/1.4.0.yaml"
    lines = (system.repo / path).read_text().splitlines()
    return f"{path}:{1 + next(number for number, line in enumerate(lines) if text in line)}"


def _json(system: System, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "invoke", *arguments], cwd=system.repo, capture_output=True, text=True, check=True
    ).stdout


def _purge(system: System) -> None:
    from delivery.laptop import edge
    from delivery.laptop.places import Places

    edge.purge(Places(system.repo).edge / "cache")
