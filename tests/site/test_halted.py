"""A halt reaches a download page that is open, past git and builds, and so does what a lift brings back."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import nodes
from tests.laptop.system import System, copy_of_this_repository, running
from tests.site.visitor import Site

SOON = 75_000  # milliseconds: "within a minute", and a machine that is busy


@pytest.fixture(scope="module")
def halted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own: nothing but a merged stop ends a halt, so none could be taken back for other tests."""
    repo = copy_of_this_repository(tmp_path_factory.mktemp("halted") / "espice")
    nodes.lend(repo)
    with running(repo, site=True) as system:
        system.await_status(lambda found: found.get("site", {}).get("state") == "live", "a site")
        yield system


def test_an_open_page_follows_a_halt_and_its_lift(chromium: Browser, halted: System) -> None:
    with Site.of(halted).visitor(chromium) as context:
        page = context.new_page()
        page.goto("/download/")
        offer = page.locator("#stable-linux-x86_64 [data-link]:visible")
        expect(offer.first).to_be_visible()
        address = offer.first.get_attribute("href")

        typed = time.monotonic()
        halted.inv("halt", "stable", "two reports of lost work", "--no-commit")
        expect(offer).to_have_count(0, timeout=SOON)
        print(f"\nan open page offered nothing {time.monotonic() - typed:.0f} s after ./inv halt was typed")
        expect(page.locator("#stable-linux-x86_64 [data-nothing]")).to_contain_text("two reports of lost work")

        [waiting] = json.loads(halted.inv("halts", "--json"))["pending"]
        halted.git("commit", "-qm", "Stop stable", "--", waiting["fact"])
        halted.await_live()
        halted.inv("lift", "stop", waiting["name"], "--reason", "it was the file server", "--commit")
        halted.await_live()
        expect(offer.first).to_be_visible(timeout=SOON)
        assert offer.first.get_attribute("href") == address
