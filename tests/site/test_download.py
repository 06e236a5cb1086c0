"""Finding the right file: on every platform, while parts are down, and after a version is gone."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pytest
import requests
import yaml
from minisign import PublicKey, Signature
from playwright.sync_api import Browser, Page, Route, expect

from tests.laptop.system import System
from tests.site.visitor import Site

SOON = 75_000  # milliseconds: "within a minute", and a machine that is busy
CALL = "[data-call=stable] [data-call-link]"

AGENT = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36"
WINDOWS = ("Windows NT 10.0; Win64; x64", "Windows", "x86")
MAC = "Macintosh; Intel Mac OS X 10_15_7"
PLATFORMS = {
    "windows-x86_64": WINDOWS,
    "darwin-aarch64": (MAC, "macOS", "arm"),
    "darwin-x86_64": (MAC, "macOS", "x86"),
    "linux-x86_64": ("X11; Linux x86_64", "Linux", "x86"),
}

# What Chromium on that machine says of itself; it is the machine's own that says otherwise here.
HINTS = """([platform, architecture]) => Object.defineProperty(navigator, "userAgentData", {value: {
  platform, mobile: platform === "Android",
  getHighEntropyValues: async () => ({platform, architecture, bitness: "64"}),
}})"""


def visit(chromium: Browser, site: Site, system: str, platform: str, arch: str) -> Any:
    return site.visitor(chromium, user_agent=AGENT.format(system)), f"({HINTS})({[platform, arch]})"


@pytest.mark.parametrize("target", PLATFORMS)
def test_everybody_is_led_to_the_file_for_their_machine(
    chromium: Browser, site: Site, one_system: System, target: str
) -> None:
    visitor, hints = visit(chromium, site, *PLATFORMS[target])
    with visitor as context:
        context.add_init_script(hints)
        page = context.new_page()
        page.goto("/download/")
        offer = page.locator(f"#stable-{target}")
        expect(offer).to_have_attribute("data-yours", "")
        address = page.locator(CALL).get_attribute("href")
        row = offer.locator("[data-bundle]").filter(has=page.locator(f'[data-link][href="{address}"]'))
        told = row.locator("[data-sha256]").text_content()
    data = requests.get(str(address), timeout=20).content
    fact = _fact(one_system, target, str(address))
    assert hashlib.sha256(data).hexdigest() == told == fact["sha256"]
    if "signature" in fact:  # what only new visitors install has none
        _key(one_system).verify(data, Signature.from_bytes(b64decode(fact["signature"])))


def _key(system: System) -> PublicKey:
    keys = yaml.safe_load((system.repo / "product.yaml").read_text())["keys"]["artifacts"]
    return PublicKey.from_bytes(b64decode(keys[0]["public"]))


def _fact(system: System, target: str, address: str) -> Mapping[str, Any]:
    """What releases/ says of the file that an address ends with."""
    files = (system.repo / "releases" / "versions").glob("*.yaml")
    bundles = [each for file in files for each in yaml.safe_load(file.read_text())["artifacts"][target].values()]
    [found] = [each for each in bundles if address.endswith(f"/{each['file']}")]
    return found  # type: ignore[no-any-return]


def test_a_phone_is_told_why_there_is_nothing_for_it(chromium: Browser, site: Site) -> None:
    visitor, hints = visit(chromium, site, "Linux; Android 10; K", "Android", "")
    with visitor as context:
        context.add_init_script(hints)
        page = context.new_page()
        page.goto("/download/")
        expect(page.locator("[data-because]:visible")).to_have_count(1)


def test_versions_and_channels_can_be_chosen(page: Page) -> None:
    page.goto("/download/")
    page.locator("nav.choice a[href='#versions']").click()
    page.locator(".versions a[href='/releases/1.2.0/']").click()
    expect(page.locator("h1")).to_contain_text("1.2.0")
    assert page.locator("[data-file^='1.2.0/'][href]").count() > 0 or page.locator("[data-sha256]").count() > 0
    page.goto("/download/?channel=beta")
    expect(page.locator("#beta")).to_have_attribute("open", "")


def test_while_the_endpoint_is_down_the_right_file_is_still_offered(page: Page, site: Site) -> None:
    def fail(route: Route) -> None:
        route.abort()

    page.route(f"{site.updates}/**", fail)
    page.goto("/download/")
    expect(page.locator("[data-checked]")).to_contain_text("The update endpoint does not answer")
    link = page.locator("#stable-linux-x86_64 [data-link]:visible").first
    assert str(link.get_attribute("href")).startswith(site.downloads)
    assert requests.head(str(link.get_attribute("href")), timeout=20).status_code == 200


def test_a_withdrawn_version_is_gone_within_a_minute_without_a_build(page: Page, system: System) -> None:
    page.goto("/download/")
    offer = page.locator("#stable-linux-x86_64")
    version = offer.locator("[data-number]").inner_text()
    system.inv("withdraw", version, "--reason", "Tests withdraw it", "--commit")
    expect(offer.locator("[data-number]:visible", has_text=version)).to_have_count(0, timeout=SOON)


def test_a_stopped_channel_offers_nothing_within_a_minute(page: Page, system: System) -> None:
    page.goto("/download/")
    expect(page.locator("#stable-linux-x86_64 [data-link]:visible").first).to_be_visible()
    system.inv("stop", "stable", "--reason", "Tests stop it", "--commit")
    expect(page.locator("#stable-linux-x86_64 [data-link]:visible")).to_have_count(0, timeout=SOON)
    expect(page.locator("#stable-linux-x86_64 [data-nothing]")).to_contain_text("Tests stop it")
