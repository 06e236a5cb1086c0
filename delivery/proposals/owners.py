"""Whom a change's paths belong to, by CODEOWNERS as GitHub reads it, and whose word is still missing.

The last line that matches a path counts; one that names nobody asks for nobody. Lines whose syntax GitHub does not
have are passed over, as it does. Who is in a team is the forge's business: `Covers` answers for it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from codeowners import CodeOwners

CODEOWNERS = ".github/CODEOWNERS"
_COMMENT = re.compile(r"(^|\s)#.*")
_NOT_GITHUBS = re.compile(r"\s*(!|\S*[\[\]])")  # negation, ranges of characters, and another forge's sections

Covers = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Owned:
    """Paths of the same owners, any one of whom may agree for all."""

    owners: tuple[str, ...]
    paths: tuple[str, ...]


def owned(text: str, paths: Iterable[str]) -> tuple[Owned, ...]:
    """The paths that have owners, by them; `text` is the file's."""
    lines = (_COMMENT.sub("", line) for line in text.splitlines())
    asked = CodeOwners("\n".join(line for line in lines if not _NOT_GITHUBS.match(line)))
    found: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(paths):
        if owners := tuple(sorted({name for _, name in asked.of(path)})):
            found.setdefault(owners, []).append(path)
    return tuple(Owned(owners, tuple(mine)) for owners, mine in found.items())


def uncovered(those: Iterable[Owned], by: Sequence[str], covers: Covers) -> tuple[Owned, ...]:
    """Those of which no owner is among the people who agreed."""
    return tuple(each for each in those if not any(covers(owner, person) for owner in each.owners for person in by))


def by_name(owner: str, by: str) -> bool:
    """For a forge that knows no teams: a team speaks through anybody, a person only through themself."""
    return "/" in owner or owner.removeprefix("@").casefold() == by.casefold()
