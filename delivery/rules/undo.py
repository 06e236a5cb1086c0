"""Which facts take back that a merged change let versions reach more people: by adding, and proved by comparing.

A rollout that reached more by its own lines is held at the percent that it would be at without the change, or at 0
where that is too much, and a stop that was lifted is made again. Where something else let a version through (a lifted
withdrawal, a start that <channel>-next shows already), or where a hold would uncover what not everybody may have, the
version is stopped, and where that is not enough the channel is. What is chosen is the first of these after which nobody
is offered more than before the change, nor than now.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from delivery.rules import edit as verbs
from delivery.rules.approvals import is_fact
from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog, Stopped
from delivery.rules.compare import compare
from delivery.rules.compile import NEXT, Table, compile
from delivery.rules.edit import Edit, EditRefused, Ground
from delivery.rules.edit.which import percent
from delivery.rules.facts import Facts
from delivery.rules.plan import Plan, plan
from delivery.rules.precedence import precedence
from delivery.rules.visitors import DOWNLOADS

Reach = frozenset[tuple[str, str]]  # (channel, version)
Way = Callable[[Ground], Sequence[Edit]]
Shares = Mapping[tuple[str, str], int]  # (channel, version) -> whole percent


class NothingToUndo(Exception):  # noqa: N818 - what was found
    """The change let nobody have more, or that is taken back already: the text says which. `remains` as in Undone."""

    def __init__(self, says: str, remains: Iterable[str] = ()) -> None:
        super().__init__(says)
        self.remains = tuple(remains)


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
    made = plan(*changed.catalogs, ground.now, ground.facts.policy.value)
    task, remains = _Task.of(changed, ground), tuple(_remains(made))
    if not task.widened:
        ways = (*made.reverse, *_unfrozen(changed, ground.facts))
        raise NothingToUndo("; to take that back: ".join(("it offers nobody more", *ways)), remains)
    edits: list[Edit] = []
    for channel in sorted({channel for channel, _ in task.widened}):
        taken = task.least(ground, channel, at, reason)
        edits += taken
        ground = _on(ground, taken)
    if not edits:
        raise NothingToUndo("what it let reach more is taken back already", remains)
    return Undone(tuple(edits), remains)


@dataclass(frozen=True, slots=True)
class _Task:
    """What must be so at the end: of what the change `widened`, and of all that no later change did, `before` counts.

    `shares` are the percents that rollouts would be at without the change, `moved` those whose own lines it added to,
    `freed` the stops that it lifted, `later` what reaches more by later changes.
    """

    before: Table
    live: Table
    environment: str
    widened: Reach
    shares: Shares
    moved: Reach
    freed: tuple[Stopped, ...]
    later: Reach
    now: datetime

    @classmethod
    def of(cls, changed: Changed, ground: Ground) -> "_Task":
        before, after = changed.catalogs
        old, new, live = compile(before), compile(after), compile(assemble(ground.facts, changed.environment))
        known = frozenset(before.offerings)
        moved = frozenset((each.channel, each.version) for each in after.offerings if each not in known)
        scopes = {(each.channel, each.versions) for each in after.stops}
        freed = tuple(each for each in before.stops if (each.channel, each.versions) not in scopes)
        widened = reach(old, new, ground.now)
        later = reach(new, live, ground.now) - widened
        shares = _shares(changed.before, ground.now)
        return cls(old, live, changed.environment, widened, shares, moved, freed, later, ground.now)

    def least(self, ground: Ground, channel: str, at: datetime, reason: str) -> Sequence[Edit]:
        """The first way after which it is so; no edit where it is so already."""
        refused: EditRefused | None = None
        for way in self._ways(channel, at, reason):
            try:
                edits = way(ground)
            except EditRefused as error:
                refused = refused or error
                continue
            if self._is_so(_on(ground, edits).facts, channel):
                return edits
        raise refused or AssertionError(f"a stop of {channel} offers nothing, and yet somebody is offered more")

    def _ways(self, channel: str, at: datetime, reason: str) -> Iterator[Way]:
        """The less one takes away the earlier."""

        def stopped(versions: Sequence[str] | None) -> Way:
            return lambda ground: (verbs.stop(ground, channel, at, reason, versions=versions),)

        def held(at_0: Sequence[str]) -> Way:
            def hold(ground: Ground, version: str) -> Edit:
                name = channel, version
                earlier = 0 if version in at_0 else self.shares.get(name, 0)
                share = min(earlier, _shares(ground.facts, at)[name])
                return verbs.hold(ground, channel, at, reason, share=share, version=version)

            return lambda ground: _each(ground, versions, hold)

        versions = sorted({version for name, version in self.widened if name == channel}, key=precedence)
        yield lambda _: ()
        yield from (stopped(each.versions) for each in self.freed if each.channel == channel)
        if all((channel, version) in self.moved for version in versions):
            # a hold ends manual checks, which may uncover a lower version that only some may have
            yield from (held(versions[:lowest]) for lowest in range(len(versions) + 1))
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


def _shares(facts: Facts, at: datetime) -> Shares:
    """The whole percent that each rollout has reached, at most."""
    rollouts = facts.rollouts.values()
    return {(filed.value.channel, filed.value.version): int(percent(filed, at)) for filed in rollouts}


def _unfrozen(changed: Changed, now: Facts) -> Iterator[str]:
    """The way back of freezes, which are in no catalog: words as those of `reverse`."""
    before, after, left = (
        {name for name, filed in facts.freezes.items() if filed.value.lifted is None}
        for facts in (changed.before, changed.after, now)
    )
    yield from (f'./inv lift freeze {name} --reason "…"' for name in sorted((after - before) & left))
    for name in sorted(before - after):
        yield f"write the freeze {name} again, in a new file: what is lifted stays so"


def _remains(made: Plan) -> Iterator[str]:
    """What a change did besides offers to installations, which no stop reaches."""
    for each in made.downloads:
        if DOWNLOADS.index(each.after) < DOWNLOADS.index(each.before):
            yield f"the files of {each.version} can be downloaded again, where they were {each.before}"
    if made.variants or made.edited:
        yield "flags say something else than before: set them back, or conclude the experiment"
