"""From what the clouds realised to the processes of an event's way, and what functions are told otherwise here."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from delivery.console.settings import Access, Builds
from delivery.console.settings import Settings as Console
from delivery.events.settings import Settings as Events
from delivery.laptop import telemetry
from delivery.laptop.places import Places
from delivery.laptop.told import told
from tests.unit.endpoint.parts import SETTINGS

PORTS = {"aws": 18404, "console": 18405, "database": 18406}
RDS = Events("telemetry.abc.us-east-1.rds.amazonaws.com", 5432, "telemetry", "events", "us-east-1")
ARN = "arn:aws:lambda:us-east-1:123456789012:function:espice-laptop-consumer"


@pytest.fixture
def records(tmp_path: Path) -> dict[str, Any]:
    """A ledger with an instance, a consumer of two versions, and its mapping."""
    code = tmp_path / "code.zip"
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("delivery/events/handler.py", "")
    version = {"sha256": "a" * 64, "code": str(code), "handler": "delivery.events.handler.handler"}
    version["environment"] = RDS.to_env()
    function = {"name": "espice-laptop-consumer", "version": "2", "versions": {"1": version, "2": version}}
    alias = {"functionName": "espice-laptop-consumer", "name": "live", "functionVersion": "2"}
    mapping = {
        "eventSourceArn": "arn:aws:sqs:us-east-1:123456789012:espice-laptop-events",
        "functionName": f"{ARN}:live",
        "batchSize": 1000.0,  # numbers are floats on Pulumi's wire
        "maximumBatchingWindowInSeconds": 5.0,
        "functionResponseTypes": ["ReportBatchItemFailures"],
    }
    instance = {"identifier": "espice-laptop-telemetry", "engineVersion": "18", "dbName": "telemetry"}
    return {
        "aws:lambda/function:Function": {"espice-laptop-consumer": function},
        "aws:lambda/alias:Alias": {f"{ARN}:live": alias},
        "aws:lambda/eventSourceMapping:EventSourceMapping": {"1": mapping},
        "aws:rds/instance:Instance": {"espice-laptop-telemetry": {**instance, "username": "owner"}},
    }


def test_a_database_and_a_consumer_run_because_they_are_realised(records: dict[str, Any], tmp_path: Path) -> None:
    database, consumer = telemetry.wanted(records, Places(tmp_path), PORTS)
    assert (database["name"], database["port"]) == ("database", 18406)
    assert database["url"] == "postgresql://owner@127.0.0.1:18406/telemetry"
    folder = str(tmp_path / ".state/laptop/databases/espice-laptop-telemetry-18")
    assert list(database["command"][3:7]) == [folder, "18406", "telemetry", "owner"]
    assert Path(database["command"][7]).read_text().startswith("-- Run once for each new database")
    assert consumer["name"] == "consumer-2-aaaaaaaa"
    assert json.loads(consumer["command"][-1]) == {
        "queue": "arn:aws:sqs:us-east-1:123456789012:espice-laptop-events",
        "handler": "delivery.events.handler.handler",
        "batch": 1000,
        "window": 5,
        "partial": True,
    }


def test_the_consumer_runs_from_its_own_zip_and_signs_in_here(records: dict[str, Any], tmp_path: Path) -> None:
    _, consumer = telemetry.wanted(records, Places(tmp_path), PORTS)
    home = Path(consumer["cwd"])
    assert (home / "delivery/events/handler.py").exists()
    assert consumer["env"]["PYTHONPATH"] == str(home)
    assert consumer["env"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:18404"
    settings = Events.from_env(consumer["env"])
    assert (settings.database_host, settings.database_port, settings.database_iam) == ("127.0.0.1", 18406, False)
    assert (settings.database_name, settings.database_user) == ("telemetry", "events")


def test_what_is_not_realised_or_turned_off_does_not_run(records: dict[str, Any], tmp_path: Path) -> None:
    assert telemetry.wanted({}, Places(tmp_path), PORTS) == ()
    records["aws:lambda/eventSourceMapping:EventSourceMapping"]["1"]["enabled"] = False
    assert [entry["name"] for entry in telemetry.wanted(records, Places(tmp_path), PORTS)] == ["database"]


def test_the_console_asks_the_edge_for_the_keys_of_access_and_is_told_nothing_else_otherwise() -> None:
    settings = Console(SETTINGS, Access("espice", "aud"), Builds("a", "b", 0.5))
    here = Console.from_env(told("delivery.console.handler.handler", settings.to_env(), PORTS))
    assert here.access.keys_url == "http://127.0.0.1:18405/cdn-cgi/access/certs"
    assert (here.access.issuer, here.catalog, here.builds) == (
        "https://espice.cloudflareaccess.com",
        settings.catalog,
        settings.builds,
    )


def test_the_endpoint_is_told_what_it_is_told_everywhere() -> None:
    assert told("delivery.endpoint.handler.handler", SETTINGS.to_env(), PORTS) == SETTINGS.to_env()
