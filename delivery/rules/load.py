"""From the bytes of a YAML file to a frozen, typed value, or to every problem in it at once.

Generic: what is expected is said by the dataclass (its fields and the marks on them), so facts and stack files share
it. Knows no path and no rule between files (`read`, `check`).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from delivery.rules import expected, wording
from delivery.rules.facts import Filed, Spot
from delivery.rules.problem import Problem
from delivery.rules.shapes import Prose
from delivery.rules.tree import Tree, dotted, grow

T = TypeVar("T")


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
    problems = {
        *tree.problems,
        *_disguised(path, tree, into),
        *_cut_off(path, tree, into),
        *_wrong(path, tree, into, errors),
    }
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
            words = wording.unquoted(plain, expected.at(into, tree.value, spot))
            yield Problem(path, tree.line(spot), dotted(spot), *words)


def _cut_off(path: str, tree: Tree, into: Any) -> Iterator[Problem]:
    """Every sentence of several words that a comment may have cut off."""
    for spot, comment in tree.comments.items():
        prose = expected.marked(expected.at(into, tree.value, spot), Prose)
        if prose and " " in str(tree.part(spot)):
            yield Problem(path, tree.line(spot), dotted(spot), *wording.cut_off(comment))


def _wrong(path: str, tree: Tree, into: Any, errors: list[Any]) -> Iterator[Problem]:
    """One problem for each place that pydantic complains of, except where the form was the trouble already."""
    told: set[Spot] = {spot for spot, plain in tree.plain.items() if not plain.clear}
    for error in errors:
        spot, value = _place(tree.value, error)
        if spot not in told or error["type"] == "unexpected_keyword_argument":
            told.add(spot)
            kind = expected.at(into, tree.value, spot)
            words = wording.wrong(error, spot, value, kind, tree, into)
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
