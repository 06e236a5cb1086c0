"""Somebody's words become a page that says exactly these words, whatever Markdown would make of them."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from delivery.site import quote
from tests.unit.site.written import NOW, told

ISSUE = "https://github.com/espice/delivery/issues/12"
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)


def made(text: str, title: str = "It finds the knee", name: str | None = None) -> bytes:
    return quote.file(title, "ESpice", text, name, ISSUE, NOW)


def shown(data: bytes) -> str:
    """What a reader sees of it."""
    text = data.decode().split("---\n", 2)[2]
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(child.content for token in tokens for child in token.children or []).strip()


def test_the_file_is_one_that_check_lets_pass() -> None:
    assert told({"quotes/issue-12.mdx": made("It {just} works: <3 & [more](x).", 'A "title": yes', "Ada")}) == []
    assert told({"quotes/issue-12.mdx": made("1. One\n- two\n# three\n<script>")}) == []


@given(WORDS.filter(lambda text: text.strip()))
def test_the_words_stay_as_they_were_said(text: str) -> None:
    assert shown(made(text)) == text.strip()
