"""Whom a change's paths belong to, by CODEOWNERS as GitHub reads it, and whose word is still missing.

The last line that matches a path counts; one that names nobody asks for nobody. Lines whose syntax GitHub does not
have are passed over, as it does. Who is in a team is the forge's business: `Covers` answers for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from codeowners import CodeOwners

from delivery.proposals.forge import Untold

CODEOWNERS = ".github/CODEOWNERS"
_COMMENT = re.compile(r"(^|\s)#.*")
_NOT_GITHUBS = re.compile(r"\s*(!|\S*[\[\]])")  # negation, ranges of characters, and another forge's sections

Covers = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Owned:
    """Paths of the same owners, any one of whom may agree for all; `untold` says of whom it is not known."""

    owners: tuple[str, ...]
    paths: tuple[str, ...]
    untold: tuple[str, ...] = ()


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
    """Those of which no owner is known to be among the people who agreed."""
    found = ((each, list(_answers(each, by, covers))) for each in those)
    return tuple(
        replace(each, untold=tuple(answer for answer in answers if isinstance(answer, str)))
        for each, answers in found
        if True not in answers
    )


def _answers(each: Owned, by: Sequence[str], covers: Covers) -> Iterator[bool | str]:
    """For each owner and person yes, no, or why that is not known."""
    for owner, person in product(each.owners, by):
        try:
            yield covers(owner, person)
        except Untold as error:
            yield str(error)


def by_name(owner: str, by: str) -> bool:
    """For a forge that knows no teams: a team speaks through anybody, a person only through themself."""
    return "/" in owner or owner.removeprefix("@").casefold() == by.casefold()
