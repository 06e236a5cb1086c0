"""One laptop with its site for all tests of the site, and a browser, whose contexts each test has for itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from delivery.site import browser
from tests import nodes
from tests.laptop.system import System, copy_of_this_repository, running
from tests.site.visitor import Site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the suite's tools, and starts the system."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.site)
            item.add_marker(pytest.mark.laptop)
            item.add_marker(pytest.mark.timeout(480))


@pytest.fixture(scope="session")
def one_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Started once. Node and its packages are the checkout's: they are named by what pins them."""
    repo = copy_of_this_repository(tmp_path_factory.mktemp("espice"))
    nodes.lend(repo)
    with running(repo, site=True) as system:
        system.await_status(lambda found: found.get("site", {}).get("state") in ("live", "failed", "missing"), "a site")
        yield system


@pytest.fixture(scope="session")
def site(one_system: System) -> Site:
    """What is live, as a visitor finds it."""
    found = one_system.status()["site"]
    assert found["state"] == "live", found["why"]
    return Site.of(one_system)


@pytest.fixture
def system(one_system: System) -> Iterator[System]:
    """The running system; what the test commits is taken back afterwards by going back to where it was."""
    before = one_system.git("rev-parse", "HEAD").strip()
    yield one_system
    one_system.git("reset", "-q", "--hard", before)
    one_system.await_live()
    # A page that was built meanwhile knows what was taken away, and believes nobody that it came back.
    one_system.await_status(lambda found: found["site"]["commit"] == before, "the site is what it was")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One process for a module's tests: while Playwright lives, nothing else of its thread can run an event loop,
    and a worker may have programs of Pulumi to run next."""
    found = browser.needed()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found.program, args=list(browser.ARGUMENTS), env={**os.environ, **found.variables}
        )
        yield started
        started.close()


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A fresh visitor; nothing that they ask for leaves this machine."""
    with site.visitor(chromium) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The visitor's tab."""
    return context.new_page()
