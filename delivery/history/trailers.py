"""What a commit says of people besides its author, in git's trailers: a merge writes them, the audit reads them.

git takes only the last paragraph of a message for trailers, and `write` always makes a new last one. So nothing that a
title or a description says ever counts as an approval.
"""

from collections.abc import Iterator
from dataclasses import dataclass

PRINTED = "%(trailers:only,unfold)"  # how git log prints what `read` reads
_PROPOSAL = "Proposal"
_PEOPLE = {
    "requested_by": "Requested-by",
    "approved_by": "Approved-by",
    "reviewed_by": "Reviewed-by",
    "co_authored_by": "Co-authored-by",
}


@dataclass(frozen=True, slots=True)
class Trailers:
    """The number that a proposal had, and people as a forge or git names them: A Person <person@espice.app>, or less.

    No `proposal`: it was not merged as one, so who approved it is not recorded.
    """

    proposal: int | None = None
    requested_by: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()
    reviewed_by: tuple[str, ...] = ()
    co_authored_by: tuple[str, ...] = ()


def write(message: str, trailers: Trailers) -> str:
    """The message with these trailers as its last paragraph. Raises ValueError: there are none to write."""
    lines = list(_lines(trailers))
    if not lines:
        raise ValueError("a message without trailers of ours could end in somebody else's")
    return "\n".join([message.rstrip(), "", *lines, ""])


def read(printed: str) -> Trailers:
    """The trailers that git printed, one a line; what others mean by other keys is left out."""
    found: dict[str, list[str]] = {}
    for line in printed.split("\n"):
        key, _, value = line.partition(":")
        if said := _plain(value):
            found.setdefault(key.strip().lower(), []).append(said)
    number = next(iter(found.get(_PROPOSAL.lower(), ())), "")
    people = {field: tuple(dict.fromkeys(found.get(key.lower(), ()))) for field, key in _PEOPLE.items()}
    return Trailers(int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None, **people)


def _lines(trailers: Trailers) -> Iterator[str]:
    if trailers.proposal is not None:
        yield f"{_PROPOSAL}: {trailers.proposal}"
    for field, key in _PEOPLE.items():
        yield from (f"{key}: {said}" for each in getattr(trailers, field) if (said := _plain(each)))


def _plain(value: str) -> str:
    """On one line: a name with a line break in it would be two trailers."""
    return " ".join("".join(letter for letter in value if letter.isprintable() or letter.isspace()).split())
