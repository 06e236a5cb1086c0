"""Attackers who are slow, and attackers who are many: everybody else still gets answers."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests.attacks.front import CHECK, Front

pytestmark = pytest.mark.laptop

SLOW = 200
PATIENCE_S = 5  # what an installation waits before it asks elsewhere


@contextmanager
def slow_connections(front: Front, beginning: bytes, every: bytes) -> Iterator[list[socket.socket]]:
    """Connections that never come to an end, fed with a few bytes again and again."""
    over = threading.Event()
    with ExitStack() as stack:
        connections = [stack.enter_context(front.connect()) for _ in range(SLOW)]
        for connection in connections:
            connection.sendall(beginning)

        def drip() -> None:
            while not over.wait(0.2):
                for connection in connections:
                    try:
                        connection.sendall(every)
                    except OSError:
                        continue

        feeder = threading.Thread(target=drip, daemon=True)
        feeder.start()
        try:
            yield connections
        finally:
            over.set()
            feeder.join()


def is_answered(front: Front, times: int = 20) -> None:
    """A client with an ordinary patience gets an answer every time, also where the cache has none."""
    for number in range(times):
        url = f"http://127.0.0.1:{front.port}{CHECK}?cohort={number}&t={time.monotonic_ns()}"
        assert requests.get(url, timeout=PATIENCE_S).status_code == 200


@pytest.mark.parametrize(
    ("beginning", "every"),
    [
        (f"GET {CHECK} HTTP/1.1\r\nHost: updates.espice.localhost\r\nX-a: ".encode(), b"b"),
        (f"GET {CHECK} HTTP/1.1\r\nHost: updates.espice.localhost\r\n".encode(), b"X-a: b\r\n"),
        (f"GET {CHECK} HTTP/1.1\r\nHost: updates.espice.localhost\r\nContent-Length: 9999\r\n\r\n".encode(), b"b"),
        (b"POST /v1/events HTTP/1.1\r\nHost: updates.espice.localhost\r\nContent-Length: 9999\r\n\r\n", b"b"),
        (b"G", b"E"),
    ],
    ids=["header", "headers", "body", "event", "method"],
)
def test_slow_connections_keep_nobody_from_an_answer(front: Front, beginning: bytes, every: bytes) -> None:
    with slow_connections(front, beginning, every):
        is_answered(front)


def test_a_slow_reader_keeps_nobody_from_an_answer(front: Front) -> None:
    asked = f"GET /v1/catalog HTTP/1.1\r\nHost: {front.host}\r\n\r\n".encode() * 20
    with ExitStack() as stack:
        for _ in range(SLOW):
            connection = stack.enter_context(front.connect())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.sendall(asked)
        is_answered(front)


def test_who_never_ends_a_header_is_hung_up_on(front: Front) -> None:
    with front.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        connection.settimeout(30)
        came = connection.recv(4096)  # in the 10 s that the edge gives a header
    assert came == b"" or came.startswith(b"HTTP/1.1 408")


def test_ten_thousand_urls_that_nobody_asked_before_are_answered(front: Front) -> None:
    """Each is a miss at the edge, and they are fewer than one address may ask: none is refused, nor anybody else."""
    counted: Counter[int] = Counter()
    kinds: set[str] = set()

    def storm(start: int) -> None:
        with requests.Session() as session:
            for number in range(start, 10_000, 4):
                url = f"http://127.0.0.1:{front.port}/v1/update/stable/linux/x86_64/1.{number}.0?cohort={number % 1000}"
                answer = session.get(url, timeout=PATIENCE_S)
                counted[answer.status_code] += 1
                kinds.add(answer.headers.get("Content-Type", ""))

    threads = [threading.Thread(target=storm, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    is_answered(front)
    for thread in threads:
        thread.join()
    assert sum(counted.values()) == 10_000
    assert set(counted) <= {200, 204}
    assert kinds <= {"application/json", ""}
    is_answered(front)
