"""Characters that deceive a reader of a diff: some show nothing, some turn the text around them, some look like others.

Knows text only, no YAML. Any language may be written in sentences; what is refused is what no reader can see.
"""

import re
import unicodedata
from collections.abc import Iterator

# Never by accident in a reviewed file: controls, soft hyphen, zero-width, bidi controls, byte order marks, tags.
_INVISIBLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_STYLED = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]")
_WORD = re.compile(r"\w+")

# Letters that common fonts draw like a Latin one, after Unicode's table of confusables. Greek omega, mu and the like
# are no twins: engineers write kΩ and µs.
_TWINS = {
    "АВЕЅІЈКМНОРСТХҮԌԚԜ": "ABESIJKMHOPCTXYGQW",
    "аеорсухѕіјһԁԛԝ": "aeopcyxsijhdqw",  # noqa: RUF001
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ": "ABEZHIKMNOPTYX",  # noqa: RUF001
    "ονιϲϳ": "ovicj",  # noqa: RUF001
    "ɡɑ": "ga",  # noqa: RUF001
}
_TABLE = str.maketrans({twin: latin for twins, all_ in _TWINS.items() for twin, latin in zip(twins, all_, strict=True)})


def deceptions(text: str) -> Iterator[tuple[int, str, str]]:
    """Where (an index), what and mend of every character that a reader cannot see for what it is."""
    if text.isascii() and text.isprintable():
        return
    for found in _INVISIBLE.finditer(text):
        named = "a byte order mark" if found[0] == "\ufeff" else f"the invisible character {code(found[0])}"
        yield found.start(), f"holds {named}", "remove it; if a text needs it, write it as an escape in quotes"
    for found in _SPACE.finditer(text):
        yield found.start(), f"holds a space that is none to YAML, {code(found[0])}", "write an ordinary space"
    if not text.isascii():
        yield from _look_alikes(text)


def latin(text: str) -> str:
    """The text as it looks: look-alikes as the Latin letters and plain digits they are taken for."""
    return "".join(map(_plain, text.translate(_TABLE)))


def look_alike(text: str) -> str | None:
    """What to say of the first character of a text that looks like another; None if all are what they look like."""
    index = _first(text)
    return None if index is None else _said(text, index)


def code(char: str) -> str:
    """U+00A0 NO-BREAK SPACE."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def _look_alikes(text: str) -> Iterator[tuple[int, str, str]]:
    """Words of which only a part is Latin: `stable` with a Cyrillic letter, `1.4` with an Arabic digit."""
    for word in _WORD.finditer(text):
        index = _first(word[0])
        if index is not None and re.search("[A-Za-z0-9_]", word[0]):
            yield word.start() + index, f"holds {_said(word[0], index)}", f"write {latin(word[0])}"


def _first(text: str) -> int | None:
    pairs = enumerate(zip(text, latin(text), strict=True))
    return None if text.isascii() else next((index for index, (char, plain) in pairs if char != plain), None)


def _said(text: str, index: int) -> str:
    return f"{text[index]} ({code(text[index])}), which looks like {latin(text[index])}"


def _plain(char: str) -> str:
    """Digits of every script, and letters of full width or of mathematics, as ASCII has them."""
    if char.isascii():
        return char
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", char) if _STYLED.fullmatch(char) else char
    return folded if folded.isascii() else char
