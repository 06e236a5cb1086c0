"""What fails on a page says so, leaves a way back, and is told to a collector if one is set, with nothing personal."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from delivery.history import snapshot
from delivery.site.build import build, wanted
from delivery.site.data import Hosts
from tests.nodes import quiet

pytestmark = [pytest.mark.site, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9"
DAMAGED = {"component": "updates"}  # where the page looks for more


@dataclass
class Collector:
    """Takes what Sentry's script sends. `events` are the errors, `bodies` all that came, `came` is set at each."""

    url: str = ""
    events: list[Mapping[str, Any]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def take(self, body: str) -> None:
        self.bodies.append(body)
        self.events += [each for each in map(json.loads, filter(None, body.split("\n"))) if "exception" in each]
        self.came.set()


def served(handler: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.take(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    for address in served(Handler):
        found.url = f"http://0123456789abcdef@{address}/1"
        yield found


def built(sentry: str | None, **more: Any) -> Path:
    asked = wanted(ROOT, "HEAD", "laptop", Hosts(site=NOWHERE, updates=NOWHERE, downloads=NOWHERE), datetime.now(UTC))
    product = {**json.loads(asked.data["product.json"]), "sentry": sentry, **more}
    return build(ROOT, replace(asked, data={**asked.data, "product.json": json.dumps(product).encode()}), quiet).folder


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


class Folder(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def opened(page: Page, folder: Path, path: str, **component: Any) -> Iterator[None]:
    """A page of a build, whose measurements are of this one component."""
    seen = {"format": 1, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "components": [component]}
    page.route("**/status/status.json", lambda route: route.fulfill(json=seen))
    for address in served(partial(Folder, directory=str(folder))):
        page.goto(f"http://{address}{path}")
        yield


def test_without_a_collector_no_page_loads_anything_of_one() -> None:
    folder = built(None)
    scripts = "".join(each.read_text() for each in folder.rglob("*.js")).lower()
    assert scripts
    assert "sentry" not in scripts
    named = ("errors", "report", "replay", "consent")
    assert not [each for name in named for each in folder.glob(f"assets/{name}-*")]


def test_an_error_on_a_hydrated_page_arrives_once_with_nothing_personal(page: Page, collector: Collector) -> None:
    folder = built(collector.url)
    for _ in opened(page, folder, "/status/?q=secret#secret", **DAMAGED):
        page.get_by_role("heading", name="This page failed").wait_for()
        assert page.get_by_role("link", name="Load it again").get_attribute("href") == "/status/"
        assert page.get_by_role("link", name="To the start").get_attribute("href") == "/"
        assert "TypeError+on+the+site%3A+%2Fstatus%2F" in str(
            page.get_by_role("link", name="Report the problem").get_attribute("href")
        )
        assert collector.came.wait(20)
        page.wait_for_timeout(500)  # a second one would be on its way by now
    [event] = collector.events
    assert event["exception"]["values"][0]["type"] == "TypeError"
    assert event["release"] == snapshot.commit_id(ROOT, "HEAD")
    assert event["request"] == {"url": page.url.split("?")[0]}
    assert {*event} <= {
        "event_id", "timestamp", "platform", "level", "release", "environment", "sdk", "request", "exception"
    }  # fmt: skip
    assert not [
        word for word in ("secret", "Chrome", "user_agent", "cookie", "locale") if word in "".join(collector.bodies)
    ]


def test_a_part_that_fails_leaves_the_rest_of_the_page(page: Page, collector: Collector) -> None:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    last = {"at": now, "since": now, "good": True, "milliseconds": 5, "said": ""}
    for _ in opened(page, built(collector.url), "/status/", **DAMAGED, last=last):
        page.get_by_text("Update checks could not be shown").wait_for()
        assert page.get_by_role("heading", name="Incidents").is_visible()
        assert collector.came.wait(20)
        page.wait_for_timeout(500)
    assert len(collector.events) == 1
