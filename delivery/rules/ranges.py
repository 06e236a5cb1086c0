"""Ranges of versions, such as ">=1.2.0 <1.3.1": comparators that must all hold, by the order of `precedence`.

Plainly by that order: `<1.5.0` holds 1.5.0-beta.1, which is below 1.5.0. Write `<1.5.0-0` to leave pre-releases of
1.5.0 out. (npm and cargo hide pre-releases from ranges; whoever blocks an edge must not have some of it hidden.)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from typing import Any

from delivery.rules.precedence import Key, precedence

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt, "=": eq}


@dataclass(frozen=True, slots=True)
class Range:
    """A parsed range."""

    text: str
    comparators: tuple[tuple[str, Key], ...]

    def holds(self, version: str) -> bool:
        """Whether the version is in it. Raises NotAVersion."""
        return self.holds_key(precedence(version))

    def holds_key(self, key: Key) -> bool:
        """The same for a version whose key is known."""
        return all(_OPERATORS[operator](key, bound) for operator, bound in self.comparators)

    def expand(self, versions: Iterable[str]) -> tuple[str, ...]:
        """Those of these versions that are in it, lowest first: pre-releases, too."""
        return tuple(sorted((version for version in versions if self.holds(version)), key=precedence))


@lru_cache(maxsize=1024)
def parse(text: str) -> Range:
    """A range that `load` has let through. Raises NotAVersion for a bound that is none."""
    return Range(text, tuple(_comparator(part) for part in text.split(" ")))


def _comparator(part: str) -> tuple[str, Key]:
    operator = part[:2] if part[:2] in _OPERATORS else part[:1]
    return operator, precedence(part.removeprefix(operator))
