"""What the laptop's AWS does wrong on purpose, around an app that does nothing wrong."""

import threading
import time
from pathlib import Path

import pytest
from werkzeug.test import Client, EnvironBuilder

from delivery.laptop.faults import Fault, Faults, Faulty, asked

KEY = "/espice-laptop-catalog/catalog/head.json"
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=laptop/20261123/us-east-1/sqs/aws4_request, SignedHeaders=host"}


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    return Faults(tmp_path / "faults")


@pytest.fixture
def client(faults: Faults) -> Client:
    def app(_: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "10"), ("ETag", "x")])  # type: ignore[operator]
        return [b"0123456789"]

    return Client(Faulty(app, faults))


def test_without_a_fault_nothing_changes(client: Client) -> None:
    answer = client.get(KEY)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"0123456789", "x")


def test_an_error_is_one_as_s3_says_it_until_it_is_cleared(client: Client, faults: Faults) -> None:
    faults.put("one", Fault("error", "GET s3 /espice-laptop-catalog/*"))
    assert not faults.was_met("one")
    answer = client.get(KEY)
    assert (answer.status_code, answer.content_type) == (500, "application/xml")
    assert b"<Code>InternalError</Code>" in answer.data
    assert faults.was_met("one")
    faults.put("one", Fault("error", "GET s3 /espice-laptop-catalog/*"))
    assert not faults.was_met("one")  # it is another one
    faults.clear()
    assert client.get(KEY).status_code == 200
    assert not faults.was_met("one")


def test_only_what_the_pattern_names_is_met(client: Client, faults: Faults) -> None:
    faults.put("one", Fault("error", "GET s3 /espice-laptop-catalog/*"))
    assert client.put(KEY).status_code == 200
    assert client.get("/espice-laptop-downloads/x").status_code == 200
    faults.put("two", Fault("error", "* sqs *"))
    assert client.post("/", headers=SIGNED).status_code == 500


def test_a_truncated_answer_promises_more_than_it_holds(client: Client, faults: Faults) -> None:
    faults.put("one", Fault("truncated", "GET *"))
    answer = client.get(KEY, buffered=False)
    assert (answer.headers["Content-Length"], answer.headers["Connection"]) == ("10", "close")
    assert b"".join(answer.response) == b"01234"


def test_a_slow_answer_comes_late_and_whole(client: Client, faults: Faults) -> None:
    faults.put("one", Fault("slow", "GET *", 0.2))
    began = time.monotonic()
    assert client.get(KEY).data == b"0123456789"
    assert time.monotonic() - began >= 0.2


def test_a_hanging_request_goes_on_when_the_fault_is_cleared(client: Client, faults: Faults) -> None:
    faults.put("one", Fault("hang", "GET *", 60))
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(client.get(KEY).data))
    thread.start()
    while not faults.was_met("one"):
        time.sleep(0.01)
    assert got == []
    faults.clear()
    thread.join(30)
    assert got == [b"0123456789"]


def test_a_request_is_named_by_its_method_the_service_it_was_signed_for_and_its_path() -> None:
    assert asked(EnvironBuilder(path="/", method="POST", headers=SIGNED).get_environ()) == "POST sqs /"
    assert asked(EnvironBuilder(path=KEY).get_environ()) == f"GET s3 {KEY}"
