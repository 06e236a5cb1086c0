"""The fleet, over HTTP, against a server that answers whatever the test says."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from delivery.drills.fleet import Fleet
from delivery.drills.judge import ENDPOINT, Staged, judge
from delivery.drills.kinds import Kind
from delivery.laptop import keys
from delivery.present.drill import Rung
from tests.unit.drills.parts import KINDS, named

pytestmark = pytest.mark.slow

USUAL = {kind.name: kind.offered for kind in KINDS}
BROKEN = Staged("nothing is broken", ENDPOINT, Rung.endpoint, frozenset(), USUAL, 0.0, 0.0, 60.0)


@contextmanager
def serving(offers: Mapping[str, Any], status: int = 200) -> Iterator[str]:
    """A server that says the same to everybody; what it offers can be fetched from it, and is not what was signed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(offers).encode() if self.path.startswith("/v1/") else b"other bytes"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        if "version" in offers:
            offers["url"] = f"{url}/app"  # type: ignore[index]
        try:
            yield url
        finally:
            server.shutdown()
            thread.join()


def offer(version: str) -> dict[str, Any]:
    return {"version": version, "signature": base64.b64encode(b"no signature").decode()}


def watched(kinds: list[Kind], updates: str, downloads: str, least: int = 2) -> Fleet:
    fleet = Fleet(kinds, updates, downloads, keys.artifact_public_key())
    with fleet.asking():
        deadline = time.monotonic() + 30
        while len(fleet.asks) < least * len(kinds) and time.monotonic() < deadline:
            time.sleep(0.02)
    return fleet


def test_a_system_that_offers_what_is_stopped_fails_the_drill() -> None:
    kind = named("beta 1.2.0 no cohort")
    with serving(offer("1.5.0-beta.1")) as updates:
        fleet = watched([kind], updates, "http://127.0.0.1:9")
        said = f"{kind.name} was offered 1.5.0-beta.1: 1.5.0-beta.1 is stopped or withdrawn"
        assert said in judge([kind], fleet.asks, [BROKEN], 0.0, 30.0)


def test_a_system_that_offers_what_nobody_signed_fails_the_drill() -> None:
    kind = named("stable 1.2.0 no cohort")
    with serving(offer("1.3.0")) as updates:
        fleet = watched([kind], updates, "http://127.0.0.1:9")
        [problem] = fleet.unsigned()
        assert problem.startswith(f"{updates}/app was offered as 1.3.0, and does not verify: ")


@pytest.mark.parametrize(
    ("status", "rung", "offered"),
    [(200, Rung.endpoint, "1.3.0"), (503, Rung.static, "1.2.1")],
)
def test_who_answered_is_told_from_where_the_answer_came(status: int, rung: Rung, offered: str) -> None:
    kind = named("stable 1.2.0 no cohort")
    with serving(offer("1.3.0"), status) as updates, serving(offer("1.2.1")) as downloads:
        fleet = watched([kind], updates, downloads)
    assert {(ask.rung, ask.offered) for ask in fleet.asks} == {(rung, offered)}


def test_where_nobody_answers_that_is_said() -> None:
    kind = named("stable 1.2.0 no cohort")
    with serving({}, 500) as nothing:
        fleet = watched([kind], nothing, nothing)
    assert {(ask.rung, ask.offered, ask.wrong) for ask in fleet.asks} == {(Rung.nobody, None, None)}
