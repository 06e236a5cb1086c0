"""The endpoint as a container runs it: its own packages and files, nothing of this checkout, real granian, real S3."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from delivery.laptop import runtime
from tests.unit.endpoint import container
from tests.unit.endpoint.container import Image
from tests.unit.endpoint.parts import SETTINGS, World

ROOT = Path(__file__).parents[3]
FILE = ROOT / "Containerfile"
CHECK = "/v1/update/stable/linux/x86_64/1.2.0?bundle=appimage"
SLOW_S = 0.4  # how long each object takes, so that an answer is under way when the server is told to end

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return container.made(FILE, ROOT, tmp_path_factory.mktemp("app"))


class Store(BaseHTTPRequestHandler):
    """As much of S3 as an endpoint asks: objects by their path."""

    objects: dict[str, bytes]
    slow = threading.Event()

    def do_GET(self) -> None:
        if self.slow.is_set():
            time.sleep(SLOW_S)
        data = self.objects.get(self.path.split("?")[0])
        body = b"<Error><Code>NoSuchKey</Code></Error>" if data is None else data
        self.send_response(404 if data is None else 200)
        self.send_header("ETag", f'"{hash(body)}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def store() -> Iterator[str]:
    world = World()
    world.publish(issued=world.clock.now.replace(year=2020), expires=world.clock.now.replace(year=2100))
    Store.objects = {f"/{SETTINGS.bucket}/{key}": data for key, data in world.store.objects.items()}
    Store.slow.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def served(image: Image, aws: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The container's own command, on a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [{"0.0.0.0": "127.0.0.1", "8000": str(port)}.get(word, word) for word in image.command]  # noqa: S104
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    env = {**SETTINGS.to_env(), **keys, "AWS_ENDPOINT_URL": aws, "PATH": os.environ["PATH"]}
    process = subprocess.Popen(command, cwd=image.workdir, env=env)
    try:
        yield process, port
    finally:
        process.terminate()  # its worker ends with it, which a kill would leave behind
        process.wait(20)


def await_up(port: int) -> None:
    """It listens, but has not looked at the store yet."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError("it was not up within 30 s")


def get(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, {name.lower(): value for name, value in response.headers.items()}, response.read()


def test_it_answers_update_checks_from_what_the_file_puts_there(image: Image, store: str) -> None:
    with served(image, store) as (_, port):
        await_up(port)
        status, _, body = get(port, "/readyz")
        assert (status, json.loads(body).get("ready")) == (200, True), body
        status, headers, _ = get(port, CHECK)
        assert (status in (200, 204), headers["espice-serial"]) == (True, "7")


def test_a_variable_that_is_missing_is_named_at_the_start(image: Image) -> None:
    done = subprocess.run(
        image.command, cwd=image.workdir, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "ESPICE_BUCKET is not set; set it to the bucket that holds the catalog" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_it_has_begun_it_answers_before_it_ends(image: Image, store: str, number: signal.Signals) -> None:
    with served(image, store) as (process, port):
        await_up(port)
        Store.slow.set()
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/v1/catalog")  # it looks at the store first, and waits
        time.sleep(SLOW_S / 4)
        process.send_signal(number)
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)
        assert process.wait(15) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)


def test_it_runs_as_nobody_keeps_no_secret_and_says_how_it_is_asked_for_its_health(image: Image) -> None:
    assert image.said["USER"] == "65534:65534"
    assert image.said["STOPSIGNAL"] == "SIGTERM"
    assert "/healthz" in image.said["HEALTHCHECK"]  # what is not ready must not be started anew
    assert [rest for word, rest in container.lines(FILE) if word in ("ENV", "ARG")] == [
        "PYTHON=python:3.13-slim",
        "PYTHONUNBUFFERED=1",
    ]


def test_it_is_served_as_the_laptop_serves_it(image: Image) -> None:
    here = runtime.served("delivery.endpoint.main:app", 8000)
    assert [word.replace("0.0.0.0", "127.0.0.1") for word in image.command[1:]] == here[1:]  # noqa: S104


def test_only_what_it_copies_goes_to_the_builder() -> None:
    copied = {rest.split()[0] for word, rest in container.lines(FILE) if word == "COPY" and "--from" not in rest}
    allowed = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == copied
