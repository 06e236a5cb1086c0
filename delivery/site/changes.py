"""What a change does to the pages that people can read, and when: a sentence a page."""

from collections.abc import Iterator
from datetime import datetime

from delivery.site.content import Content, Page


def changes(before: Content, after: Content, now: datetime) -> tuple[str, ...]:
    """By path. A page that nobody can read before or after is told all the same: somebody waits for it. Pure."""
    return tuple(_changes(before, after, now))


def _changes(before: Content, after: Content, now: datetime) -> Iterator[str]:
    for path in sorted({*before.pages, *after.pages}):
        old, new = before.pages.get(path), after.pages.get(path)
        if new is None and old is not None:
            yield f"{_called(old)} goes away"
        elif new is not None and (old is None or _waits(old, now)):
            if old is None or (old.text, old.front.value) != (new.text, new.front.value):
                yield f"{_called(new)} appears {_when(new, now)}"
        elif new is not None and old is not None and _waits(new, now):
            yield f"{_called(new)} goes away and comes back {_when(new, now)}"
        elif new is not None and old is not None and (old.text, old.front.value) != (new.text, new.front.value):
            yield f"{_called(new)} changes at once"


def _called(page: Page) -> str:
    return f"{page.address or page.inside} ({page.front.value.title})"


def _waits(page: Page, now: datetime) -> bool:
    return page.front.value.publish_at > now


def _when(page: Page, now: datetime) -> str:
    return f"on {page.front.value.publish_at:%a %Y-%m-%d %H:%M} UTC" if _waits(page, now) else "at once"
