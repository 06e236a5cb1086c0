"""Everything live is changed by hand behind everybody's back, in turn; drift names each, and the mend mends it."""

import json
import time
from dataclasses import replace
from typing import Any

import boto3
import pytest
import yaml

from delivery.laptop import keys
from delivery.laptop.places import Places
from delivery.rules.facts import Product
from delivery.rules.head import Head, peek, seal
from delivery.rules.load import parse
from tests.laptop.system import System

CATALOG, DOWNLOADS, ARCHIVE = "espice-laptop-catalog", "espice-laptop-downloads", "espice-laptop-archive"
HEAD = "catalog/head.json"
MANIFEST = "v1/update/stable/linux/x86_64/appimage.json"
MENDED = "./inv apply laptop-live puts back what HEAD says"


class Hand:
    """Somebody with the account's own credentials."""

    def __init__(self, system: System) -> None:
        told = {"endpoint_url": Places(system.repo).aws, "region_name": "us-east-1"}
        secret = {"aws_access_key_id": "a", "aws_secret_access_key": "hand"}
        self.cloudwatch: Any = boto3.client("cloudwatch", **told, **secret)
        self.s3, self.write = system.s3(), system.swap

    def read(self, bucket: str, key: str) -> bytes:
        data: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return data


@pytest.fixture
def hand(system: System) -> Hand:
    """What it changes is put back by the mend that drift names, which the test itself types."""
    return Hand(system)


def drift(system: System, only: str, expect: int | None = 1) -> list[dict[str, str]]:
    said = system.inv("drift", "laptop", "--only", only, "--json", expect=expect)
    found: list[dict[str, str]] = json.loads(said[said.index("{") : said.rindex("}") + 1])["drift"]
    return found


def product(system: System) -> Product:
    filed, _ = parse("product.yaml", (system.repo / "product.yaml").read_bytes(), Product)
    assert filed is not None
    return filed.value


def test_nothing_differs_after_a_commit_has_gone_live(system: System) -> None:
    said = system.inv("drift", "laptop")
    assert "laptop: nothing differs (resources, objects, artifacts, answers compared)" in said


def test_an_alarm_that_was_turned_down_is_named_with_both_values(system: System, hand: Hand) -> None:
    name = "espice-laptop-updates-slow"
    alarm = hand.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    kept = ("AlarmName", "MetricName", "Namespace", "ExtendedStatistic", "Dimensions", "Period", "EvaluationPeriods")
    more = ("ComparisonOperator", "TreatMissingData", "AlarmActions", "OKActions", "AlarmDescription")
    told = {key: alarm[key] for key in (*kept, *more) if alarm.get(key)}
    hand.cloudwatch.put_metric_alarm(**told, Threshold=25_000)
    found = drift(system, "resources")
    assert [each["where"] for each in found] == ["stack laptop: aws:cloudwatch/metricAlarm:MetricAlarm updates-slow"]
    assert "threshold from 500 to 25000" in found[0]["what"]
    hand.cloudwatch.put_metric_alarm(**told, Threshold=500)
    assert drift(system, "resources", expect=0) == []


def test_a_dns_record_that_was_taken_away_is_named(system: System) -> None:
    ledger = Places(system.repo).ledger
    before = ledger.read_text()
    records = json.loads(before)
    dns = records["cloudflare:index/dnsRecord:DnsRecord"]
    gone = next(identity for identity, record in dns.items() if record["name"] == "updates.espice.localhost")
    del dns[gone]
    ledger.write_text(json.dumps(records))
    found = drift(system, "resources")
    assert ("stack laptop: cloudflare:index/dnsRecord:DnsRecord updates-record", "was deleted by hand") in {
        (each["where"], each["what"]) for each in found
    }
    ledger.write_text(before)


def test_a_catalog_with_a_byte_more_is_named(system: System, hand: Hand) -> None:
    sha256 = system.status()["sha256"]
    key = f"catalog/{sha256}.json"
    data = hand.read(CATALOG, key)
    hand.write(CATALOG, key, data + b"\n")
    what = f"holds other bytes ({len(data) + 1}) than HEAD says ({len(data)})"
    assert drift(system, "objects") == [{"where": f"catalog {sha256[:12]}", "what": what, "mend": MENDED}]
    hand.write(CATALOG, key, data)
    assert drift(system, "objects", expect=0) == []


def test_a_manifest_that_offers_something_else_is_named(system: System, hand: Hand) -> None:
    data = hand.read(DOWNLOADS, MANIFEST)
    hand.write(DOWNLOADS, MANIFEST, data.replace(b"1.3.0", b"1.2.0"))
    found = drift(system, "objects")
    assert [each["where"] for each in found] == [f"manifest {MANIFEST}"]
    hand.write(DOWNLOADS, MANIFEST, data)


def test_an_older_head_put_back_is_named_and_so_is_what_installations_are_told_by_it(
    system: System, hand: Hand
) -> None:
    old, old_catalog = hand.read(CATALOG, HEAD), system.status()["sha256"]
    catalog = hand.read(CATALOG, f"catalog/{old_catalog}.json")
    system.inv("raise", "stable", "25", "--commit")
    live = system.await_live()
    assert drift(system, "objects,answers", expect=0) == []
    right = hand.read(CATALOG, HEAD)
    hand.s3.put_object(Bucket=CATALOG, Key=f"catalog/{old_catalog}.json", Body=catalog)  # it had gone with its head
    older = peek(old, product(system).head_keys("laptop"))
    # A head that is signed well, and newer than the right one: all that a thief of the key can do.
    hand.write(CATALOG, HEAD, _signed_as(older, live["serial"] + 1))
    found = drift(system, "objects")
    assert [each["where"] for each in found] == ["head"]
    assert f"names the catalog {old_catalog[:12]}" in found[0]["what"]
    told = _drift_of_answers(system)
    assert {each["what"].partition(", and ")[2] for each in told} == {"HEAD says 1.4.0"}
    assert all("cohort=" in each["where"] for each in told)
    hand.write(CATALOG, HEAD, right)


def _signed_as(head: Head, serial: int) -> bytes:
    return seal(replace(head, serial=serial), keys.head_signer())


def _drift_of_answers(system: System) -> list[dict[str, str]]:
    """The endpoint looks at the head again after a second, and the edge keeps an answer for half a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := drift(system, "answers", expect=None):
            return found
        time.sleep(1)
    raise AssertionError("no answer differs, although the endpoint was given an older catalog")


def test_an_artifact_with_other_bytes_is_named_in_its_bucket(system: System, hand: Hand) -> None:
    version = yaml.safe_load((system.repo / "releases/versions/1.3.0.yaml").read_text())
    file = version["artifacts"]["linux-x86_64"]["deb"]["file"]
    key = f"espice/1.3.0/{file}"
    data = hand.read(DOWNLOADS, key)
    hand.write(DOWNLOADS, key, data[:-1] + b"!")
    found = drift(system, "artifacts")
    assert [each["where"] for each in found] == [f"artifact {DOWNLOADS}/{key}"]
    assert found[0]["mend"].startswith("./inv withdraw 1.3.0 --downloads gone")
    hand.write(DOWNLOADS, key, data)
    assert drift(system, "artifacts", expect=0) == []
