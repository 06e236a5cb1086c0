"""What comes of pages by itself, as events beside those of facts: which appear, and which should be read again."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from delivery.rules.agenda import Event, Kind
from delivery.site.content import Content, Page


def agenda(content: Content, since: datetime, until: datetime) -> tuple[Event, ...]:
    """What comes after `since` and not after `until`, in order of time. A review that is due already is of no time."""
    every = (event for page in content.pages.values() for event in _events(page))
    return tuple(sorted((each for each in every if since < each.ends and each.at <= until), key=_order))


def due(content: Content, now: datetime) -> tuple[Page, ...]:
    """The pages that should have been read again before today, the longest overdue first."""
    late = (page for page in content.pages.values() if page.review_due < now.date())
    return tuple(sorted(late, key=lambda page: (page.review_due, page.path)))


def _events(page: Page) -> Iterator[Event]:
    front, title = page.front, f"{page.inside.removesuffix('.mdx')}: {page.front.value.title}"
    yield Event(front.value.publish_at, Kind.page_appears, f"{title} appears", front.at("publish-at"))
    day = datetime.combine(page.review_due, time(), UTC)
    yield Event(day, Kind.page_review, f"{title} is to be read again", front.at("reviewed"), all_day=True)


def _order(event: Event) -> tuple[datetime, str]:
    return event.at, event.what
