"""GitHub's expressions, as far as our workflows use them: `${{ … }}`. Whatever else is written is an error."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Functions = Mapping[str, Callable[..., Any]]
STATUS = ("success", "failure", "cancelled", "always")

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|[!().\[\],]))")
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}


class Unknown(Exception):  # noqa: N818 - named for what was found
    """An expression that nobody here can evaluate."""


def filled(text: object, contexts: Mapping[str, Any], functions: Functions) -> str:
    """A text with each of its expressions replaced by what it is."""
    return _HOLE.sub(lambda hole: shown(evaluated(hole[1], contexts, functions)), shown(text))


def holds(condition: object, contexts: Mapping[str, Any], functions: Functions) -> bool:
    """Whether an `if` holds. One that asks for no status means: and all went well so far."""
    text = shown(condition).strip()
    whole = _HOLE.fullmatch(text)
    inner = whole[1] if whole else text
    asks = any(re.search(rf"\b{word}\s*\(", inner) for word in STATUS)
    return (asks or bool(functions["success"]())) and bool(evaluated(inner or "true", contexts, functions))


def expressions(text: object) -> list[str]:
    """What stands in a text's holes."""
    return [hole.strip() for hole in _HOLE.findall(shown(text))]


def shown(value: Any) -> str:
    """As GitHub puts a value into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def evaluated(text: str, contexts: Mapping[str, Any], functions: Functions) -> Any:
    """What an expression is. Raises Unknown: it has words, functions or names that are not known here."""
    reading = _Reading(text, contexts, functions)
    found = reading.either()
    if reading.rest:
        raise Unknown(f"{text.strip()}: {reading.rest[0]} was not expected")
    return found


class _Reading:
    """One expression, read from left to right; `&&` and `||` give one of their sides, as in JavaScript."""

    def __init__(self, text: str, contexts: Mapping[str, Any], functions: Functions) -> None:
        self.text, self.contexts, self.functions = text.strip(), contexts, functions
        self.rest = list(_tokens(self.text))
        self.passing = 0  # sides that do not count are read, and nothing is asked of them

    def either(self) -> Any:
        found = self._both()
        while self._takes("||"):
            found = self._passed(found, self._both) if found else self._both()
        return found

    def _both(self) -> Any:
        found = self._equal()
        while self._takes("&&"):
            found = self._equal() if found else self._passed(found, self._equal)
        return found

    def _passed(self, found: Any, read: Callable[[], Any]) -> Any:
        self.passing += 1
        read()
        self.passing -= 1
        return found

    def _equal(self) -> Any:
        found = self._not()
        for sign, wanted in (("==", True), ("!=", False)):
            if self._takes(sign):
                return _same(found, self._not()) is wanted
        return found

    def _not(self) -> Any:
        return not self._not() if self._takes("!") else self._value()

    def _value(self) -> Any:
        if self._takes("("):
            found = self.either()
            self._needs(")")
            return found
        word = self.rest.pop(0) if self.rest else "its end"
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if word in _WORDS:
            return _WORDS[word]
        if self._takes("("):
            return self._called(word)
        if word not in self.contexts:
            raise Unknown(f"{self.text}: {word} is not known here")
        return self._below(word, self.contexts[word])

    def _called(self, name: str) -> Any:
        given: list[Any] = []
        while not self._takes(")"):
            given.append(self.either())
            self._takes(",")
        if name not in self.functions:
            raise Unknown(f"{self.text}: there is no {name}() here")
        return self.functions[name](*given)

    def _below(self, where: str, found: Any) -> Any:
        while self.rest and self.rest[0] in ".[":
            bracket = self.rest.pop(0) == "["
            key = shown(self.either()) if bracket else self.rest.pop(0)
            if bracket:
                self._needs("]")
            where = f"{where}.{key}"
            if isinstance(found, Strict) and key not in found and not self.passing:
                raise Unknown(f"{self.text}: there is no {where}")
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _takes(self, sign: str) -> bool:
        if self.rest[:1] == [sign]:
            self.rest.pop(0)
            return True
        return False

    def _needs(self, sign: str) -> None:
        if not self._takes(sign):
            raise Unknown(f"{self.text}: {sign} is missing")


class Strict(dict[str, Any]):
    """A context of which nothing may be asked that it lacks; GitHub would give an empty text, which hides mistakes."""


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unknown(f"{text}: {text[at:].strip()} is not understood here")
        yield found[0].strip()
        at = found.end()


def _same(one: Any, other: Any) -> bool:
    """GitHub tells no capitals from small letters."""
    pair: Sequence[Any] = [each.casefold() if isinstance(each, str) else each for each in (one, other)]
    return bool(pair[0] == pair[1])
