"""What anybody may read, through the real edge: the site's pages, copied links and feed readers ask like this."""

import hashlib
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.laptop.system import System

MAC = {"Sec-CH-UA-Platform": '"macOS"', "Sec-CH-UA-Arch": '"arm"', "Sec-CH-UA-Bitness": '"64"'}
SAFARI = {
    "User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
}


def get(system: System, path: str, host: str = "updates", **more: Any) -> requests.Response:
    return requests.get(f"{system.url(host)}{path}", timeout=10, **more)


def files(system: System, version: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = get(system, f"/v1/releases/{version}").json()["files"]
    return {(each["target"], each["bundle"]): each for each in found}


@pytest.mark.parametrize("host", ["updates", "downloads"])
def test_a_copied_link_ends_in_the_bytes_that_the_release_names(system: System, host: str) -> None:
    start = {"updates": "/download", "downloads": "/latest"}[host]
    for target, bundle in (("linux-x86_64", "deb"), ("darwin-aarch64", "dmg")):
        said = files(system, "1.3.0")[target, bundle]
        given = get(system, f"{start}/stable/{target}?bundle={bundle}", host)
        assert (given.status_code, given.url) == (200, said["url"])
        assert hashlib.sha256(given.content).hexdigest() == said["sha256"]


def test_a_browser_gets_its_installer_or_the_page_where_one_chooses(system: System) -> None:
    for start, host in (("/download/stable/auto", "updates"), ("/latest/stable/auto", "downloads")):
        assert get(system, start, host, headers=MAC).url == files(system, "1.3.0")["darwin-aarch64", "dmg"]["url"]
        sent = get(system, "/download/stable/auto", headers=SAFARI, allow_redirects=False)
        assert sent.headers["Location"] == f"{system.url('site')}/download/?channel=stable&because=mac"
        assert sent.headers["Cache-Control"] == "no-store"
        assert sent.headers["Critical-CH"] == "Sec-CH-UA-Arch, Sec-CH-UA-Bitness"
    assert get(system, "/download/stable/auto", headers=MAC, allow_redirects=False).headers["CF-Cache-Status"] != "HIT"


def test_a_page_may_read_documents_that_the_edge_keeps_and_ask_whether_they_changed(system: System) -> None:
    first = get(system, "/v1/channels", headers={"Origin": "https://elsewhere.example"})
    assert (first.status_code, first.headers["Access-Control-Allow-Origin"]) == (200, "*")
    again = get(system, "/v1/channels", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    preflight = requests.options(f"{system.url('updates')}/v1/channels", headers=asked, timeout=10)
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Headers"]) == (204, "If-None-Match")


def test_a_stop_shows_in_every_document_and_no_link_leads_to_what_is_stopped(system: System) -> None:
    assert get(system, "/v1/history?channel=stable").json()["releases"][0]["reason"] != "stopped"
    system.inv("stop", "stable", "--reason", "looking into reports of data loss", "--commit")
    system.await_live()
    channels = _until(system, "/v1/channels", lambda said: said["channels"][1]["stops"])["channels"]
    assert {each["version"] for each in channels[1]["newest"]} == {None}
    assert channels[1]["stops"][0]["reason"] == "looking into reports of data loss"
    status = _until(system, "/v1/status", lambda said: said["channels"][1]["state"] == "stopped")
    assert status["serial"] == system.status()["serial"]
    history = _until(system, "/v1/history?channel=stable", lambda said: said["releases"][0]["reason"] == "stopped")
    assert history["releases"][0]["commit"] == system.git("rev-parse", "HEAD").strip()
    link = get(system, "/download/stable/linux-x86_64")
    assert (link.status_code, link.headers["Content-Type"]) == (404, "application/problem+json")
    assert urlsplit(
        get(system, "/download/stable/auto", headers=MAC, allow_redirects=False).headers["Location"]
    ).query == ("channel=stable&because=nothing")


@pytest.mark.parametrize(("kind", "media"), [("rss", "rss+xml"), ("atom", "atom+xml"), ("json", "feed+json")])
def test_a_feed_is_served_as_what_it_is(system: System, kind: str, media: str) -> None:
    response = get(system, f"/v1/feeds/stable.{kind}")
    assert (response.status_code, response.headers["Content-Type"]) == (200, f"application/{media}")
    assert b"ESpice 1.3.0" in response.content
    assert b"ESpice 1.4.0" not in response.content  # at 10 %


def _until(system: System, path: str, wanted: Any) -> dict[str, Any]:
    """The document once it is as wanted: the endpoint asks for history every 10 s, and the edge keeps it for 30 s."""
    deadline = time.monotonic() + 60
    while not wanted(said := get(system, path).json()):
        assert time.monotonic() < deadline, f"{path} still says {said}"
        time.sleep(0.5)
    return dict(said)
