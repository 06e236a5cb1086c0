"""Who stands behind each commit of main: its author, whom its trailers name, and the commits that it brought in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from delivery.history.git import log
from delivery.history.snapshot import commit_id, refuse_shallow
from delivery.history.trailers import PRINTED, Trailers, read

_FORMAT = f"%H%x00%P%x00%at%x00%ct%x00%an%x00%cn%x00%B%x00{PRINTED}"
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Merged:
    """A commit on main. `written` is when the oldest commit that it brought in was written, or it itself.

    `authors` are those of what it brought in; of itself, where it brought nothing in. Approvals are taken from main's
    commit alone: whoever proposes writes the others. `reverts` are earlier commits of main that it says it takes back.
    """

    id: str
    at: datetime
    written: datetime
    committer: str
    authors: tuple[str, ...]
    trailers: Trailers
    requested_by: tuple[str, ...]
    reverts: tuple[str, ...]


def merged(repo: Path, ref: str) -> tuple[Merged, ...]:
    """Every commit on the first-parent line of this ref, oldest first.

    Raises NoHistory, also in a shallow clone, which lacks what came before.
    """
    refuse_shallow(repo)
    tip = commit_id(repo, ref)
    printed = log(repo, _FORMAT, "-z", tip)
    every = {raw.id: raw for raw in _parsed(printed.decode(errors="replace"))}
    main = _line(every, tip)
    home = {raw.id: raw.id for raw in main}  # the commit of main that brought each other one in
    return tuple(_merged(raw, _brought(every, raw, home), home) for raw in main)


@dataclass(frozen=True, slots=True)
class _Raw:
    id: str
    parents: tuple[str, ...]
    written: datetime
    at: datetime
    author: str
    committer: str
    message: str
    trailers: Trailers


def _parsed(printed: str) -> Iterator[_Raw]:
    """By place alone: no text of git holds a NUL."""
    words = printed.split("\0")
    for name, parents, written, at, author, committer, message, trailers in zip(*[iter(words)] * 8, strict=False):
        first, last = (datetime.fromtimestamp(int(each), UTC) for each in (written, at))
        yield _Raw(name, tuple(parents.split()), first, last, author, committer, message, read(trailers))


def _line(every: Mapping[str, _Raw], tip: str) -> list[_Raw]:
    found = [every[tip]]
    while found[-1].parents:
        found.append(every[found[-1].parents[0]])
    return found[::-1]


def _brought(every: Mapping[str, _Raw], merge: _Raw, home: dict[str, str]) -> list[_Raw]:
    """What came to main by this commit, and nothing before it had."""
    found, waiting = [], list(merge.parents[1:])
    while waiting:
        if (name := waiting.pop()) not in home:
            home[name] = merge.id
            found.append(every[name])
            waiting += every[name].parents
    return found


def _merged(raw: _Raw, brought: Sequence[_Raw], home: Mapping[str, str]) -> Merged:
    own = [each for each in brought if len(each.parents) < 2] or [raw]
    named = (name for each in own for name in each.trailers.requested_by)
    reverted = (_known(name, home) for each in (raw, *brought) for name in _REVERTS.findall(each.message))
    return Merged(
        raw.id,
        raw.at,
        min(each.written for each in own),
        raw.committer,
        tuple(dict.fromkeys(each.author for each in own)),
        raw.trailers,
        raw.trailers.requested_by or tuple(dict.fromkeys(named)),
        tuple(dict.fromkeys(name for name in reverted if name and name != raw.id)),
    )


def _known(name: str, home: Mapping[str, str]) -> str | None:
    """The commit of main that a revert means, if it means one that is there already."""
    return next((home[each] for each in home if each.startswith(name)), None)
