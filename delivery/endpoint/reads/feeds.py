"""What reached everybody on a channel, for feed readers: one list of entries as RSS 2.0, Atom or JSON Feed 1.1.

An entry's id never changes. A withdrawal is an entry of its own, as readers show no entry twice.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as Xml

import msgspec
from flask import Response

from delivery.endpoint.operations import TAGGED, UNAVAILABLE, Operation, Parameter, Reply
from delivery.endpoint.reads import asked
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.responses import document
from delivery.endpoint.reads.standing import Rollout, When, reached_all
from delivery.rules.catalog import Withdrawn

MOST = 50  # entries
PAGE = "/releases/"  # of the site: what is new in each version
BEGAN = 2026  # the year in which the ids were minted (RFC 4151); it must never change
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot say
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to tell, at a time."""

    id: str
    title: str
    at: datetime
    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest entry first. `url` is its own, `home` where people read about it all."""

    id: str
    url: str
    title: str
    home: str
    updated: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class JsonItem:
    """An item of a JSON Feed."""

    id: str
    url: str
    title: str
    content_text: str
    date_published: When


@dataclass(frozen=True, slots=True)
class JsonFeed:
    """A JSON Feed (https://www.jsonfeed.org/version/1.1/)."""

    version: str
    title: str
    home_page_url: str
    feed_url: str
    items: tuple[JsonItem, ...]


def operation(kind: str, called: str, media: str, body: type) -> Operation:
    """A feed in one format."""
    return Operation(
        path=f"/v1/feeds/{{channel}}.{kind}",
        name=f"feed_{kind}",
        summary=f"What reached everybody, as {called}",
        description=(
            "An entry for each version that everybody on the channel was offered, and one for each of them that was "
            f"withdrawn, the newest {MOST} first."
        ),
        tag="Feeds",
        parameters=(Parameter("channel", "path", "The channel.", "stable"),),
        answers={
            HTTPStatus.OK: Reply("The feed.", body, media, TAGGED),
            HTTPStatus.NOT_FOUND: asked.UNKNOWN,
            HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
        },
        cors=True,
    )


RSS = operation("rss", "RSS 2.0", "application/rss+xml", str)
ATOM = operation("atom", "Atom", "application/atom+xml", str)
JSON_FEED = operation("json", "JSON Feed 1.1", "application/feed+json", JsonFeed)


def view_rss(moment: Moment, channel: str) -> Response:
    """RSS."""
    return _answer(moment, channel, RSS, as_rss)


def view_atom(moment: Moment, channel: str) -> Response:
    """ATOM."""
    return _answer(moment, channel, ATOM, as_atom)


def view_json(moment: Moment, channel: str) -> Response:
    """JSON_FEED."""
    return _answer(moment, channel, JSON_FEED, as_json)


def _answer(moment: Moment, channel: str, operation: Operation, write: Callable[[Feed], bytes]) -> Response:
    path = operation.path.replace("{channel}", quote(asked.channel(moment, channel)))
    media = operation.answers[HTTPStatus.OK].media
    url = f"{moment.settings.updates_url}{path}"
    return document(write(feed(moment, channel, url)), moment.live, moment.now, moment.until(), media=media)


def feed(moment: Moment, channel: str, url: str) -> Feed:
    """The feed of a channel, which is read at this address."""
    settings = moment.settings
    tag = f"tag:{urlsplit(settings.site_url).hostname},{BEGAN}:{settings.product}/{channel}"
    mine = (each for each in moment.rollouts if each.offering.channel == channel)
    found = (entry for rollout in mine for entry in _entries(moment, rollout, tag))
    newest_first = sorted(found, key=lambda entry: (entry.at, entry.id), reverse=True)[:MOST]
    updated = newest_first[0].at if newest_first else moment.live.head.issued
    home = f"{settings.site_url}{PAGE}"
    return Feed(tag, url, f"{settings.title} {channel}", home, updated, tuple(newest_first))


def _entries(moment: Moment, rollout: Rollout, tag: str) -> Iterator[Entry]:
    reached, version = reached_all(rollout, moment.now), rollout.offering.version
    if reached is None:
        return
    title, notes = f"{moment.settings.title} {version}", moment.catalog.releases[version].notes
    name, removal = f"{tag}/{version}", rollout.removal
    if isinstance(removal, Withdrawn):
        instead = f"\nInstead: {removal.instead}." if removal.instead else ""
        yield Entry(name, f"{title} (withdrawn)", reached, f"Withdrawn: {removal.reason}\n\n{notes}", version)
        text = f"It is offered to nobody any more: {removal.reason}{instead}"
        yield Entry(f"{name}/withdrawn", f"{title} is withdrawn", removal.at, text, version)
    elif removal:
        yield Entry(name, title, reached, f"Not offered at the moment: {removal.reason}\n\n{notes}", version)
    else:
        yield Entry(name, title, reached, notes, version)


# --- how it is written --------------------------------------------------------------------------------------------


def as_json(feed: Feed) -> bytes:
    """JSON Feed 1.1."""
    items = (JsonItem(each.id, _link(feed, each), each.title, each.text, each.at) for each in feed.entries)
    made = JsonFeed("https://jsonfeed.org/version/1.1", feed.title, feed.home, feed.url, tuple(items))
    return msgspec.json.encode(made)


def as_atom(feed: Feed) -> bytes:
    """RFC 4287."""
    root = Xml.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _say(root, {"id": feed.id, "title": feed.title, "updated": _rfc3339(feed.updated)})
    _say(Xml.SubElement(root, "author"), {"name": feed.title})
    Xml.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.url})
    Xml.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.home})
    for each in feed.entries:
        entry, at = Xml.SubElement(root, "entry"), _rfc3339(each.at)
        _say(entry, {"id": each.id, "title": each.title, "published": at, "updated": at})
        Xml.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": _link(feed, each)})
        content = Xml.SubElement(entry, "content", {"type": "text"})
        content.text = _spoken(each.text)
    return _written(root)


def as_rss(feed: Feed) -> bytes:
    """RSS 2.0, as the RSS Advisory Board has it. A description is HTML there, so our texts are escaped twice."""
    root = Xml.Element("rss", {"version": "2.0", "xmlns:atom": _ATOM})
    channel = Xml.SubElement(root, "channel")
    about = f"What reached everybody on {feed.title}"
    updated = format_datetime(feed.updated, usegmt=True)
    _say(channel, {"title": feed.title, "link": feed.home, "description": about, "lastBuildDate": updated})
    Xml.SubElement(channel, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": feed.url})
    for each in feed.entries:
        item = Xml.SubElement(channel, "item")
        _say(item, {"title": each.title, "link": _link(feed, each), "pubDate": format_datetime(each.at, usegmt=True)})
        _say(item, {"description": html.escape(each.text).replace("\n", "<br>")})
        guid = Xml.SubElement(item, "guid", {"isPermaLink": "false"})
        guid.text = each.id
    return _written(root)


def _say(parent: Xml.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        Xml.SubElement(parent, name).text = _spoken(text)


def _spoken(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)


def _written(root: Xml.Element) -> bytes:
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _link(feed: Feed, entry: Entry) -> str:
    return f"{feed.home}{quote(entry.version)}/"


def _rfc3339(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
