"""What a client can come to see in a cell from now on: all that matters to its answers, and nothing else.

`decide` decides; this only says when it need not be asked. Two clients with equal views get equal answers, always, to
whatever else they say (cohort, manual, failed, os, accepts). So a plan asks once for each view that changed, and
candidates that nobody can reach any more, notes and lines of files do not matter to it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from delivery.rules.compile import COHORTS, Candidate, Cell, CellKey, Kept, Os, Table
from delivery.rules.precedence import Key, precedence, successor
from delivery.rules.ranges import Range

ALREADY = 0.0  # the moment of what began before now

Shares = tuple[tuple[float, int, bool], ...]  # from when, per mille, held


class Keeping(NamedTuple):
    """A holdback, for those with a version in `versions`."""

    start: float
    end: float
    salt: str
    permille: int


class Prospect(NamedTuple):
    """A candidate from now on. Those that are removed for good are none."""

    key: Key
    version: str
    salt: str
    shares: Shares
    instead: bool
    superseded: float | None
    minimum_os: Os | None
    admits: tuple[str, ...]
    urgent: tuple[tuple[Key, float], ...]
    blocks: tuple[Range, ...]
    warnings: tuple[tuple[Range, str], ...]
    kept: tuple[tuple[Range, Keeping], ...]


class Outlook(NamedTuple):
    """A cell from now on; equal outlooks give equal answers."""

    prospects: tuple[Prospect, ...]  # highest first
    gateways: tuple[tuple[Key, Key, bool], ...]  # lowest first: key, below, whether the cell has it
    deadends: frozenset[Key]
    downgrades: tuple[tuple[Key, str], ...]
    newest: str | None


class Seen(NamedTuple):
    """A candidate as one client sees it. `for_all`: on -next it is whatever its percentage."""

    version: str
    salt: str
    shares: Shares
    for_all: bool
    first_from: float | None  # when the percentage ceases to matter for this client
    superseded: float | None
    minimum_os: Os | None
    kept: tuple[Keeping, ...]
    warnings: tuple[str, ...]


class View(NamedTuple):
    """What one client sees: candidates highest first, the barrier before it, and what it may go back to."""

    seen: tuple[Seen, ...]
    gate: Seen | None = None
    back: Seen | None = None


NOTHING = View(())
_EMPTY = Cell((), ())


def outlook(table: Table, key: CellKey, moment: float) -> Outlook:
    """A cell from this moment on."""
    cell = table.cells.get(key, _EMPTY) if key[0] in table.channels and key[1] in table.targets else _EMPTY
    return Outlook(
        tuple(_prospect(each, moment) for each in _reachable(cell, moment)),
        tuple((each.key, each.below, each.candidate is not None) for each in cell.gateways),
        frozenset(precedence(version) for version in cell.deadends or ()),
        tuple((precedence(version), lower) for version, (lower, _) in (cell.downgrades or {}).items()),
        cell.newest,
    )


def boundaries(seen: Outlook) -> Iterator[Key]:
    """The versions at which what clients see may change. Those from the last one on see nothing."""
    for each in seen.prospects:
        yield each.key
        yield from (below for below, _ in each.urgent)
        yield from (bound for version in each.admits for bound in _point(precedence(version)))
        held_by = (*each.blocks, *(source for source, _ in each.warnings), *(versions for versions, _ in each.kept))
        yield from (bound for versions in held_by for bound in _bounds(versions))
    for key, below, _ in seen.gateways:
        yield from (key, below)
    for key in (*seen.deadends, *(key for key, _ in seen.downgrades)):
        yield from _point(key)


def _point(key: Key) -> tuple[Key, Key]:
    return key, successor(key)


def _bounds(versions: Range) -> Iterator[Key]:
    for operator, key in versions.comparators:
        if operator in (">=", "<", "="):
            yield key
        if operator in (">", "<=", "="):
            yield successor(key)


_Cover = tuple[frozenset[Range], Os]  # from where it is blocked, the operating system it needs


def _reachable(cell: Cell, moment: float) -> Iterator[Candidate]:
    """The candidates that anybody can come to see, from the top or from a barrier on, and those to go back to."""
    lower = {version for version, _ in (cell.downgrades or {}).values()}
    barriers = [gateway.key for gateway in cell.gateways]
    covers: list[_Cover] = []
    for each in cell.candidates:
        while barriers and each.key <= barriers[-1]:
            barriers.pop()
            covers = []
        if len(covers) > 1 and not barriers and not lower and _hide(covers, _EVERYONE):
            return
        cover = frozenset(block.source for block in each.blocks), each.minimum_os or ()
        if _is_gone(each, moment) or (_hide(covers, cover) and each.version not in lower):
            continue
        yield each
        if _is_open(each, moment):
            covers.append(cover)


_EVERYONE: _Cover = frozenset(), ()


def _hide(covers: Iterable[_Cover], those: _Cover) -> bool:
    """Whether two higher candidates are open to all who could get one like this; two, as a client may fail on one."""
    return sum(blocks <= those[0] and system <= those[1] for blocks, system in covers) > 1


def _is_open(candidate: Candidate, moment: float) -> bool:
    """Open for good to everyone who is not blocked from it, has the operating system, and did not fail on it."""
    shares = _from_now(candidate, moment)
    is_for_all = shares and shares[0][0] == ALREADY and all(permille == COHORTS for _, permille, _ in shares)
    return bool(is_for_all) and candidate.superseded is None and not candidate.kept


def _is_gone(candidate: Candidate, moment: float) -> bool:
    return candidate.removed is not None or (candidate.superseded is not None and candidate.superseded[0] <= moment)


def _prospect(candidate: Candidate, moment: float) -> Prospect:
    return Prospect(
        candidate.key,
        candidate.version,
        candidate.salt,
        _from_now(candidate, moment),
        candidate.instead is not None,
        candidate.superseded[0] if candidate.superseded else None,
        candidate.minimum_os,
        tuple(version for version, _ in candidate.admits),
        tuple((below, ALREADY if since <= moment else since) for below, since, _ in candidate.urgent),
        tuple(block.source for block in candidate.blocks),
        tuple((warning.source, warning.name) for warning in candidate.warnings),
        tuple((each.versions, _keeping(each, moment)) for each in candidate.kept if each.end > moment),
    )


def _keeping(each: Kept, moment: float) -> Keeping:
    return Keeping(ALREADY if each.start <= moment else each.start, each.end, each.salt, each.permille)


def _from_now(candidate: Candidate, moment: float) -> Shares:
    begun = bisect_right(candidate.starts, moment)
    first = max(begun - 1, 0)
    starts = ((ALREADY,) if begun else ()) + candidate.starts[begun:]
    return tuple(
        (start, stage.permille, stage.held) for start, stage in zip(starts, candidate.stages[first:], strict=True)
    )


@dataclass(frozen=True, slots=True)
class Window:
    """An outlook, ready to be looked at by many clients; `ahead` on <channel>-next."""

    outlook: Outlook
    ahead: bool

    def view(self, key: Key) -> View:
        """What a client with a version of this key sees."""
        if key in self.outlook.deadends:
            return NOTHING
        prospects, gate, back = self.outlook.prospects, None, self._back(key)
        gateway = next((each for each in self.outlook.gateways if each[0] > key and key < each[1]), None)
        if gateway is not None:
            prospects = prospects[bisect_left(prospects, True, key=lambda each: each.key <= gateway[0]) :]
            if gateway[2]:
                if not prospects or prospects[0].key != gateway[0] or _is_blocked(prospects[0], key):
                    return View((), None, back)
                gate = self._seen(prospects[0], key)
        return View(tuple(self._offered(prospects, key)), gate, back)

    def _offered(self, prospects: tuple[Prospect, ...], key: Key) -> Iterator[Seen]:
        """Those that may be offered, down to where others hide them."""
        covers: list[_Cover] = []
        for each in prospects:
            if each.key <= key or _hide(covers, _EVERYONE):
                return
            cover = frozenset[Range](), each.minimum_os or ()
            if _is_blocked(each, key) or _hide(covers, cover):
                continue
            seen = self._seen(each, key)
            if seen.for_all or any(permille for _, permille, _ in seen.shares):
                yield seen
                if _is_certain(seen):
                    covers.append(cover)

    def _seen(self, each: Prospect, key: Key) -> Seen:
        return Seen(
            each.version,
            each.salt,
            each.shares,
            self.ahead and each.version == self.outlook.newest,
            _first_from(each, key),
            each.superseded,
            each.minimum_os,
            tuple(keeping for versions, keeping in each.kept if versions.holds_key(key)),
            tuple(name for source, name in each.warnings if source.holds_key(key)),
        )

    def _back(self, key: Key) -> Seen | None:
        if not self.outlook.downgrades:
            return None
        lower = dict(self.outlook.downgrades).get(key)
        found = next((each for each in self.outlook.prospects if each.version == lower), None)
        return self._seen(found, key) if found and not _is_blocked(found, key) else None


def _is_blocked(each: Prospect, key: Key) -> bool:
    return any(source.holds_key(key) for source in each.blocks)


def _first_from(each: Prospect, key: Key) -> float | None:
    if each.instead or any(precedence(version) == key for version in each.admits):
        return ALREADY
    return min((since for below, since in each.urgent if key < below), default=None)


def _is_certain(seen: Seen) -> bool:
    """Offered for good to everyone who has the operating system and did not fail on it."""
    if seen.superseded is not None:
        return False
    if seen.for_all:
        return True
    return not seen.kept and all(permille == COHORTS for _, permille, _ in seen.shares) and seen.shares[0][0] == ALREADY
