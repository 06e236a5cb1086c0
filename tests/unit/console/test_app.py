"""The page, its JSON and its errors: safe to show, and nobody sees any of it who was not let in."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from delivery.console.settings import Access, Builds, Settings
from delivery.endpoint.gateway import respond
from delivery.endpoint.source import Source
from delivery.endpoint.variables import BadSettings
from delivery.rules.catalog import Stopped
from tests.unit.console.parts import AUDIENCE, BUILDS, STAFF, Console
from tests.unit.endpoint.parts import CATALOG, COMMIT, NOW, SETTINGS
from tests.unit.endpoint.test_gateway import event

PATHS = ("/", "/api/live.json", "/style.css", "/icon.svg", "/nowhere", "/api/nowhere")
VOID = {"meta", "link", "!doctype"}


class Elements(HTMLParser):
    """The elements of a page, refusing one that is closed wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def named(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of these elements."""
        return [attributes for tag, attributes in self.seen if tag in names]


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("path", PATHS)
def test_who_came_around_access_sees_nothing(console: Console, path: str) -> None:
    response = console.get(path, token=None)
    assert response.status_code == 403
    assert b"1.4.0" not in response.data
    assert console.said == []


def test_health_is_for_everybody_and_says_nothing(console: Console) -> None:
    response = console.get("/healthz", token=None)
    assert (response.status_code, response.get_json()) == (200, {"up": True})


def test_the_page_says_what_is_live_to_whom(console: Console) -> None:
    page = text(console.get("/").text)
    assert "espice staging" in page
    assert STAFF in page
    for words in (
        f"Serial 7 Commit {COMMIT[:12]} Catalog",
        "Expires 2026-11-28 12:00:00 UTC",
        "Linux appimage 1.3.0 deb 1.3.0 rpm 1.3.0",
        "1.4.0 under way 10 % nothing",
        "Live 75 % sha256:aaaaaaaaaaaa Next 25 % sha256:bbbbbbbbbbbb",
        "As of 2026-11-25 12:00:00 UTC",
    ):
        assert words in page, (words, page)


def test_the_json_says_the_same(console: Console) -> None:
    response = console.get("/api/live.json")
    said = response.get_json()
    assert (response.content_type, said["serial"], said["commit"]) == ("application/json", 7, COMMIT)
    assert said["builds"] == {"build_live": BUILDS.build_live, "build_next": BUILDS.build_next, "build_weight": 0.25}
    stable = next(channel for channel in said["channels"] if channel["name"] == "stable")
    assert stable["everyone"]["windows-x86_64"] == {"nsis": "1.3.0", "msi": "1.3.0"}
    assert [(each["version"], each["percent"], each["state"]) for each in stable["rollouts"]] == [
        ("1.4.0", 10, "under way")
    ]
    assert (said["now"], said["trouble"]) == ("2026-11-25T12:00:00Z", None)


def test_the_page_follows_the_catalog_and_its_trouble(console: Console) -> None:
    assert "None." in text(console.get("/").text)
    stop = Stopped("stable", None, NOW, "it eats netlists", "releases/stops/a.yaml:1")
    console.world.publish(replace(CATALOG, stops=(stop,)), serial=8)
    console.world.clock.passes(seconds=30)
    page = text(console.get("/").text)
    assert "Serial 8" in page
    assert "stopped everything on stable: it eats netlists" in page
    console.world.store.trouble = "the store said SlowDown"
    console.world.clock.passes(seconds=30)
    assert "stumbled: the override was not taken: the store said SlowDown" in text(console.get("/").text)


def test_what_people_wrote_in_facts_is_text_and_never_markup(console: Console) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    console.world.publish(replace(CATALOG, stops=(Stopped("stable", None, NOW, evil, "a:1"),)), serial=8)
    html = console.get("/").text
    assert not {"script", "img"} & {tag for tag, _ in Elements(html).seen}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_page_holds_no_script_and_no_style_of_its_own(console: Console) -> None:
    page = Elements(console.get("/").text)
    assert {tag for tag, _ in page.seen}.isdisjoint({"script", "style", "form", "iframe"})
    assert [attributes for _, attributes in page.seen if {"style", "onclick", "onload"} & attributes.keys()] == []
    for link in page.named("link", "a"):
        assert str(link["href"]).startswith(("/", "#"))


def test_the_page_can_be_heard_and_walked_by_keyboard(console: Console) -> None:
    """Landmarks, headings in order, labelled tables and regions; what scrolls can be focused."""
    page = Elements(console.get("/").text)
    assert page.named("html")[0]["lang"] == "en"
    assert [len(page.named(name)) for name in ("main", "header", "footer", "h1", "title")] == [1, 1, 1, 1, 1]
    levels = [int(tag[1]) for tag, _ in page.seen if re.fullmatch("h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert len(page.named("caption")) == len(page.named("table")) == 3
    assert all(cell.get("scope") for cell in page.named("th"))
    assert all(bar.get("aria-label") for bar in page.named("progress"))
    identities = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(identities) == len(set(identities))
    named = {attributes["aria-labelledby"] for _, attributes in page.seen if "aria-labelledby" in attributes}
    assert named <= set(identities)
    assert all(region["tabindex"] == "0" for region in page.named("div") if region.get("role") == "region")


@pytest.mark.parametrize("path", [*PATHS, "/healthz"])
def test_every_answer_is_guarded_and_kept_by_nobody(console: Console, path: str) -> None:
    for token in ("", None):
        headers = console.get(path, token=token).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nowhere", 404, "text/html; charset=utf-8"),
        ("GET", "/api/nowhere", 404, "application/problem+json"),
        ("POST", "/", 405, "text/html; charset=utf-8"),
        ("POST", "/api/live.json", 405, "application/problem+json"),
        ("DELETE", "/healthz", 405, "application/problem+json"),
    ],
)
def test_an_error_is_a_page_for_people_and_a_problem_for_machines(
    console: Console, method: str, path: str, status: int, kind: str
) -> None:
    response = console.get(path, method=method)
    assert (response.status_code, response.content_type) == (status, kind)
    assert "nowhere" not in response.text


def test_without_a_catalog_that_may_be_believed_there_is_nothing_to_show(console: Console) -> None:
    console.world.clock.passes(days=4)
    response = console.get("/")
    assert response.status_code == 503
    assert "it expired at 2026-11-28T12:00:00+00:00" in text(response.text)
    assert console.get("/api/live.json").get_json()["status"] == 503


def test_without_the_keys_of_access_it_is_503(console: Console) -> None:
    console.team.down = True
    response = console.get("/")
    assert response.status_code == 503
    assert "The keys of Cloudflare Access cannot be had now." in text(response.text)


def test_a_fault_of_ours_says_nothing_of_our_insides(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(Source, "current", broken)
    response = console.get("/")
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert console.said[-1] == {"event": "error", "error": "RuntimeError"}


def test_the_log_says_what_was_looked_at_and_not_by_whom(console: Console) -> None:
    console.get("/")
    console.get("/anywhere")
    assert console.said == [
        {"event": "console", "method": "GET", "route": "page"},
        {"event": "console", "method": "GET", "route": None},
    ]


def test_it_answers_through_lambda(console: Console) -> None:
    asked = event("/api/live.json")
    asked["headers"]["cf-access-jwt-assertion"] = console.team.token()
    reply = respond(console.client.application, asked)
    assert (reply["statusCode"], reply["headers"]["content-type"]) == (200, "application/json")
    assert respond(console.client.application, event("/"))["statusCode"] == 403


# -- settings ------------------------------------------------------------------------------------------------------

SAID = Settings(SETTINGS, Access("espice", AUDIENCE, "http://127.0.0.1:1/certs"), BUILDS)


def test_settings_come_back_from_the_environment_as_they_went_in() -> None:
    for settings in (SAID, replace(SAID, access=Access("espice", AUDIENCE))):
        assert Settings.from_env(settings.to_env()) == settings


def test_all_that_is_missing_or_wrong_in_any_part_is_named_at_once() -> None:
    env = {**SETTINGS.to_env(), "ESPICE_BUILD_WEIGHT": "1.5", "ESPICE_ACCESS_KEYS": "certs"}
    del env["ESPICE_BUCKET"]
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(env)
    assert str(caught.value).splitlines() == [
        "ESPICE_BUCKET is not set; set it to the bucket that holds the catalog",
        "ESPICE_ACCESS_TEAM is not set; set it to the name of the Cloudflare Access team",
        "ESPICE_ACCESS_AUDIENCE is not set; set it to the aud of the Access application in front",
        "ESPICE_ACCESS_KEYS cannot be 'certs'; set it to the address of the team's keys, or leave it unset",
        "ESPICE_BUILD_LIVE is not set; set it to the digest of the endpoint's build that answers",
        "ESPICE_BUILD_NEXT is not set; set it to the digest of the endpoint's build that comes next",
        "ESPICE_BUILD_WEIGHT cannot be '1.5'; set it to the share of checks that the next build answers, from 0 to 1",
    ]


def test_lambda_finds_the_app_by_its_variables_alone() -> None:
    probe = "from delivery.console.handler import app; print(sorted(rule.rule for rule in app.url_map.iter_rules()))"
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env={**SAID.to_env(), "PATH": os.environ["PATH"]},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "'/', '/api/live.json', '/healthz', '/icon.svg', '/style.css'" in done.stdout
    assert Builds.from_env(SAID.to_env()) == BUILDS
