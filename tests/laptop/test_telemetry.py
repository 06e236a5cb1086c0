"""Events from the queue to a row, bad ones to where bad ones go, and the console behind Access."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import requests

from tests.laptop.system import System
from tests.unit.events.parts import said

PATIENCE = 90.0  # seconds; the consumer gathers for some, and what comes back must come back


@pytest.fixture
def sqs(system: System) -> Any:
    """moto's, as the consumer uses it; that and its database are up."""
    await_all(system)
    return boto3.client(
        "sqs",
        endpoint_url=f"http://127.0.0.1:{ports(system)['aws']}",
        region_name="us-east-1",
        aws_access_key_id="laptop",
        aws_secret_access_key="laptop",
    )


def ports(system: System) -> dict[str, int]:
    return dict(json.loads((system.repo / ".state/laptop/ports.json").read_text()))


def queue(sqs: Any, name: str) -> str:
    return str(sqs.get_queue_url(QueueName=f"espice-laptop-{name}")["QueueUrl"])


def await_all(system: System) -> dict[str, Any]:
    return system.await_status(lambda found: found["following"] == [], "database, consumer and console are up")


def activity(system: System) -> list[dict[str, Any]]:
    """What the rollup says of the version that these tests report on."""
    query = "select * from activity where to_version = '9.9.9'"
    return list(json.loads(system.inv("db", "--json", "--query", query)))


def eventually(wanted: Callable[[], bool], what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < deadline, what()
        time.sleep(0.5)


def test_events_are_counted_once_and_what_is_none_ends_where_somebody_looks(system: System, sqs: Any) -> None:
    events, failed = queue(sqs, "events"), queue(sqs, "events-failed")
    # A message that comes back hides for as long as six runs of the function may take: too long for a test.
    sqs.set_queue_attributes(QueueUrl=events, Attributes={"VisibilityTimeout": "6"})
    one = json.dumps(said(datetime.now(UTC), to_version="9.9.9", duration_ms=700))
    two = json.dumps(said(datetime.now(UTC), to_version="9.9.9", duration_ms=300))
    for body in (one, '{"event_id": "none"}', two, one):
        sqs.send_message(QueueUrl=events, MessageBody=body)
    eventually(lambda: _visible(sqs, failed) == 1, lambda: (system.log("aws"), _consumer_log(system)))
    (aside,) = sqs.receive_message(QueueUrl=failed)["Messages"]
    assert aside["Body"] == '{"event_id": "none"}'
    (row,) = activity(system)
    assert (row["n"], row["sum_ms"], row["channel"], row["kind"]) == (2, 1000, "stable", "updated")
    assert _visible(sqs, events) == 0
    assert json.loads(system.inv("db", "--json", "--query", "select count(*)::int as n from outcome"))[0]["n"] >= 2


def test_staff_see_what_is_live_through_the_edge(system: System) -> None:
    status = await_all(system)
    console = status["hosts"]["console"]
    page = requests.get(console["url"], timeout=10)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "What is live" in page.text
    live = requests.get(f"{console['url']}/api/live.json", timeout=10).json()
    assert (live["serial"], live["commit"], live["catalog"]) == (status["serial"], status["commit"], status["sha256"])
    stable = next(channel for channel in live["channels"] if channel["name"] == "stable")
    assert [each["version"] for each in stable["rollouts"]] == ["1.4.0"]


def test_the_console_follows_a_commit(system: System) -> None:
    system.inv("stop", "stable", "--reason", "it eats netlists", "--commit")
    serial = system.await_live()["serial"]
    url = f"{system.url('console')}/api/live.json"
    eventually(
        lambda: requests.get(url, timeout=10).json()["serial"] == serial, lambda: requests.get(url, timeout=10).text
    )
    (stop,) = requests.get(url, timeout=10).json()["stops"]
    assert (stop["channel"], stop["reason"]) == ("stable", "it eats netlists")


def test_who_comes_around_the_edge_is_not_let_in(system: System) -> None:
    (entry,) = [each for each in await_all(system)["processes"] if each["name"].startswith("console-")]
    port = json.loads((system.repo / ".state/laptop/endpoints.json").read_text())[entry["name"]]
    response = requests.get(f"http://127.0.0.1:{port}/", timeout=10)
    assert response.status_code == 403
    assert "Only Cloudflare Access leads here." in response.text


def test_a_query_changes_nothing(system: System) -> None:
    await_all(system)
    assert "cannot execute DROP TABLE in a read-only transaction" in system.inv(
        "db", "--query", "drop table event", expect=2
    )


def _visible(sqs: Any, url: str) -> int:
    asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(sqs.get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])


def _consumer_log(system: System) -> str:
    name = next(each["name"] for each in system.status()["processes"] if each["name"].startswith("consumer-"))
    return system.log(name)
