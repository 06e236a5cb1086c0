"""The S3 adapter against a real S3 server over HTTP."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from threading import Event, Thread
from time import sleep
from typing import Any

import boto3
import pytest
import requests

from delivery.endpoint import store
from delivery.endpoint.store import Absent, Fetched, S3Store, StoreError, Unchanged

pytestmark = pytest.mark.slow  # the server takes seconds to import


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests keep this machine busy; those about patience set their own."""
    monkeypatch.setattr("delivery.endpoint.store.CONNECT_S", 20.0)
    monkeypatch.setattr("delivery.endpoint.store.READ_S", 20.0)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], S3Store]:
    """A store of a bucket of the S3 server at this URL."""

    def made(bucket: str, url: str) -> S3Store:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        return S3Store(bucket, "us-east-1")

    return made


@pytest.fixture
def server(aws: str) -> str:
    return aws


@pytest.fixture
def bucket(server: str) -> Any:
    s3 = boto3.resource("s3", endpoint_url=server, region_name="us-east-1")
    return s3.create_bucket(Bucket="catalog")


def test_an_object_is_fetched_once_and_then_unchanged_until_it_changes(
    at: Callable[[str, str], S3Store], server: str, bucket: Any
) -> None:
    its = at("catalog", server)
    bucket.put_object(Key="catalog/head.json", Body=b"one")
    first = its.get("catalog/head.json", None)
    assert isinstance(first, Fetched)
    assert first.data == b"one"
    assert isinstance(its.get("catalog/head.json", first.etag), Unchanged)
    bucket.put_object(Key="catalog/head.json", Body=b"two")
    second = its.get("catalog/head.json", first.etag)
    assert isinstance(second, Fetched)
    assert second.data == b"two"


@pytest.mark.usefixtures("bucket")
def test_an_object_that_is_not_there_is_told_from_one_that_cannot_be_had(
    at: Callable[[str, str], S3Store], server: str
) -> None:
    assert isinstance(at("catalog", server).get("catalog/none.json", None), Absent)
    with pytest.raises(StoreError, match=r"^the store said NoSuchBucket$"):
        at("absent", server).get("catalog/head.json", None)


@pytest.mark.usefixtures("bucket")
def test_an_object_too_large_is_not_read(
    at: Callable[[str, str], S3Store], server: str, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.endpoint.store.LARGEST", 3)
    bucket.put_object(Key="catalog/large.json", Body=b"four")
    with pytest.raises(StoreError, match="larger than 3 bytes"):
        at("catalog", server).get("catalog/large.json", None)


def test_every_answer_says_when_it_came_by_the_stores_own_clock(
    at: Callable[[str, str], S3Store], server: str, bucket: Any
) -> None:
    its = at("catalog", server)
    bucket.put_object(Key="catalog/head.json", Body=b"one")
    first = its.get("catalog/head.json", None)
    assert isinstance(first, Fetched)
    with pytest.raises(StoreError) as refused:
        at("absent", server).get("catalog/head.json", None)
    later = (its.get("catalog/head.json", first.etag), its.get("catalog/none.json", None), refused.value)
    for said in (first, *later):
        assert said.at is not None
        assert abs(datetime.now(UTC) - said.at) < timedelta(minutes=1)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2026 12:00:00 GMT", "1"])
def test_a_date_that_is_missing_or_none_is_no_time(at: Callable[[str, str], S3Store], date: str | None) -> None:
    assert asked(at, date).at is None


def test_a_date_is_read_as_http_writes_it(at: Callable[[str, str], S3Store]) -> None:
    assert asked(at, "Wed, 25 Nov 2026 12:00:00 GMT").at == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert asked(at, "Wed, 25 Nov 2026 12:00:00 -0000").at == datetime(2026, 11, 25, 12, tzinfo=UTC)


def asked(at: Callable[[str, str], S3Store], date: str | None) -> Fetched | Unchanged | Absent:
    """What a server that says this date gives."""

    class Dated(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            if date is not None:
                self.send_header("Date", date)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", "3")
            self.end_headers()
            self.wfile.write(b"one")

    with HTTPServer(("127.0.0.1", 0), Dated) as dated:
        Thread(target=dated.handle_request).start()
        return at("catalog", f"http://127.0.0.1:{dated.server_port}").get("catalog/head.json", None)


def test_a_body_that_breaks_off_is_no_object(at: Callable[[str, str], S3Store]) -> None:
    class BreaksOff(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Content-Length", "30")
            self.end_headers()
            self.wfile.write(b"one")

    with HTTPServer(("127.0.0.1", 0), BreaksOff) as server:
        Thread(target=server.handle_request).start()
        with pytest.raises(StoreError, match=r"could not be reached \(ProtocolError\)"):
            at("catalog", f"http://127.0.0.1:{server.server_port}").get("catalog/head.json", None)


@pytest.mark.usefixtures("bucket")
def test_what_it_asks_is_signed_by_whoever_asks(
    at: Callable[[str, str], S3Store], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = boto3.client("iam", endpoint_url=server, region_name="us-east-1")
    iam.create_user(UserName="endpoint")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="endpoint", PolicyName="s3", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="endpoint")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    requests.post(f"{server}/moto-api/reset-auth", data=b"0", timeout=10)  # from here on moto checks each signature
    try:
        assert isinstance(at("catalog", server).get("catalog/head.json", None), Absent)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
        with pytest.raises(StoreError, match=r"^the store said SignatureDoesNotMatch$"):
            at("catalog", server).get("catalog/head.json", None)
    finally:
        requests.post(f"{server}/moto-api/reset-auth", data=b"inf", timeout=10)


def test_without_anybody_signed_in_it_says_so(
    at: Callable[[str, str], S3Store], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(StoreError, match=r"^nobody is signed in to ask the store$"):
        at("catalog", server).get("catalog/head.json", None)


@pytest.mark.parametrize(
    ("env", "address"),
    [
        ({}, "https://catalog.s3.eu-central-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1/catalog"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2/"}, "http://127.0.0.1:2/catalog"),
    ],
)
def test_it_asks_s3_where_the_variables_say_and_else_the_regions_own(env: dict[str, str], address: str) -> None:
    assert store._address("catalog", "eu-central-1", env) == address


def connections(listening: socket.socket) -> int:
    """How many were begun."""
    listening.setblocking(False)
    count = 0
    while True:
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_store_that_is_gone_or_hangs_is_given_up_without_a_second_try(
    at: Callable[[str, str], S3Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.endpoint.store.READ_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StoreError, match=r"could not be reached \(ReadTimeoutError\)"):
            at("catalog", url).get("catalog/head.json", None)
        assert connections(silent) == 1
    with pytest.raises(StoreError, match=r"could not be reached \(NewConnectionError\)"):
        at("catalog", url).get("catalog/head.json", None)


def test_a_store_that_drips_is_given_up_though_something_always_comes(
    at: Callable[[str, str], S3Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.endpoint.store.WHOLE_S", 0.3)
    asked = Event()

    class Drips(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked.is_set():
                self.answer(b"whole")
                return
            asked.set()
            self.answer(b"", 1_000_000)
            with suppress(OSError):
                while True:
                    self.wfile.write(b"x")
                    sleep(0.01)

        def answer(self, data: bytes, length: int = 0) -> None:
            self.send_response_only(200)
            self.send_header("Content-Length", str(length or len(data)))
            self.end_headers()
            self.wfile.write(data)

    with ThreadingHTTPServer(("127.0.0.1", 0), Drips) as server:
        Thread(target=server.serve_forever).start()
        its = at("catalog", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(StoreError, match=r"^the store did not send the whole object within 0.3 seconds$"):
            its.get("catalog/head.json", None)
        found = its.get("catalog/head.json", None)  # and nothing of the drops is taken for the next object
        server.shutdown()
    assert isinstance(found, Fetched)
    assert found.data == b"whole"


def test_one_connection_serves_look_after_look(at: Callable[[str, str], S3Store]) -> None:
    begun = []

    class Keeps(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            begun.append(self)
            super().setup()

        def do_GET(self) -> None:
            known, data = "If-None-Match" in self.headers, b"one" * 50_000
            self.send_response_only(304 if known else 200)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", "0" if known else str(len(data)))
            self.end_headers()
            self.wfile.write(b"" if known else data)

    with ThreadingHTTPServer(("127.0.0.1", 0), Keeps) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever).start()
        its = at("catalog", f"http://127.0.0.1:{server.server_port}")
        found = [its.get("catalog/head.json", etag) for etag in (None, '"1"', None, '"1"')]
        its._http.clear()
        server.shutdown()
    assert [type(each) for each in found] == [Fetched, Unchanged, Fetched, Unchanged]
    assert len(begun) == 1
