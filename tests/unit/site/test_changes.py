"""What a proposal does to pages is told by what people will read, and when; and what comes of itself, too."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.rules.agenda import Kind
from delivery.site.agenda import agenda, due
from delivery.site.changes import changes
from tests.unit.site.written import FRONT, NOW, QUOTE, page, written

LATER = page(FRONT, publish_at='"2026-12-01T09:00:00Z"')
CALLED = "/news/a/ (Measure a signal)"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, page(FRONT), f"{CALLED} appears at once"),
        (None, LATER, f"{CALLED} appears on Tue 2026-12-01 09:00 UTC"),
        (LATER, page(FRONT), f"{CALLED} appears at once"),
        (LATER, page(FRONT, "Other.", publish_at='"2026-12-01T09:00:00Z"'), f"{CALLED} appears on Tue 2026-12-01"),
        (page(FRONT), page(FRONT, "Other."), f"{CALLED} changes at once"),
        (page(FRONT), LATER, f"{CALLED} goes away and comes back on Tue 2026-12-01"),
        (page(FRONT), None, f"{CALLED} goes away"),
    ],
)
def test_each_page_is_told_in_a_sentence(before: bytes | None, after: bytes | None, expected: str) -> None:
    was, will = (written({"news/a.mdx": data} if data else {}) for data in (before, after))
    [told] = changes(was, will, NOW)
    assert told.startswith(expected)


def test_what_stays_as_it_is_is_not_told() -> None:
    for data in (page(FRONT), LATER):
        assert changes(written({"news/a.mdx": data}), written({"news/a.mdx": data}), NOW) == ()


def test_what_has_no_address_is_told_by_its_file() -> None:
    [told] = changes(written({}), written({"quotes/issue-12.mdx": page(QUOTE)}), NOW)
    assert told == "quotes/issue-12.mdx (Measure a signal) appears at once"


def test_pages_appear_and_are_due_in_the_calendar() -> None:
    found = written({"news/a.mdx": LATER, "news/b.mdx": page(FRONT, reviewed='"2025-11-26"')})
    events = agenda(found, NOW, NOW + timedelta(days=28))
    assert [(each.kind, each.at, each.fact) for each in events] == [
        (Kind.page_review, datetime(2026, 11, 26, tzinfo=UTC), "site/content/news/b.mdx:5"),
        (Kind.page_appears, datetime(2026, 12, 1, 9, tzinfo=UTC), "site/content/news/a.mdx:6"),
    ]
    assert due(found, NOW) == ()
    assert [each.inside for each in due(found, NOW + timedelta(days=2))] == ["news/b.mdx"]
