"""What is to come as a calendar file (RFC 5545), which every calendar can subscribe to. Plain text out, no clock in."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from delivery.rules.agenda import Event

_WIDTH = 75  # octets in a line, without its end


def ics(events: Iterable[Event], title: str, domain: str, stamp: datetime) -> str:
    """The calendar. `stamp` is when the facts were last changed: the same facts give the same file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{domain}//delivery//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_text(title)}")
    for event in events:
        lines += _event(event, domain, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(event: Event, domain: str, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(event)}@{domain}"
    yield f"DTSTAMP:{_utc(stamp)}"
    if event.all_day:
        yield f"DTSTART;VALUE=DATE:{event.at:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.at + timedelta(days=1):%Y%m%d}"
    else:
        yield f"DTSTART:{_utc(event.at)}"
    yield f"SUMMARY:{_text(event.what)}"
    yield f"DESCRIPTION:{_text(_lines(event.but, event.fact))}"
    yield f"CATEGORIES:{_text(event.kind)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _uid(event: Event) -> str:
    """The same as long as the same thing is to come at the same time, so that calendars do not show it twice.

    Without the line's number: a line added above does not make it another event.
    """
    path = event.fact.rpartition(":")[0]
    return hashlib.sha256(f"{event.kind} {path} {_utc(event.at)} {event.what}".encode()).hexdigest()[:32]


def _lines(*parts: str | None) -> str:
    return "\n".join(filter(None, parts))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """A TEXT value (section 3.3.11)."""
    for plain, escaped in (("\\", "\\\\"), (";", r"\;"), (",", r"\,"), ("\n", r"\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, each but the first behind a space (section 3.1); no character is cut."""
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _WIDTH:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part
