"""What needs a visitor's consent is loaded after a yes and not before, and a no that comes later ends it."""

import json
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.site.test_errors import Collector, Folder, built, collector, served

pytestmark = [pytest.mark.site, pytest.mark.slow]
__all__ = ["collector"]

REPLAY = "Consent to recordings of errors"
STATISTICS = "Consent to statistics"
COUNTING = "document.cookie = '_ga=1;path=/'"  # as Google's script begins
FAIL = "() => setTimeout(() => { throw new TypeError('on purpose') })"


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    context.route("https://www.googletagmanager.com/**", lambda route: route.fulfill(body=COUNTING))
    yield context
    context.close()


@pytest.fixture
def asked(visitor: BrowserContext) -> list[str]:
    """Every address that the visitor's pages asked for."""
    found: list[str] = []

    def note(request: Request) -> None:
        found.append(request.url)

    visitor.on("request", note)
    return found


def recorder(asked: list[str]) -> list[str]:
    return [url for url in asked if "/assets/replay-" in url]


def envelopes(collector: Collector, kind: str) -> list[str]:
    """What the collector got that holds an item of this type."""
    return [body for body in collector.bodies if f'"type":"{kind}"' in body]


def fail(page: Page, collector: Collector) -> None:
    """Let a script of the page fail, and wait until that was told."""
    before = len(collector.events)
    page.evaluate(FAIL)
    while len(collector.events) == before:
        assert collector.came.wait(20), "no error arrived"
        collector.came.clear()
        page.wait_for_timeout(50)


def test_nothing_is_recorded_without_a_yes(visitor: BrowserContext, asked: list[str], collector: Collector) -> None:
    for address in served(partial(Folder, directory=str(built(collector.url, replay=True)))):
        page = visitor.new_page()
        page.goto(f"http://{address}/docs/")
        question = page.get_by_role("region", name=REPLAY)
        question.wait_for()
        fail(page, collector)
        question.get_by_role("button", name="No").click()
        page.goto(f"http://{address}/docs/")
        fail(page, collector)
        page.wait_for_timeout(500)
        assert question.is_hidden()
    assert recorder(asked) == []
    assert envelopes(collector, "replay_recording") == []


def test_after_a_yes_what_led_to_an_error_arrives_masked_until_a_no(
    visitor: BrowserContext, asked: list[str], collector: Collector
) -> None:
    for address in served(partial(Folder, directory=str(built(collector.url, replay=True)))):
        page = visitor.new_page()
        page.goto(f"http://{address}/docs/")
        question = page.get_by_role("region", name=REPLAY)
        with page.expect_response("**/assets/replay-*"):
            question.get_by_role("button", name="Yes").press("Enter")  # by keyboard
        page.wait_for_timeout(500)
        assert question.is_hidden()
        heading = page.get_by_role("heading", level=1).inner_text()
        assert envelopes(collector, "replay_recording") == []  # nothing leaves the browser without an error
        fail(page, collector)
        while not envelopes(collector, "replay_recording"):
            assert collector.came.wait(20), "no recording arrived"
            collector.came.clear()
            page.wait_for_timeout(50)
        [recording, *_] = envelopes(collector, "replay_recording")
        assert '"tagName":"h1"' in recording
        assert heading not in recording
        assert "Mozilla" not in recording
        assert collector.events[0]["tags"]["replayId"]

        page.get_by_role("button", name="What you agreed to").click()
        with page.expect_navigation():
            question.get_by_role("button", name="No").click()
        asked.clear()
        page.goto(f"http://{address}/docs/")
        collector.bodies.clear()
        fail(page, collector)
        page.wait_for_timeout(500)
    assert recorder(asked) == []
    assert envelopes(collector, "replay_recording") == []


def test_a_page_with_a_form_is_never_recorded(visitor: BrowserContext, collector: Collector) -> None:
    for address in served(partial(Folder, directory=str(built(collector.url, replay=True)))):
        page = visitor.new_page()
        page.goto(f"http://{address}/feedback/")
        with page.expect_response("**/assets/replay-*"):
            page.get_by_role("region", name=REPLAY).get_by_role("button", name="Yes").click()
        page.wait_for_timeout(500)
        fail(page, collector)
        page.wait_for_timeout(500)
    assert envelopes(collector, "replay_recording") == []


def test_visits_are_counted_by_google_only_after_a_yes_and_a_no_takes_its_cookies_away(
    visitor: BrowserContext, asked: list[str]
) -> None:
    for address in served(partial(Folder, directory=str(built(None, analytics={"ga4": "G-ABC123"})))):
        page = visitor.new_page()
        page.goto(f"http://{address}/docs/")
        question = page.get_by_role("region", name=STATISTICS)
        question.wait_for()
        assert not [url for url in asked if "google" in url]
        with page.expect_response("https://www.googletagmanager.com/**"):
            question.get_by_role("button", name="Yes").click()
        page.wait_for_function("document.cookie.includes('_ga')")
        page.goto(f"http://{address}/docs/")
        assert question.is_hidden()
        page.get_by_role("button", name="What you agreed to").click()
        assert question.get_by_role("button", name="No").evaluate("each => each === document.activeElement")
        asked.clear()
        with page.expect_navigation():
            question.get_by_role("button", name="No").click()
        page.wait_for_load_state()
        assert page.evaluate("document.cookie") == ""
        assert not [url for url in asked if "google" in url]


def test_of_two_questions_one_stands_at_a_time(visitor: BrowserContext, collector: Collector) -> None:
    both = built(collector.url, replay=True, analytics={"ga4": "G-ABC123"})
    for address in served(partial(Folder, directory=str(both))):
        page = visitor.new_page()
        page.goto(f"http://{address}/docs/")
        regions = [page.get_by_role("region", name=name) for name in (STATISTICS, REPLAY)]
        regions[0].wait_for()
        assert regions[1].is_hidden()
        regions[0].get_by_role("button", name="No").click()
        regions[1].wait_for()
        assert regions[0].is_hidden()
        regions[1].get_by_role("button", name="No").click()
        page.reload()
        assert [each.is_hidden() for each in regions] == [True, True]
        kept = json.loads(page.evaluate("JSON.stringify({...localStorage})"))
        assert kept == {"consent-analytics": "no", "consent-replay": "no"}
