"""What a file says of itself is checked as facts are, and decides when people can read it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.problem import Severity
from delivery.site import check as site
from delivery.site import content
from tests.unit.site.written import AROUND, FRONT, GUIDE, INCIDENT, NOW, QUOTE, page, told, written

TIMES = st.timedeltas(timedelta(days=-300), timedelta(days=300)).map(lambda since: NOW + since)


def test_one_page_of_each_kind_is_right() -> None:
    files = {
        "docs/1.4/measure.mdx": page(GUIDE),
        "news/hello.mdx": page(FRONT),
        "legal/privacy.mdx": page(FRONT),
        "quotes/issue-12.mdx": page(QUOTE, name="Ada"),
        "incidents/2026-11-20.mdx": page(INCIDENT),
    }
    assert told(files) == []
    found = written(files)
    assert [each.kind for each in found.pages.values()] == ["docs", "incidents", "legal", "news", "quotes"]
    addresses = [each.address for each in found.pages.values()]
    assert addresses == ["/docs/1.4/measure/", None, "/legal/privacy/", "/news/hello/", None]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("news/a.mdx", page(FRONT, subtitle="More"), "news/a.mdx:7: subtitle: "),
        ("news/a.mdx", page(FRONT, title=None), "news/a.mdx:2: title: "),
        ("news/a.mdx", page(FRONT, author="nobody"), "news/a.mdx:4: author: nobody is no team of"),
        ("news/a.mdx", page(FRONT, publish_at='"2026-11-20T09:00:00"'), "news/a.mdx:6: publish-at: "),
        ("news/a.mdx", page(FRONT, reviewed='"2026-11-26"'), "news/a.mdx:5: reviewed: 2026-11-26 is still to come"),
        ("news/a.mdx", page(FRONT, " \n"), "news/a.mdx:8: has no text"),
        ("news/a.mdx", b"Hello.\n", "news/a.mdx:1: has no front matter"),
        ("news/a.mdx", b"---\ntitle: A\n", "news/a.mdx:1: has no front matter"),
        ("news/A.mdx", page(FRONT), "news/A.mdx: has a name that is no good address"),
        ("news/a.md", page(FRONT), "news/a.md: is not an .mdx file; rename it to site/content/news/a.mdx"),
        ("news/old/a.mdx", page(FRONT), "news/old/a.mdx: lies deeper than its kind"),
        ("blog/a.mdx", page(FRONT), "blog/a.mdx: is in no folder of pages"),
        ("docs/a.mdx", page(GUIDE), "docs/a.mdx: is in no folder of a minor version"),
        ("docs/1.4.0/a.mdx", page(GUIDE), "docs/1.4.0/a.mdx: is in no folder of a minor version"),
        ("docs/01.4/a.mdx", page(GUIDE), "docs/01.4/a.mdx: is in no folder of a minor version"),
        ("docs/1.4/a.mdx", page(FRONT), "docs/1.4/a.mdx:2: order: "),
        ("docs/1.4/api.mdx", page(GUIDE), "docs/1.4/api.mdx: has the address /docs/api/, and so has a page"),
        ("quotes/a.mdx", page(FRONT), "quotes/a.mdx:2: consent: "),
        ("quotes/a.mdx", page(QUOTE, consent="https://espice.app/consent"), "quotes/a.mdx:7: consent: "),
        ("incidents/a.mdx", page(INCIDENT, ended='"2026-11-20T07:00:00Z"'), "incidents/a.mdx:9: ended: is before"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(name: str, data: bytes, expected: str) -> None:
    assert any(each.startswith(expected) for each in told({name: data})), told({name: data})


def test_time_alone_only_warns() -> None:
    late = NOW + timedelta(days=400)
    files = {**AROUND, f"{content.FOLDER}news/a.mdx": page(FRONT)}
    [problem] = site.check(files, late)
    assert (problem.field, problem.severity) == ("reviewed", Severity.warning)
    assert all(each.severity is Severity.warning for each in site.check(files, late + timedelta(days=4000)))


def test_what_is_scheduled_is_not_public_before_its_time() -> None:
    found = written({"news/a.mdx": page(FRONT, publish_at='"2026-11-26T09:00:00Z"'), "news/b.mdx": page(FRONT)})
    assert [each.inside for each in found.public(NOW)] == ["news/b.mdx"]
    later = found.next(NOW)
    assert later == datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert [each.inside for each in found.public(later)] == ["news/a.mdx", "news/b.mdx"]
    assert found.next(later) is None


@given(st.lists(TIMES, max_size=6), TIMES, TIMES)
def test_what_people_can_read_only_grows(published: list[datetime], one: datetime, other: datetime) -> None:
    files = {
        f"news/a{number}.mdx": page(FRONT, publish_at=f'"{at:%Y-%m-%dT%H:%M:%SZ}"')
        for number, at in enumerate(published)
    }
    found, (first, last) = written(files), sorted((one, other))
    before, after = ({each.path for each in found.public(at)} for at in (first, last))
    assert before <= after
    step = found.next(first)
    assert before == after or (step is not None and step <= last)
