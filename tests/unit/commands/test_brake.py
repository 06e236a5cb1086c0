"""explain, blame and drift under the brake of a laptop: the report of one that runs, and moto as its AWS."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from securesystemslib.signer import CryptoSigner, Signer

from delivery.laptop import keys
from delivery.laptop.places import Places
from delivery.laptop.processes import started
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override, seal
from tests.unit.commands.desk import Desk

pytestmark = pytest.mark.slow

BUCKET = "espice-laptop-catalog"
NAME = "2026-11-22-120000-stable"
HALT = Halt(NAME, "stable", None, datetime(2026, 11, 22, 12, tzinfo=UTC), "it crashes at start")
ASKED = ("stable", "linux-x86_64", "1.2.0")
WHY = f"1.3.0 is halted by the brake ({NAME}, since 2026-11-22 12:00 UTC): it crashes at start"


@dataclass
class Laptop:
    """A checkout whose report says that its laptop runs."""

    desk: Desk
    s3: Any

    def halt(self, *halts: Halt, signer: Signer | None = None) -> None:
        override = Override("espice", "laptop", 3, HALT.at, halts)
        self.s3.put_object(Bucket=BUCKET, Key=OVERRIDE_KEY, Body=seal(override, signer or keys.brake_signer()))


@pytest.fixture
def laptop(desk: Desk, aws: str) -> Laptop:
    places, hosts = Places(desk.repo), {name: {"url": aws} for name in ("updates", "downloads", "site")}
    places.state.mkdir(parents=True, exist_ok=True)
    places.ports.write_text(json.dumps({"aws": urlsplit(aws).port}))
    places.report.write_text(json.dumps({"pid": os.getpid(), "started": started(os.getpid()), "hosts": hosts}))
    s3 = boto3.client("s3", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    s3.create_bucket(Bucket=BUCKET)
    return Laptop(desk, s3)


def test_an_explanation_says_what_the_brake_of_the_running_laptop_holds(laptop: Laptop) -> None:
    laptop.halt(HALT)
    said = laptop.desk.inv("explain", *ASKED)
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[1].endswith(": it crashes at start")
    assert [f"    1.3.0 stopped: {WHY}", f"        catalog/override.json:{NAME}"] == lines[-3:-1]
    assert lines[-1].endswith("; the brake of laptop holds stable")


def test_an_explanation_for_scripts_says_it_too(laptop: Laptop) -> None:
    laptop.halt(HALT)
    said = json.loads(laptop.desk.inv("explain", *ASKED, "--json").out)
    assert (said["decision"]["offer"], said["decision"]["said"]) == (None, "stopped")
    assert said["brake"] == {
        "environment": "laptop",
        "override": 3,
        "halts": [NAME],
        "said": "the brake of laptop holds stable",
    }


def test_where_nothing_is_halted_that_is_said(laptop: Laptop) -> None:
    assert laptop.desk.inv("explain", *ASKED).out.splitlines()[-1].endswith("; the brake of laptop holds nothing")
    laptop.halt()
    said = json.loads(laptop.desk.inv("explain", *ASKED, "--json").out)
    assert (said["decision"]["offer"], said["brake"]["override"], said["brake"]["halts"]) == ("1.3.0", 3, [])


def test_of_the_past_nothing_is_said_to_be_halted(laptop: Laptop) -> None:
    laptop.halt(HALT)
    said = json.loads(laptop.desk.inv("explain", *ASKED, "--commit", "HEAD", "--json").out)
    assert said["decision"]["offer"] == "1.3.0"
    assert said["brake"] == {
        "environment": None,
        "override": None,
        "halts": [],
        "said": "of the past only what was merged is known, not what was halted by the brake",
    }


def test_an_override_that_is_not_believed_is_not_taken_for_none(laptop: Laptop) -> None:
    laptop.halt(HALT, signer=CryptoSigner.generate_ed25519())
    said = laptop.desk.inv("explain", *ASKED)
    assert (said.status, said.out) == (1, "")
    assert "catalog/override.json is not to be believed: no trusted key signed it" in said.err


def test_an_environment_that_is_none_or_does_not_run_is_refused(desk: Desk) -> None:
    said = desk.inv("explain", *ASKED, "--environment", "prod")
    assert (said.status, said.err) == (2, "there is no environment prod; there are laptop, staging and production\n")
    said = desk.inv("blame", *ASKED, "--environment", "laptop")
    assert (said.status, said.err) == (2, "nothing runs here; ./inv up starts it\n")


def test_blame_names_the_halt_that_no_commit_says(laptop: Laptop) -> None:
    laptop.halt(HALT)
    said = laptop.desk.inv("blame", *ASKED)
    assert (said.status, said.err) == (0, "")
    decide = f"./inv decide {NAME} --commit writes the stop that takes it over"
    assert WHY.replace("1.3.0", "1.4.0") in said.out.splitlines()
    assert f"    no commit says it yet; {decide}" in said.out.splitlines()
    told = json.loads(laptop.desk.inv("blame", *ASKED, "--json").out)
    assert list(told["halts"]) == [NAME]


def test_drift_names_the_halt_and_looks_for_it_in_manifests(laptop: Laptop) -> None:
    laptop.halt(HALT)
    told = json.loads(laptop.desk.inv("drift", "laptop", "--only", "objects", "--json").out)["drift"]
    halts = [each for each in told if each["where"].startswith("halt")]
    assert [each["where"] for each in halts] == [f"halt {NAME}"]
    assert any(each["where"].startswith("manifest") for each in told)  # this AWS is empty


def test_drift_compares_no_manifest_under_an_override_that_nobody_believes(laptop: Laptop) -> None:
    laptop.halt(HALT, signer=CryptoSigner.generate_ed25519())
    told = json.loads(laptop.desk.inv("drift", "laptop", "--only", "objects,answers", "--json").out)["drift"]
    assert [(each["where"], each["what"]) for each in told if each["where"] == "override"] == [
        ("override", f"is believed by nobody: no trusted key signed it; so {what} cannot be compared")
        for what in ("static manifests", "answers")
    ]
    assert not any(each["where"].startswith(("manifest", "answer")) for each in told)
