"""Words are spelled as the dictionary has them, or as ours has; code is no words."""

import pytest

from tests.unit.site.written import FRONT, QUOTE, page, said, told


def test_a_word_that_nobody_knows_is_told_with_its_line_and_what_may_be_meant() -> None:
    [problem] = said("A plot.\n\nThe wavefrom shows it.")
    assert problem.startswith('news/a.mdx:11: has "wavefrom", which the dictionary does not know; write waveform; ')
    [problem] = told({"news/a.mdx": page(FRONT, title="A netlst")})
    assert problem.startswith('news/a.mdx:2: title: has "netlst"')


@pytest.mark.parametrize(
    "text",
    [
        "ESpice reads a netlist, ESPICE's too, and the netlist's name.",
        "Write `wavefrom` or:\n\n```\nwavefrom\n```",
        "See /usr/shrae/x, a_vraiable, x86_64, 4kHzz, fooBarr, wavefrom.cir and https://a.b/wavefrom there.",
        "It **re**starts; it doesn't, and it doesn\u2019t.",
        "The SPYCE of it.",
    ],
)
def test_code_names_and_our_own_words_are_fine(text: str) -> None:
    assert [each for each in said(text) if "dictionary" in each] == []


def test_cells_of_a_table_are_words_of_their_own() -> None:
    assert said("| one | two |\n|---|---|\n| plot | axis |") == []


def test_a_quote_stays_as_it_was_said() -> None:
    assert told({"quotes/issue-12.mdx": page(QUOTE, "Gret tool")}) == []
