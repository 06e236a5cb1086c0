"""Which facts take back that a merged change let versions reach more people: by adding, and proved by comparing.

A rollout that reached more by its own lines is held, and a stop that was lifted is made again. Where something else let
a version through (a lifted withdrawal, a start that <channel>-next shows already), or where a hold would uncover what
not everybody may have, the version is stopped, and where that is not enough the channel is. What is chosen is the first
of these after which nobody is offered more than before the change, nor than now.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from delivery.rules import edit as verbs
from delivery.rules.approvals import is_fact
from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog, Stopped
from delivery.rules.compare import compare
from delivery.rules.compile import NEXT, Table, compile
from delivery.rules.edit import Edit, EditRefused, Ground
from delivery.rules.facts import Facts
from delivery.rules.plan import plan
from delivery.rules.precedence import precedence
from delivery.rules.visitors import DOWNLOADS

Reach = frozenset[tuple[str, str]]  # (channel, version)
Way = Callable[[Ground], Sequence[Edit]]


class NothingToUndo(Exception):  # noqa: N818 - what was found
    """The change let nobody have more, or that is taken back already; the text says which."""


def stays(path: str) -> bool:
    """Whether a file holds facts that nobody takes out again once they are merged; others may be set back."""
    return is_fact(path) and not _EDITED.fullmatch(path)


_EDITED = re.compile(r"product\.yaml|Pulumi\.[a-z]+\.yaml|releases/(policy\.yaml|channels/.*|flags/.*)")


@dataclass(frozen=True, slots=True)
class Undone:
    """The edits, each made on the facts that the one before leaves, and in sentences what no edit takes back."""

    edits: tuple[Edit, ...]
    remains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a merged change made of the facts, in one environment."""

    before: Facts
    after: Facts
    environment: str

    @property
    def catalogs(self) -> tuple[Catalog, Catalog]:
        """Of both. Raises Refused."""
        return assemble(self.before, self.environment), assemble(self.after, self.environment)


def undo(ground: Ground, changed: Changed, at: datetime, reason: str) -> Undone:
    """Edits on the facts as they are now (`ground`), decided at this moment.

    Raises NothingToUndo, EditRefused, and Refused where a catalog cannot be made.
    """
    before, after = changed.catalogs
    task = _Task.of(before, after, ground, changed.environment)
    if not task.widened:
        raise NothingToUndo(_nothing(before, after, ground))
    edits: list[Edit] = []
    for channel in sorted({channel for channel, _ in task.widened}):
        taken = task.least(ground, channel, at, reason)
        edits += taken
        ground = _on(ground, taken)
    if not edits:
        raise NothingToUndo("what it let reach more is taken back already")
    return Undone(tuple(edits), tuple(_remains(before, after, ground)))


@dataclass(frozen=True, slots=True)
class _Task:
    """What must be so at the end: of what the change `widened`, and of all that no later change did, `before` counts.

    `moved` are the rollouts whose own lines the change added to, `freed` the stops that it lifted, `later` what reaches
    more by later changes.
    """

    before: Table
    live: Table
    environment: str
    widened: Reach
    moved: Reach
    freed: tuple[Stopped, ...]
    later: Reach
    now: datetime

    @classmethod
    def of(cls, before: Catalog, after: Catalog, ground: Ground, environment: str) -> "_Task":
        old, new, live = compile(before), compile(after), compile(assemble(ground.facts, environment))
        known = frozenset(before.offerings)
        moved = frozenset((each.channel, each.version) for each in after.offerings if each not in known)
        scopes = {(each.channel, each.versions) for each in after.stops}
        freed = tuple(each for each in before.stops if (each.channel, each.versions) not in scopes)
        widened = reach(old, new, ground.now)
        later = reach(new, live, ground.now) - widened
        return cls(old, live, environment, widened, moved, freed, later, ground.now)

    def least(self, ground: Ground, channel: str, at: datetime, reason: str) -> Sequence[Edit]:
        """The first way after which it is so; no edit where it is so already."""
        refused: EditRefused | None = None
        for way in self._ways(channel, at, reason):
            try:
                edits = way(ground)
            except EditRefused as error:
                refused = error
                continue
            if self._is_so(_on(ground, edits).facts, channel):
                return edits
        raise refused or AssertionError(f"a stop of {channel} offers nothing, and yet somebody is offered more")

    def _ways(self, channel: str, at: datetime, reason: str) -> Iterator[Way]:
        """The less one takes away the earlier."""

        def stopped(versions: Sequence[str] | None) -> Way:
            return lambda ground: (verbs.stop(ground, channel, at, reason, versions=versions),)

        def held(ground: Ground) -> Sequence[Edit]:
            return _each(ground, versions, lambda on, each: verbs.hold(on, channel, at, reason, version=each))

        versions = sorted({version for name, version in self.widened if name == channel}, key=precedence)
        yield lambda _: ()
        yield from (stopped(each.versions) for each in self.freed if each.channel == channel)
        if all((channel, version) in self.moved for version in versions):
            yield held
        yield stopped(versions)
        yield stopped(None)

    def _is_so(self, facts: Facts, channel: str) -> bool:
        """Nobody on the channel is offered what was not open to everyone before the change, nor now."""
        table = compile(assemble(facts, self.environment))
        more = (reach(self.before, table, self.now) - self.later) | reach(self.live, table, self.now)
        return not any(name == channel for name, _ in more)


def reach(before: Table, after: Table, now: datetime) -> Reach:
    """The versions that somebody gets by `after` to whom they were not open by `before`, each with its channel."""
    moves = (
        (change.channel.removesuffix(NEXT), move) for change in compare(before, after, now) for move in change.moves
    )
    return frozenset((channel, move.after) for channel, move in moves if move.wider and move.after)


def _each(ground: Ground, versions: Sequence[str], verb: Callable[[Ground, str], Edit]) -> Sequence[Edit]:
    edits: list[Edit] = []
    for version in versions:
        edits.append(verb(ground, version))
        ground = _on(ground, edits[-1:])
    return edits


def _on(ground: Ground, edits: Sequence[Edit]) -> Ground:
    """The ground once these are made."""
    for edit in edits:
        ground = replace(ground, facts=edit.facts, files={**ground.files, edit.path: edit.after})
    return ground


def _nothing(before: Catalog, after: Catalog, ground: Ground) -> str:
    """Why, and how to go back all the same, where it took away."""
    made = plan(before, after, ground.now, ground.facts.policy.value)
    remains = tuple(_remains(before, after, ground))
    if remains:
        return f"no installation is offered more by it; {'; '.join(remains)}"
    if made.is_empty:
        return "nobody is offered anything else by it"
    again = "".join(f"; to take that back: {each}" for each in made.reverse)
    return f"it only takes away{again}"


def _remains(before: Catalog, after: Catalog, ground: Ground) -> Iterator[str]:
    """What a change did besides offers to installations, which no stop reaches."""
    made = plan(before, after, ground.now, ground.facts.policy.value)
    for each in made.downloads:
        if DOWNLOADS.index(each.after) < DOWNLOADS.index(each.before):
            yield f"the files of {each.version} can be downloaded again, where they were {each.before}"
    if made.variants or made.edited:
        yield "flags say something else than before: set them back, or conclude the experiment"
