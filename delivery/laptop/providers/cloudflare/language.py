"""Cloudflare's rule language: judged by Cloudflare's own parser, then read into a small tree for the laptop's edge.

The parser is wirefilter, as the package octorules-wirefilter builds it, with the fields and functions that its authors
gave it: Cloudflare may know more, never fewer. It judges; what it took is read here again, since it tells no tree.
What the edge cannot work out is an error: a rule that was half understood would make the laptop lie about production.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from octorules_wirefilter import get_schema_info, parse_expression

EVERYTHING = (
    "true"  # Cloudflare's own word for all requests, which stands alone and is no part of wirefilter's language
)


class ExpressionError(ValueError):
    """An expression that is wrong or beyond the laptop; says where, and what to do."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, a whole number, or whether everything matches."""

    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Field:
    """Something about a request or its answer; `steps` lead into it: names, positions, or `*` for each."""

    name: str
    steps: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: Expression
    right: Constant


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a value is one of these, or lies in one of these ranges, both ends included."""

    left: Expression
    values: tuple[str | int | tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Not:
    inner: Expression


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by `and`, `or` or `xor`."""

    operator: str
    parts: tuple[Expression, ...]


Expression: TypeAlias = Constant | Field | Call | Comparison | Among | Not | Joined


def condition(text: str) -> Expression:
    """What must hold for a rule.

    Raises:
        ExpressionError: Cloudflare would not take it, or the edge cannot work it out.
    """
    if text.strip() == EVERYTHING:
        return Constant(True)
    _judge(text, text)
    return _Reader(text).whole(_Reader.condition)


def value(text: str) -> Expression:
    """What works out to a text, such as a redirect's target.

    Raises:
        ExpressionError: as `condition` does.
    """
    _judge(text, f'{text} eq ""')
    return _Reader(text).whole(_Reader.operand)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts."""
    yield expression
    for part in _parts(expression):
        yield from walk(part)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Call(_, parts) | Joined(_, parts):
            return parts
        case Comparison(_, left, _) | Among(left, _) | Not(left):
            return (left,)
        case _:
            return ()


# -- what Cloudflare's parser says --------------------------------------------------------------------------------

_COMPLAINT = re.compile(r"Filter parsing error \((\d+):(\d+)\):\n(?:.*\n)+? *(\^+) (.*)\n")


def _judge(text: str, whole: str) -> None:
    complaint = parse_expression(whole).get("error")
    if complaint is None:
        return
    found = _COMPLAINT.match(complaint)
    if found is None:
        raise ExpressionError(f"Cloudflare does not take {text!r}: {complaint.strip()}")
    line, column, marked, reason = int(found[1]), int(found[2]), len(found[3]), found[4]
    lines = text.splitlines()
    if line == len(lines) and column > len(lines[-1]):
        ending = f"{reason}; finish it there" if whole == text else "it does not work out to a text; give one that does"
        raise ExpressionError(f"Cloudflare does not take {text!r}, at its end: {ending}")
    word = lines[line - 1][column - 1 : column - 1 + marked]
    where = f"at character {column}" + (f" of line {line}" if len(lines) > 1 else "")
    raise ExpressionError(f"Cloudflare does not take {text!r}, {where}: {_said(word, reason)}")


def _said(word: str, reason: str) -> str:
    if reason != "unknown identifier":
        return f"{reason}; mend it there"
    known = _known()
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "see Cloudflare's list of fields and functions"
    return f"{word} is unknown; {hint} (the parser has {len(known)} names, Cloudflare may have more)"


@functools.cache
def _known() -> tuple[str, ...]:
    info = get_schema_info()
    # It takes this one too, but lists it nowhere.
    return ("http.request.uri.path", *(field["name"] for field in info["fields"]), *info["functions"])


# -- the tree -----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<raw>r(?P<hashes>\#*)".*?"(?P=hashes))
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?![\w:/]|\.\d))
    | (?P<word>[A-Za-z_]\w*(?:\.\w+)*)
    | (?P<sign>\.\.|==|!=|<=|>=|&&|\|\||\^\^|[<>~!(){}\[\],*])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SAME = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "~": "matches"}
_COMPARE = {"eq", "ne", "lt", "le", "gt", "ge", "contains", "matches", "wildcard"}
_JOINS = (("or", "||"), ("xor", "^^"), ("and", "&&"))  # the loosest first
_ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)


@dataclass(slots=True)
class _Reader:
    """Reads what the parser took already, so only what the edge does not know can go wrong here."""

    text: str
    at: int = 0

    def whole(self, part: Callable[[_Reader], Expression]) -> Expression:
        found = part(self)
        if self.text[self.at :].strip():
            raise self._beyond()
        return found

    def condition(self, level: int = 0) -> Expression:
        if level == len(_JOINS):
            return self._single()
        parts = [self.condition(level + 1)]
        while self._take(*_JOINS[level]):
            parts.append(self.condition(level + 1))
        return parts[0] if len(parts) == 1 else Joined(_JOINS[level][0], tuple(parts))

    def operand(self) -> Expression:
        kind, token = self._next()
        if kind in ("raw", "text", "number"):
            self._advance()
            return Constant(_constant(kind, token))
        if kind != "word":
            raise self._beyond()
        self._advance()
        if self._take("("):
            return Call(token, self._arguments())
        return Field(token, tuple(self._steps()))

    def _single(self) -> Expression:
        if self._take("not", "!"):
            return Not(self._single())
        if self._take("("):
            inner = self.condition()
            self._expect(")")
            return inner
        return self._comparison(self.operand())

    def _comparison(self, left: Expression) -> Expression:
        if self._take("in"):
            return Among(left, self._values())
        operator = "strict wildcard" if self._take("strict") else ""
        _, token = self._next()
        token = _SAME.get(token, token)
        if token not in _COMPARE:
            return left
        self._advance()
        right = self.operand()
        if not isinstance(right, Constant):
            raise self._beyond()
        return Comparison(operator or token, left, right)

    def _arguments(self) -> tuple[Expression, ...]:
        found = []
        while not self._take(")"):
            found.append(self._comparison(self.operand()))
            self._take(",")
        return tuple(found)

    def _steps(self) -> Iterator[str | int]:
        while self._take("["):
            if self._take("*"):
                yield "*"
            else:
                step = self.operand()
                if not isinstance(step, Constant):
                    raise self._beyond()
                yield step.value
            self._expect("]")

    def _values(self) -> tuple[str | int | tuple[int, int], ...]:
        self._expect("{")
        found: list[str | int | tuple[int, int]] = []
        while not self._take("}"):
            one = self.operand()
            if not isinstance(one, Constant):
                raise self._beyond()
            if isinstance(one.value, int) and self._take(".."):
                last = self.operand()
                found.append((one.value, int(getattr(last, "value", one.value))))
            else:
                found.append(one.value)
        return tuple(found)

    def _take(self, *tokens: str) -> bool:
        kind, token = self._next()
        if kind in ("word", "sign") and token in tokens:
            self._advance()
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._beyond()

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            return "", ""
        kind = next(name for name in ("raw", "text", "number", "word", "sign") if found[name] is not None)
        return kind, found[kind]

    def _advance(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        self.at = found.end() if found else len(self.text)

    def _beyond(self) -> ExpressionError:
        rest = self.text[self.at :].strip()
        where = f"at {rest.split()[0]!r}" if rest else "at its end"
        return ExpressionError(
            f"Cloudflare takes {self.text!r}, but the laptop's edge does not know it {where}; say it another way, or "
            "teach delivery/laptop/providers/cloudflare/language.py"
        )


def _constant(kind: str, token: str) -> str | int:
    if kind == "number":
        return int(token)
    if kind == "raw":
        return token[1:].strip("#")[1:-1]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], token[1:-1])
