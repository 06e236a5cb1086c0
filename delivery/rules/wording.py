"""What is said of a part of a file that does not fit its type: what is really wrong, and the mend.

Puts pydantic's errors into the words of the people who wrote the file. Finds nothing wrong by itself.
"""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from delivery.rules import expected
from delivery.rules.characters import latin, look_alike
from delivery.rules.facts import Spot
from delivery.rules.shapes import OneOf, Span
from delivery.rules.tree import DECIMAL, Plain, Tree

Words = tuple[str, str]  # what is wrong, and how to mend it


def unquoted(plain: Plain, kind: Any) -> Words:
    """Of a scalar without quotes that readers of YAML do not agree on."""
    wanted, means = expected.base(kind, None), expected.means(kind)
    if not plain.text:
        return "has no value", f"write {means}"
    if wanted is str:
        return f"{plain.text} without quotes is {plain.kind} to YAML", f'quote it: "{plain.text}"'
    if wanted in (int, float) and re.fullmatch("-?[1-9][0-9]*", plain.text):
        return f"{_cut(plain.text)} is too long for a number", f"write {means}"
    if wanted in (int, float) and plain.kind == "a number":
        return f"{_cut(plain.text)} is a number to some programs only", f"write {means}"
    return f"{_cut(plain.text)} is not {expected.means(wanted)}", f"write {means}"


def cut_off(comment: str) -> Words:
    """Of a sentence without quotes that may go on behind a ` #`."""
    what = f"{_cut(comment)} behind a sentence is a comment to YAML, not text"
    return what, "quote the whole text, with what belongs to it"


def wrong(error: Mapping[str, Any], spot: Spot, value: Any, kind: Any, tree: Tree, into: Any) -> Words:
    """Of what pydantic complains of at this spot, where `value` stands and a `kind` is expected."""
    match error["type"]:
        case "missing":
            return "is missing", f"write {expected.means(kind)}"
        case "unexpected_keyword_argument":
            return _unknown(str(spot[-1]), expected.at(into, tree.value, spot[:-1]), tree.part(spot[:-1]))
        case "one_of" if isinstance(value, dict):
            return _none_of(value, expected.keys(kind, value))
        case "span":
            context = error["ctx"]
            return f"{value} is {context['side']} {context['bound']}", f"write {expected.means(kind)}"
        case "placeholder":
            return f"holds the placeholder {error['ctx']['found']}", "write what is meant"
    return _disguise(error["input"]) or _unlike(error, spot, value, kind, tree)


def _unknown(key: str, parent: Any, mapping: Mapping[str, Any]) -> Words:
    """Of a key that is none here."""
    if one_of := expected.marked(parent, OneOf):
        first = next(each for each in one_of.keys if each in mapping)
        if key in one_of.keys:
            return f"does not go with {first}: a line is one thing", "write two lines"
    keys = expected.keys(parent, mapping)
    if disguise := _disguise(key):
        return disguise
    near = get_close_matches(key, keys, 1)
    mend = f"did you mean {near[0]}?" if near else f"the keys here are {expected.listed(sorted(keys), 'and')}"
    return "is not a key here", mend


def _none_of(value: Mapping[str, Any], keys: tuple[str, ...]) -> Words:
    near = [(key, match) for key in value for match in get_close_matches(key, keys, 1)]
    mend = f"did you mean {near[0][1]} by {near[0][0]}?" if near else "write one of them"
    return f"has none of the keys {expected.listed(keys, 'or')}", mend


def _disguise(value: Any) -> Words | None:
    """Of a text that is right letter by letter to the eye only."""
    said = look_alike(value) if isinstance(value, str) and latin(value).isascii() else None
    return (f"holds {said}", f"write {latin(value)}") if said else None


def _unlike(error: Mapping[str, Any], spot: Spot, value: Any, kind: Any, tree: Tree) -> Words:
    """Of a value of the wrong form, or of none of the words allowed."""
    if error["type"] == "shape":
        means = error["ctx"]["means"]  # of the key if the error is about a key
        return f"{_shown(error['input'])} is not {means}", "write one"
    if error["type"] == "unreal":
        return f"{_shown(value)} names a day or a time that does not exist", f"write {expected.means(kind)}"
    plain = tree.plain.get(spot)
    if plain and expected.base(kind, value) is str:
        return unquoted(plain, kind)
    if error["type"] == "literal_error" and not isinstance(value, dict | list):
        allowed = error["ctx"]["expected"].replace("'", "")
        return f"{_shown(error['input'])} is not allowed here", f"write {allowed}"
    return _no_number(value, kind) or _other(value, kind)


def _no_number(value: Any, kind: Any) -> Words | None:
    """Of what is nearly the number that is wanted."""
    wanted, span = expected.base(kind, value), expected.marked(kind, Span)
    if (
        wanted in (int, float)
        and isinstance(value, str)
        and DECIMAL.fullmatch(value)
        and not (wanted is int and "." in value)
    ):
        return f"{_shown(value)} in quotes is a text", f"write {value}"
    if wanted is int and span and "percent" in span.means and isinstance(value, float) and 0 < value < 1:
        percent = f"{value * 100:g}"
        mend = f"write {percent} if {percent} % are meant" if percent.isdigit() else f"write {span.means}"
        return f"{value} is a fraction, where percent are meant", mend
    return None


def _other(value: Any, kind: Any) -> Words:
    return f"{_shown(value)} is not {expected.means(expected.base(kind, value))}", f"write {expected.means(kind)}"


def _shown(value: Any) -> str:
    """A value as a message shows it: short, and without characters that look like others."""
    if isinstance(value, dict | list):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    return _cut(json.dumps(value))


def _cut(text: str) -> str:
    if len(text) <= 60:
        return text
    return f'{text[:56]}..."' if text.startswith('"') else f"{text[:57]}..."
