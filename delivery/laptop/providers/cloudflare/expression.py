"""The part of Cloudflare's rule language that the laptop understands: host and path, joined by `and`.

    http.host eq "x"                        starts_with(http.request.uri.path, "/x")
    http.request.uri.path eq "/x"           ends_with(http.request.uri.path, ".x")
    true                                    (…) and (…)

Anything else is an error: a rule that was half understood would make the laptop lie about production.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PATH = "http.request.uri.path"
_SUPPORTED = f'http.host eq "…", {PATH} eq "…", starts_with({PATH}, "…"), ends_with({PATH}, "…"), true, and'

_TEXT = re.compile(r'"[^"\\]*"')
_TOKEN = re.compile(rf"\s*(?:{_TEXT.pattern}|[a-z_.]+|[(),])")


class ExpressionError(ValueError):
    """An expression that is not understood; says where, and what would be."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold: the hosts a request must all have, and a regular expression that its path must match."""

    hosts: frozenset[str] = frozenset()
    path: str = ""

    def applies_to(self, host: str) -> bool:
        return self.hosts <= {host}

    def __and__(self, other: Condition) -> Condition:
        return Condition(self.hosts | other.hosts, self.path + other.path)


def parse(expression: str) -> Condition:
    """The condition that an expression states.

    Raises:
        ExpressionError: it is more than the laptop understands.
    """
    parser = _Parser(expression)
    condition = parser.conjunction()
    if parser.next is not None:
        raise parser.error()
    return condition


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._at = 0
        self.next: str | None = ""
        self._advance()

    def conjunction(self) -> Condition:
        condition = self._term()
        while self.next == "and":
            self._advance()
            condition &= self._term()
        return condition

    def error(self) -> ExpressionError:
        where = f"at {self.next!r}" if self.next else "at its end"
        return ExpressionError(
            f"the expression {self._expression!r} is not understood {where}; the laptop knows {_SUPPORTED}"
        )

    def _term(self) -> Condition:
        word = self._take()
        if word == "true":
            return Condition()
        if word == "(":
            condition = self.conjunction()
            self._expect(")")
            return condition
        if word in ("starts_with", "ends_with"):
            return self._function(word)
        if word in ("http.host", PATH):
            self._expect("eq")
            return _equals(word, self._text())
        raise self.error()

    def _function(self, name: str) -> Condition:
        for sign in ("(", PATH, ","):
            self._expect(sign)
        value = re.escape(self._text())
        self._expect(")")
        return Condition(path=f"(?={value})" if name == "starts_with" else f"(?=.*{value}$)")

    def _text(self) -> str:
        if self.next is None or not _TEXT.fullmatch(self.next):
            raise self.error()
        return self._take()[1:-1]

    def _expect(self, token: str) -> None:
        if self.next != token:
            raise self.error()
        self._advance()

    def _take(self) -> str:
        if self.next is None:
            raise self.error()
        taken = self.next
        self._advance()
        return taken

    def _advance(self) -> None:
        found = _TOKEN.match(self._expression, self._at)
        rest = self._expression[self._at :].strip()
        self.next = found.group().strip() if found else (rest or None)
        self._at = found.end() if found else len(self._expression)


def _equals(field: str, value: str) -> Condition:
    return Condition(hosts=frozenset({value})) if field == "http.host" else Condition(path=f"(?={re.escape(value)}$)")
