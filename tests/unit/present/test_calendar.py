"""The agenda as a calendar file."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from delivery.present.calendar import ics
from delivery.rules.agenda import Event, Kind

AT = datetime(2026, 11, 25, 14, tzinfo=UTC)
STEP = Event(AT, Kind.step, "stable/1.4.0 to 25 %", "releases/rollouts/stable/1.4.0.yaml:9")


def written(*events: Event) -> str:
    return ics(events, "ESpice rollouts", "espice.app", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))


def properties(text: str) -> list[tuple[str, str]]:
    """What a calendar reads: unfolded (section 3.1), each property's name (with parameters) and value."""
    lines = re.sub("\r\n[ \t]", "", text).split("\r\n")
    assert lines.pop() == ""
    return [(name, value) for name, _, value in (line.partition(":") for line in lines)]


def test_a_calendar_in_full() -> None:
    at, what = datetime(2026, 12, 1, tzinfo=UTC), "the flag plot expires"
    day = Event(at, Kind.flag_expires, what, "releases/flags/p.yaml:3", all_day=True, but="nobody knows")
    assert written(STEP, day).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//espice.app//delivery//EN",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:ESpice rollouts",
        "BEGIN:VEVENT",
        "UID:c9cede0c90d6d1bfbde3afec798e0c80@espice.app",
        "DTSTAMP:20261120T093000Z",
        "DTSTART:20261125T140000Z",
        "SUMMARY:stable/1.4.0 to 25 %",
        "DESCRIPTION:releases/rollouts/stable/1.4.0.yaml:9",
        "CATEGORIES:step",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:392186918305058df6166346a871f0c6@espice.app",
        "DTSTAMP:20261120T093000Z",
        "DTSTART;VALUE=DATE:20261201",
        "DTEND;VALUE=DATE:20261202",
        "SUMMARY:the flag plot expires",
        "DESCRIPTION:nobody knows\\nreleases/flags/p.yaml:3",
        "CATEGORIES:flag-expires",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_text_is_escaped() -> None:
    event = Event(AT, Kind.step, "a; b, c\\d: e", "f:1")
    assert ("SUMMARY", r"a\; b\, c\\d: e") in properties(written(event))


def test_an_event_keeps_its_id_when_a_line_is_added_above_it_and_gets_another_when_it_moves() -> None:
    def uid(event: Event) -> str:
        return dict(properties(written(event)))["UID"]

    moved = Event(AT, STEP.kind, STEP.what, "releases/rollouts/stable/1.4.0.yaml:10")
    assert uid(moved) == uid(STEP)
    later = Event(AT.replace(hour=15), STEP.kind, STEP.what, STEP.fact)
    assert uid(later) != uid(STEP)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_lines_are_short_and_nothing_is_lost(what: str) -> None:
    text = written(Event(AT, Kind.step, what, "f:1"))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    said = dict(properties(text))["SUMMARY"]
    assert re.sub(r"\\(.)", r"\1", said) == what
