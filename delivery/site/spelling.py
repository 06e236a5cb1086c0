"""Whether words are spelled as the dictionary has them, offline: pyspellchecker's English, and our own words.

Code, addresses and names of files are no words, and neither is what is written in capitals.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from delivery.rules.problem import Problem
from delivery.rules.read import File
from delivery.site.content import FOLDER, Page
from delivery.site.mdx import Said, Text

WORDS = f"{FOLDER}words.txt"
_NO_WORD = re.compile(r"\S*[\d@_/\\=<>{}$#]\S*|\S+\.\w+\S*|\S*\w[A-Z]\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_SHORTEST = 3


def words(data: File) -> frozenset[str]:
    """The words of the field, of a file with one a line; what is behind # is why. Case does not matter."""
    lines = (line.partition("#")[0].strip() for line in data.decode(errors="replace").splitlines())
    return frozenset(line.casefold() for line in lines if line)


def judge(page: Page, text: Text, ours: frozenset[str]) -> Iterator[Problem]:
    """Every word of a page that neither the dictionary nor `ours` has, once a line."""
    if page.kind == "quotes":
        return  # people's words stay as they said them
    value, front = page.front.value, page.front
    heads = ((front.line(key), key, getattr(value, key)) for key in ("title", "description"))
    for line, key, said in (*heads, *((each.line, "", each.text) for each in _lines(text.words))):
        for word in sorted(set(unknown(said, ours))):
            what = f'has "{word}", which the dictionary does not know'
            yield Problem(page.path, line, key, what, f"{_instead(word)}if it is right, add it to {WORDS}")


def unknown(said: str, ours: frozenset[str]) -> Iterator[str]:
    """The words in this that nobody knows."""
    found = (word[0].replace("\u2019", "'") for word in _WORD.finditer(_NO_WORD.sub(" ", said)))
    for word in found:
        plain = word.casefold().removesuffix("'s")
        if len(plain) >= _SHORTEST and not word.isupper() and plain not in ours and not _is_known(plain):
            yield word


def _lines(said: tuple[Said, ...]) -> Iterator[Said]:
    """What stands on one line, as one text: emphasis may begin inside a word."""
    by_line: dict[int, str] = {}
    for each in said:
        by_line[each.line] = by_line.get(each.line, "") + each.text
    yield from (Said(line, text) for line, text in by_line.items())


def _is_known(word: str) -> bool:
    return bool(_dictionary().known([word]))


def _instead(word: str) -> str:
    found = sorted(_dictionary().candidates(word.casefold()) or ())
    return f"write {' or '.join(found[:3])}; " if found else ""


@cache
def _dictionary() -> Any:
    from spellchecker import SpellChecker  # noqa: PLC0415 - it reads its dictionary, and most tasks never spell

    return SpellChecker(distance=1)
