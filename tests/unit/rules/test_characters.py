"""Characters that deceive, one by one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.characters import deceptions, latin, look_alike


def said(text: str) -> list[tuple[int, str, str]]:
    return [*deceptions(text)]


def test_each_deception_has_its_place_its_name_and_its_mend() -> None:
    assert said("st\u0430ble 99\u00a0%\u200b") == [
        (11, "holds the invisible character U+200B ZERO WIDTH SPACE", INVISIBLE),
        (9, "holds a space that is none to YAML, U+00A0 NO-BREAK SPACE", "write an ordinary space"),
        (2, "holds \u0430 (U+0430 CYRILLIC SMALL LETTER A), which looks like a", "write stable"),
    ]


INVISIBLE = "remove it; if a text needs it, write it as an escape in quotes"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("st\u0430ble", "stable"),
        ("\u0415Spice", "ESpice"),
        ("\u03a1\u0421\u0412", "PCB"),
        ("1.4.\u0660", "1.4.0"),
        ("\uff11\uff10", "10"),
        ("\U0001d4fcalt", "salt"),
    ],
)
def test_a_text_is_read_as_it_looks(text: str, seen: str) -> None:
    assert latin(text) == seen
    assert look_alike(text)


@pytest.mark.parametrize(
    "text", ["k\u03a9", "\u00b5s", "\u03bcF", "K\u00f6ln", "x\u00b2", "\u2460a", "\u2764\ufe0f", "\u7535"]
)
def test_letters_that_engineers_and_their_languages_use_deceive_nobody(text: str) -> None:
    assert said(text) == []


def test_words_of_another_alphabet_deceive_nobody() -> None:
    assert said("\u041f\u0440\u0438\u0432\u0435\u0442, \u043e\u0441\u0430") == []


@given(st.text())
def test_what_looks_like_a_text_is_as_long_and_deceives_no_more(text: str) -> None:
    assert len(latin(text)) == len(text)
    assert look_alike(latin(text)) is None


@given(st.text())
def test_whatever_shows_nothing_or_turns_text_around_is_told(text: str) -> None:
    told = {text[index] for index, *_ in deceptions(text)}
    unseen = {char for char in text if unicodedata.category(char) in ("Cc", "Zl", "Zp") and char not in "\t\n\r"}
    assert unseen <= told
