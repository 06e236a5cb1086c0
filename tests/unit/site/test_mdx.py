"""A page holds words, links and parts of ours: nothing that a build would run."""

import re
from pathlib import Path

import pytest

from delivery.site import mdx
from tests.unit.site.written import only, said

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "text",
    [
        "Press <kbd>F5</kbd>.",
        '<Note tone="warn">\n\nTake **care** of it.\n\n</Note>',
        '<Video id="a" title="It moves" by="Us" />',
        "Write `{1}` or `a < b`, or 1 \\< 2 and \\{ too, or &lt;.",
        "```ts\nimport x from 'y';\nconst a = { b: 1 } < 2;\n```",
        "A line about what people\nimported is fine.",
        "| a | b |\n|---|---|\n| `{` | 1 |",
    ],
)
def test_plain_words_parts_and_code_between_marks_are_fine(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nIt is {1 + 1}.", "news/a.mdx:11: holds {"),
        ("{evil()}", "news/a.mdx:9: holds {"),
        ("    {evil()}", "holds {"),
        ("import x from 'y'", "news/a.mdx:9: begins a line with import"),
        ("export const a = 1", "begins a line with export"),
        ("We\nexport const a = 1", "news/a.mdx:10: begins a line with export"),
        ('<script src="https://a.b/c.js"></script>', "uses <script>, which is no part of pages"),
        ('<iframe src="https://a.b/"></iframe>', "uses <iframe>"),
        ('<img src="https://a.b/c.png" />', "uses <img>"),
        ('<Secret title="A" />', "uses <Secret>"),
        ('<Note onClick="evil()">\n\nA\n\n</Note>', "gives <Note> the attribute onClick"),
        ("<Note title={evil()}>\n\nA\n\n</Note>", "holds <Note among tags"),
        ("<Note {...evil}>\n\nA\n\n</Note>", "holds {"),
        ('<Note title="`{evil()}`">\n\nA\n\n</Note>', "holds "),
        ("<Note>\nA {evil()}\n</Note>", "news/a.mdx:10: holds A among tags"),
        ("<Note>\n```\nx\n\n```\n{evil()}\n```\n</Note>", "holds ``` among tags"),
        ("<Note>\n\nA", "news/a.mdx:9: opens <Note> and never closes it"),
        ("A</Note>", "closes <Note>, which is not the last that was opened"),
        ("<!-- {evil()} -->", "holds <!-- among tags"),
        ("1 < 2", "holds <"),
        ("<>A</>", "holds <"),
        ("[a](</b> 'c')", "holds < in a link"),
        ("[a]\n\n[a]: /download/ '{evil()}'", "holds { in a link"),
        ("# A title", "is a heading of the first level"),
        ("![](/a.png)", "is a picture without words"),
    ],
)
def test_what_would_be_code_is_told(text: str, expected: str) -> None:
    assert any(expected in each for each in said(text)), said(text)


def test_headings_have_the_anchors_that_rehype_slug_makes() -> None:
    found = mdx.text(only("## Read a value: 3 dB!\n\n## `.tran` & friends\n\n## Über uns\n\n### A_b c\n\n## Über uns"))
    assert found.anchors == {"read-a-value-3-db", "tran--friends", "über-uns", "a_b-c", "über-uns-1"}


def test_every_part_that_may_be_used_is_drawn() -> None:
    given = re.search(r"^const PARTS = \{(.*?)\};", (ROOT / "site/app/parts/words/text.tsx").read_text(), re.M | re.S)
    drawn = {name.strip() for name in given[1].split(",")} if given else set()
    assert {name for name in mdx.PARTS if name[0].isupper()} <= drawn
