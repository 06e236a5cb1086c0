"""Every link leads somewhere that exists when the page can be read."""

import pytest

from tests.unit.site.written import FRONT, GUIDE, page, said, told


@pytest.mark.parametrize(
    "text",
    [
        "[a](/download/) [b](/releases/1.4.0/) [c](https://ngspice.sourceforge.io/) [d](mailto:docs@espice.app)",
        "[here](#a-place)\n\n## A place",
    ],
)
def test_what_exists_may_be_linked(text: str) -> None:
    assert [each for each in said(text) if "leads" in each] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\n[a](/downloads/)", "news/a.mdx:11: leads to /downloads/, and there is no such page"),
        ("[a](/download)", "leads to /download, which only redirects; write /download/"),
        ("[a](../b)", "leads to ../b, which depends on where it is read"),
        ("[a](http://ngspice.sourceforge.io/)", "which anybody on the way may change"),
        ("See http://ngspice.sourceforge.io/ there.", "which anybody on the way may change"),
        ("[a](javascript:alert(1))", "leads to"),
        ("[a](/releases/9.9.9/)", "there is no such page"),
        ("[a](#b)\n\n## C", "leads to #b, and it has no such heading; write one of those it has: c"),
        ("![A plot](https://a.b/c.png)", "shows https://a.b/c.png, which others serve"),
        ("![A plot](/c.png)", "shows /c.png, and there is no picture site/public/c.png"),
        ("![A plot](c.png)", "there is no picture site/content/news/c.png"),
    ],
)
def test_what_does_not_exist_is_told(text: str, expected: str) -> None:
    assert any(expected in each for each in said(text)), said(text)


def test_documentation_is_linked_with_or_without_its_version() -> None:
    files = {"docs/1.2/plot.mdx": page(GUIDE, "## Axes"), "docs/1.4/plot.mdx": page(GUIDE, "## Scales")}

    def linking(address: str) -> list[str]:
        return told({**files, "news/a.mdx": page(FRONT, f"[plots]({address})")})

    assert [linking(f"/docs/{each}") for each in ("plot/#scales", "1.4/plot/", "1.3/plot/#axes")] == [[], [], []]
    assert "has no such heading" in linking("/docs/plot/#axes")[0]
    assert "there is no such page" in linking("/docs/1.1/plot/")[0]


def test_a_link_to_a_page_that_comes_later_is_told() -> None:
    later = page(FRONT, publish_at='"2026-12-01T09:00:00Z"')
    [problem] = told({"news/a.mdx": page(FRONT, "[more](/news/b/)"), "news/b.mdx": later})
    assert "leads to /news/b/, which is public only from 2026-12-01T09:00:00Z on" in problem
    assert told({"news/a.mdx": page(FRONT), "news/b.mdx": page(FRONT, "[more](/news/a/)")}) == []
