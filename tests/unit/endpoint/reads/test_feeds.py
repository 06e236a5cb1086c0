"""The feeds: valid in each format, the same entries in all, and ids that never change."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from delivery.rules.catalog import Catalog
from tests.unit.endpoint.parts import CATALOG, CRASH, NOW, STOPPED, World, offering
from tests.unit.endpoint.reads.withdrawn import WHY, withdrawn

ATOM = "{http://www.w3.org/2005/Atom}"
TAG = "tag:espice-staging.app,2026:espice/stable"
BOTH = replace(CATALOG, offerings=(offering("1.2.0", 1, 10, 100, 100), offering("1.3.0", 100), offering("1.4.0", 10)))


def parsed(data: bytes) -> Xml.Element:
    return Xml.fromstring(data)  # noqa: S314 - our own


def items(world: World, channel: str = "stable") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.get(f"/v1/feeds/{channel}.json").get_json()["items"]
    return found


def test_an_entry_is_a_version_that_reached_everybody_and_says_when(world: World) -> None:
    world.publish(BOTH)
    assert [(each["title"], each["date_published"]) for each in items(world)] == [
        ("ESpice 1.3.0", "2026-11-25T11:00:00Z"),
        ("ESpice 1.2.0", "2026-11-24T11:00:00Z"),  # the first of its two steps to 100 %
    ]


def test_json_feed_has_what_version_1_1_asks_for(world: World) -> None:
    response = world.get("/v1/feeds/stable.json")
    assert response.content_type == "application/feed+json"
    assert response.get_json() == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "ESpice stable",
        "home_page_url": "https://espice-staging.app/releases/",
        "feed_url": "https://updates.espice-staging.app/v1/feeds/stable.json",
        "items": [
            {
                "id": f"{TAG}/1.3.0",
                "url": "https://espice-staging.app/releases/1.3.0/",
                "title": "ESpice 1.3.0",
                "content_text": "What is new in 1.3.0.",
                "date_published": "2026-11-25T11:00:00Z",
            }
        ],
    }


def test_atom_has_what_rfc_4287_asks_for(world: World) -> None:
    world.publish(BOTH)
    response = world.get("/v1/feeds/stable.atom")
    assert response.content_type == "application/atom+xml"
    root = parsed(response.data)
    assert root.tag == f"{ATOM}feed"
    assert (root.findtext(f"{ATOM}id"), root.findtext(f"{ATOM}title")) == (TAG, "ESpice stable")
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "ESpice stable"
    links = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert links == {
        "self": "https://updates.espice-staging.app/v1/feeds/stable.atom",
        "alternate": "https://espice-staging.app/releases/",
    }
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        once = [f"{ATOM}{name}" for name in ("id", "title", "updated", "published", "content")]
        assert all(len(entry.findall(name)) == 1 for name in once)
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "").tzinfo
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"{TAG}/1.3.0", f"{TAG}/1.2.0"]
    assert root.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")


def test_rss_has_what_rss_2_asks_for(world: World) -> None:
    world.publish(BOTH)
    response = world.get("/v1/feeds/stable.rss")
    assert response.content_type == "application/rss+xml"
    root = parsed(response.data)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    assert [channel.findtext(name) for name in ("title", "link", "description")] == [
        "ESpice stable",
        "https://espice-staging.app/releases/",
        "What reached everybody on ESpice stable",
    ]
    own = channel.find(f"{ATOM}link")
    assert own is not None
    assert (own.get("rel"), own.get("href")) == ("self", "https://updates.espice-staging.app/v1/feeds/stable.rss")
    found = channel.findall("item")
    assert [parsedate_to_datetime(each.findtext("pubDate") or "") for each in found] == [
        NOW - timedelta(hours=1),
        NOW - timedelta(days=1, hours=1),
    ]
    guids = [each.find("guid") for each in found]
    assert [(each.text, each.get("isPermaLink")) for each in guids if each is not None] == [
        (f"{TAG}/1.3.0", "false"),
        (f"{TAG}/1.2.0", "false"),
    ]


def test_a_channel_with_nothing_for_everybody_has_an_empty_feed_that_is_valid(world: World) -> None:
    world.publish(replace(CATALOG, offerings=()))
    assert items(world) == []
    root = parsed(world.get("/v1/feeds/stable.atom").data)
    assert root.findtext(f"{ATOM}updated") == "2026-11-25T12:00:00Z"
    assert parsed(world.get("/v1/feeds/stable.rss").data).findall("channel/item") == []


def test_notes_come_through_whole_whatever_is_in_them(world: World) -> None:
    notes = "R < 5 & C > 3 µF\n<script>alert('1')</script> ]]> \x0b\ufffe end"
    said = notes.replace("\x0b", "\ufffd").replace("\ufffe", "\ufffd")
    releases = {**CATALOG.releases, "1.3.0": replace(CATALOG.releases["1.3.0"], notes=notes)}
    world.publish(replace(CATALOG, releases=releases))
    assert items(world)[0]["content_text"] == notes
    atom = parsed(world.get("/v1/feeds/stable.atom").data)
    assert atom.findtext(f"{ATOM}entry/{ATOM}content") == said
    html = parsed(world.get("/v1/feeds/stable.rss").data).findtext("channel/item/description") or ""
    assert html.startswith("R &lt; 5 &amp; C &gt; 3 µF<br>&lt;script&gt;")


def test_a_withdrawal_is_an_entry_of_its_own_and_the_version_keeps_its_id(world: World) -> None:
    before = {each["id"] for each in items(world)}
    world.publish(withdrawn("1.3.0", "gone", instead="1.2.0"))
    world.clock.passes(seconds=11)
    told, version = items(world)
    assert (told["id"], told["title"]) == (f"{TAG}/1.3.0/withdrawn", "ESpice 1.3.0 is withdrawn")
    assert told["content_text"] == f"It is offered to nobody any more: {WHY}\nInstead: 1.2.0."
    assert told["date_published"] == "2026-11-25T11:30:00Z"
    assert ({version["id"]}, version["title"]) == (before, "ESpice 1.3.0 (withdrawn)")
    assert version["content_text"].startswith(f"Withdrawn: {WHY}\n\nWhat is new")


def test_a_version_that_reached_nobody_else_is_not_told_when_it_is_withdrawn(world: World) -> None:
    world.publish(withdrawn("1.4.0", "gone"))
    assert [each["title"] for each in items(world)] == ["ESpice 1.3.0"]


@pytest.mark.parametrize("by_brake", [False, True])
def test_what_is_stopped_says_so_where_it_was_told(world: World, by_brake: bool) -> None:
    if by_brake:
        world.halt(CRASH)
    else:
        world.publish(STOPPED)
    why = "it crashes at start" if by_brake else "it eats netlists"
    [entry] = items(world)
    assert entry["title"] == "ESpice 1.3.0"
    assert entry["content_text"] == f"Not offered at the moment: {why}\n\nWhat is new in 1.3.0."


def test_a_version_in_place_of_a_withdrawn_one_reached_everybody_when_that_was_decided(world: World) -> None:
    world.publish(withdrawn("1.3.0", "hide", instead="1.4.0"))
    found = {each["title"]: each["date_published"] for each in items(world)}
    assert found["ESpice 1.4.0"] == "2026-11-25T11:30:00Z"


def test_the_newest_fifty_are_told(world: World) -> None:
    release = CATALOG.releases["1.3.0"]
    versions = [f"2.0.{number}" for number in range(60)]
    many: Catalog = replace(
        CATALOG,
        releases=dict.fromkeys(versions, release),
        offerings=tuple(offering(version, *[100] * (number + 1)) for number, version in enumerate(reversed(versions))),
    )
    world.publish(many)
    assert [each["title"] for each in items(world)] == [f"ESpice {each}" for each in reversed(versions[10:])]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("nightly.rss", "there is no such channel; there are beta, stable"),
        ("stable-next.atom", "there is no such channel; there are beta, stable"),
        ("stable.html", "Nothing matches the given URI"),
        ("stable", "Nothing matches the given URI"),
    ],
)
def test_another_channel_or_format_is_a_problem(world: World, path: str, detail: str) -> None:
    response = world.get(f"/v1/feeds/{path}")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["detail"] == detail
