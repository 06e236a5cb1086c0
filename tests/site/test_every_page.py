"""What holds for every page: it is there without JavaScript, leads nowhere wrong, and everybody can use it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.site.visitor import Site, complaints

WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Links(HTMLParser):
    """What a page leads to and loads, and the anchors that it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors = {"", "top"}
        self.feed(html)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.anchors |= {said.get("id") or ""}
        named = (said.get("href"), said.get("src"), *(each.split()[0] for each in _sources(said)))
        self.addresses += [each for each in named if each]


def _sources(said: dict[str, str | None]) -> Iterator[str]:
    return (each for each in (said.get("srcset") or "").split(",") if each.strip())


def test_nothing_leads_nowhere(site: Site) -> None:
    """Pages, anchors within them, feeds, the sitemap, and what all of them load."""
    asked: dict[str, str | None] = {}
    wrong = []
    for page in site.pages:
        for address in sorted(set(Links(_text(site, page, asked) or "").addresses)):
            path, anchor = urldefrag(urljoin(f"{site.url}{page}", address))
            if urlsplit(path).netloc != urlsplit(site.url).netloc:
                continue
            target = urlsplit(path).path
            found = _text(site, target, asked)
            if found is None or (anchor and found and unquote(anchor) not in Links(found).anchors):
                wrong.append(f"{page} leads to {address}")
    assert not wrong


def _text(site: Site, path: str, asked: dict[str, str | None]) -> str | None:
    """What is at an address: its text if it is a page, nothing if it is something else, None where nothing is."""
    if path not in asked:
        status, text = site.get(path)
        asked[path] = None if status != 200 else text if path.endswith("/") else ""
    return asked[path]


def test_sitemap_and_feeds_name_pages_that_are_there(site: Site) -> None:
    sitemap = ElementTree.fromstring(site.get("/sitemap.xml")[1])  # noqa: S314 - our own build's
    named = [urlsplit(each.text or "").path for each in sitemap.iter() if each.tag.endswith("loc")]
    for feed in ("/news/feed.rss", "/news/feed.atom"):
        text = site.get(feed)[1]
        ElementTree.fromstring(text)  # noqa: S314 - our own build's
        found = [urlsplit(each).path for each in re.findall(rf"{re.escape(site.url)}/news/[\w-]+/", text)]
        assert found
        named += found
    assert named
    assert set(named) <= set(site.pages)


def test_every_page_says_what_it_is_without_javascript(chromium: Browser, site: Site) -> None:
    with site.visitor(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        for path in site.looks:
            page.goto(path, wait_until="domcontentloaded")
            assert page.locator("h1").count() == 1, path
            assert page.locator("h1").inner_text().strip(), path
            assert len(page.locator("main").inner_text()) > 100, path


def test_who_has_no_javascript_comes_from_the_start_to_a_file(chromium: Browser, site: Site) -> None:
    with site.visitor(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/", wait_until="domcontentloaded")
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Download").click()
        files = page.locator(f"main a[href^='{site.downloads}/']")
        found = [each.get_attribute("href") or "" for each in files.all() if each.is_visible()]
    assert len(found) >= len(("macOS twice", "Linux", "Windows"))
    assert {requests.head(each, timeout=20).status_code for each in found} == {200}


def test_no_page_complains_or_asks_a_stranger(page: Page, site: Site) -> None:
    heard = complaints(page)
    before = list(site.strangers)
    wrong = []
    for path in site.pages:
        page.goto(path, wait_until="load")
        wrong += [f"{path}: {each}" for each in heard if not _is_the_laptops(each)]
        heard.clear()
    assert not wrong
    assert site.strangers == before


def _is_the_laptops(said: str) -> bool:
    """The page that is served where none is comes as an error, and that is right."""
    return "404 (Not Found)" in said


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 360)])
def test_axe_finds_nothing_on_any_page(chromium: Browser, site: Site, theme: str, width: int) -> None:
    screen = {"width": width, "height": 800}
    with site.visitor(chromium, color_scheme=theme, reduced_motion="reduce", viewport=screen) as context:
        page = context.new_page()
        wrong = []
        for path in site.looks:
            page.goto(path, wait_until="load")
            found = Axe().run(page).response["violations"]
            wrong += [
                f"{path}: {each['id']}: {each['nodes'][0]['html'][:120]} ({len(each['nodes'])})" for each in found
            ]
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("width", [320, 3840])
def test_no_page_scrolls_sideways(chromium: Browser, site: Site, width: int) -> None:
    with site.visitor(chromium, viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        wide = [path for path in site.looks if page.goto(path, wait_until="load") and page.evaluate(WIDE) > 0]
        assert not wide


@pytest.mark.parametrize("width", [360, 1440])
def test_pages_may_be_written_from_right_to_left(chromium: Browser, site: Site, width: int) -> None:
    with site.visitor(chromium, viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        wide = []
        for path in site.looks:
            page.goto(path, wait_until="load")
            page.evaluate("document.documentElement.dir = 'rtl'")
            if page.evaluate(WIDE) > 0:
                wide.append(path)
        assert not wide


def test_who_wants_no_motion_gets_none(chromium: Browser, site: Site) -> None:
    with site.visitor(chromium, reduced_motion="reduce") as context:
        page = context.new_page()
        for path in site.looks:
            page.goto(path, wait_until="load")
            moving = page.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length")
            assert moving == 0, path


def test_a_keyboard_comes_past_the_masthead(page: Page, site: Site) -> None:
    for path in site.looks:
        page.goto(path, wait_until="load")
        if path != "/search/":  # which puts who comes there into its field
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.getAttribute('href')") == "#content", path
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "content", path


def test_a_keyboard_goes_through_each_page_in_its_order_and_sees_where_it_is(page: Page, site: Site) -> None:
    wrong = []
    for path in site.looks:
        page.goto(path, wait_until="load")
        page.evaluate("document.activeElement.blur()")  # the search has its field at once
        for _ in range(_STEPS):
            page.keyboard.press("Tab")
            if (said := page.evaluate(_WHERE)) is None:
                break
            if said:
                wrong.append(f"{path}: {said}")
    assert not wrong, "\n".join(wrong)


_STEPS = 60  # some pages have hundreds of links in lists, which are all alike

# null at the end of the page, nothing where all is well.
_WHERE = """() => {
  const here = document.activeElement;
  if (here === document.body || here === document.documentElement) return null;
  const before = window.cameFrom;
  window.cameFrom = here;
  const box = here.getBoundingClientRect();
  const seen = getComputedStyle(here);
  const named = here.outerHTML.slice(0, 120);
  const follows = before?.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (before && !follows) return `out of order: ${named}`;
  if (box.width === 0 || box.bottom < 0 || box.top > innerHeight) return `not to be seen: ${named}`;
  if (seen.outlineStyle === "none" && seen.boxShadow === "none") return `does not show focus: ${named}`;
  return "";
}"""
