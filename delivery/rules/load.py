"""From the bytes of a YAML file to a frozen, typed value, or to every problem in it at once.

Generic: what is expected is said by the dataclass (its fields and the marks on them), so facts and stack files share
it. Knows no path and no rule between files (`read`, `check`).
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from delivery.rules import expected
from delivery.rules.facts import Filed, Spot
from delivery.rules.problem import Problem
from delivery.rules.tree import Plain, Tree, dotted, grow

T = TypeVar("T")
Words = tuple[str, str]  # what is wrong, and how to mend it


def parse(path: str, data: bytes, into: type[T]) -> tuple[Filed[T] | None, tuple[Problem, ...]]:
    """The value these bytes say, with the line of each part; or None and all problems. Never raises."""
    tree = grow(path, data)
    if not tree.marks:
        return None, tree.problems
    try:
        value = _adapter(cast("Any", into)).validate_json(json.dumps(tree.value))
        errors: list[Any] = []
    except ValidationError as error:
        value, errors = None, error.errors(include_url=False)
    problems = {*tree.problems, *_disguised(path, tree, into), *_wrong(path, tree, into, errors)}
    if problems or value is None:
        return None, tuple(sorted(problems))
    return Filed(path, value, tree.marks), ()


@cache
def _adapter(into: Any) -> TypeAdapter[Any]:
    return TypeAdapter(into)


def _disguised(path: str, tree: Tree, into: Any) -> Iterator[Problem]:
    """Every unquoted scalar that readers of YAML do not agree on."""
    for spot, plain in tree.plain.items():
        if not plain.clear:
            kind = expected.at(into, tree.value, spot)
            yield Problem(path, tree.line(spot), dotted(spot), *_unquoted(plain, kind))


def _unquoted(plain: Plain, kind: Any) -> Words:
    wanted = expected.base(kind, None)
    if not plain.text:
        return "has no value", f"write {expected.means(kind)}"
    if wanted is str:
        return f"{plain.text} without quotes is {plain.kind} to YAML", f'quote it: "{plain.text}"'
    return f"{plain.text} is not {expected.means(wanted)}", f"write {expected.means(kind)}"


def _wrong(path: str, tree: Tree, into: Any, errors: list[Any]) -> Iterator[Problem]:
    """One problem for each place that pydantic complains of, except where the form was the trouble already."""
    told: set[Spot] = {spot for spot, plain in tree.plain.items() if not plain.clear}
    for error in errors:
        spot, value = _place(tree.value, error)
        if spot not in told or error["type"] == "unexpected_keyword_argument":
            told.add(spot)
            kind = expected.at(into, tree.value, spot)
            words = _words(error, spot, value, kind, tree, into)
            yield Problem(path, tree.line(spot), dotted(spot), *words)


def _place(value: Any, error: Mapping[str, Any]) -> tuple[Spot, Any]:
    """Where in the file an error is, and what stands there; pydantic also names the member of a union it tried."""
    spot: Spot = ()
    for part in error["loc"]:
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int)):
            spot, value = (*spot, part), value[part]
    if error["type"] == "missing":
        return (*spot, error["loc"][-1]), None
    return spot, value


def _words(error: Mapping[str, Any], spot: Spot, value: Any, kind: Any, tree: Tree, into: Any) -> Words:
    match error["type"]:
        case "missing":
            return "is missing", f"write {expected.means(kind)}"
        case "unexpected_keyword_argument":
            parent = expected.at(into, tree.value, spot[:-1])
            return "is not a key here", _meant(str(spot[-1]), expected.keys(parent, _value(tree.value, spot[:-1])))
        case "one_of" if isinstance(value, dict):
            return _none_of(value, expected.keys(kind, value))
        case "span":
            context = error["ctx"]
            return f"{value} is {context['side']} {context['bound']}", f"write {expected.means(kind)}"
        case "shape":
            return f"{_shown(error['input'])} is not {_means(error, kind)}", "write one"
    return _other(error, spot, value, kind, tree)


def _other(error: Mapping[str, Any], spot: Spot, value: Any, kind: Any, tree: Tree) -> Words:
    """A value of the wrong kind, or none of the words allowed."""
    plain = tree.plain.get(spot)
    if plain and expected.base(kind, value) is str:
        return _unquoted(plain, kind)
    if error["type"] == "literal_error" and not isinstance(value, dict | list):
        allowed = error["ctx"]["expected"].replace("'", "")
        return f"{_shown(error['input'])} is not allowed here", f"write {allowed}"
    wanted = expected.means(expected.base(kind, value))
    return f"{_shown(value)} is not {wanted}", f"write {expected.means(kind)}"


def _means(error: Mapping[str, Any], kind: Any) -> str:
    """What was expected: of the key if the error is about a key, else of the value."""
    return str(error["ctx"]["means"]) if "means" in error["ctx"] else expected.means(kind)


def _none_of(value: Mapping[str, Any], keys: tuple[str, ...]) -> Words:
    near = [(key, match) for key in value for match in get_close_matches(key, keys, 1)]
    mend = f"did you mean {near[0][1]} by {near[0][0]}?" if near else "write one of them"
    return f"has none of the keys {expected.listed(keys, 'or')}", mend


def _meant(key: str, keys: tuple[str, ...]) -> str:
    near = get_close_matches(key, keys, 1)
    return f"did you mean {near[0]}?" if near else f"the keys here are {expected.listed(sorted(keys), 'and')}"


def _value(value: Any, spot: Spot) -> Any:
    for part in spot:
        value = value[part]
    return value


def _shown(value: Any) -> str:
    """A value as a message shows it: short, and without characters that look like others."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return text if len(text) <= 60 else f'{text[:56]}..."'
