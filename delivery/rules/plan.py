"""What a change does to users, as a value: what is printed, approved and applied is this.

Compares catalogs, never files: `compare` finds who gets another answer, this module says what that amounts to.
Renders nothing (`present` does) and refuses nothing (`check` does).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from delivery.rules.catalog import Catalog, Offering, sha256, to_bytes
from delivery.rules.compare import LOWEST, Change, Move, compare
from delivery.rules.compile import NEXT, Table, compile
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Policy
from delivery.rules.precedence import precedence
from delivery.rules.timeline import Stage, Waiting


class Effect(StrEnum):
    """What a change does to users, which says how many must approve it."""

    none = "none"  # nobody is offered anything else
    narrower = "narrower"  # proved: see `compare`
    next_step = "next-step"  # one gated step of one rollout takes effect, by its pass
    wider = "wider"


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that must hold for every client, and whether it does."""

    what: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """A gated step that this change writes or leaves without its pass: the rollout stays at `stays` percent."""

    channel: str
    version: str
    stays: float
    percent: int
    gate: str
    fact: str


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What a client without a cohort gets on these targets right now, below all versions.

    The static manifests and new visitors get the same.
    """

    channel: str
    cells: tuple[tuple[str, str], ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """See the module. `before` and `after` are the sha256 of the catalogs; `reverse` says how to undo, by adding."""

    environment: str
    now: datetime
    before: str | None
    after: str
    cells: Mapping[str, tuple[tuple[str, str], ...]]  # of each channel: all there are, to say "all targets"
    changes: tuple[Change, ...]
    newcomers: tuple[Newcomers, ...]
    promises: tuple[Promise, ...]
    waiting: tuple[Wait, ...]
    effect: Effect
    approvals: int
    reverse: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """True when nobody is offered anything else, though the catalog's bytes may differ."""
        return not self.changes


def plan(before: Catalog | None, after: Catalog, now: datetime, policy: Policy) -> Plan:
    """What becomes of users when `after` takes the place of `before` (None: of nothing) at `now`."""
    old = before or _nothing(after)
    tables = compile(old), compile(after)
    changes = compare(*tables, now)
    promises = tuple(_promises(old, after, changes))
    effect = _effect(old, after, changes, all(promise.kept for promise in promises))
    return Plan(
        environment=after.environment,
        now=now,
        before=sha256(to_bytes(before)) if before else None,
        after=sha256(to_bytes(after)),
        cells={channel: _cells(tables, channel) for channel in sorted({change.channel for change in changes})},
        changes=changes,
        newcomers=tuple(_newcomers(tables, changes, now)),
        promises=promises,
        waiting=tuple(_waiting(old, after)),
        effect=effect,
        approvals=_approvals(policy, effect),
        reverse=tuple(_reverse(old, after, changes)),
    )


def _nothing(like: Catalog) -> Catalog:
    return replace(like, channels=(), releases={}, offerings=(), withdrawals=(), stops=())


def _cells(tables: tuple[Table, Table], channel: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({key[1:] for table in tables for key in table.cells if key[0] == channel}))


def _moves(changes: Sequence[Change]) -> Iterator[tuple[str, Move]]:
    return ((change.channel, move) for change in changes for move in change.moves)


# --- promises -----------------------------------------------------------------------------------------------------


def _promises(before: Catalog, after: Catalog, changes: Sequence[Change]) -> Iterator[Promise]:
    offered = {(offering.channel, offering.version) for offering in after.offerings}
    arrivals = [(channel, move, move.after) for channel, move in _moves(changes) if move.after]
    yield Promise(
        "nobody is downgraded",
        all(precedence(version) >= precedence(move.clients.below) for _, move, version in arrivals),
    )
    yield Promise(
        "nobody crosses channels",
        all((channel.removesuffix(NEXT), version) in offered for channel, _, version in arrivals),
    )
    yield Promise(
        "nothing published changes",
        all(after.releases.get(name) == release for name, release in before.releases.items()),
    )


# --- effect -------------------------------------------------------------------------------------------------------


def _effect(before: Catalog, after: Catalog, changes: Sequence[Change], promises_kept: bool) -> Effect:
    wider = _wider(changes)
    if not promises_kept:
        return Effect.wider
    if not changes:
        return Effect.none
    if not wider:
        return Effect.narrower
    return Effect.next_step if len(wider) == 1 and _is_next_step(before, after, *wider) else Effect.wider


def _wider(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """The rollouts (channel, version) that someone gets who could not."""
    found = {(channel, move.after) for channel, move in _moves(changes) if move.wider and move.after}
    return sorted(found, key=lambda pair: (pair[0], precedence(pair[1])))


def _is_next_step(before: Catalog, after: Catalog, name: tuple[str, str]) -> bool:
    """True when all that differs is that the first waiting step of this rollout got its pass."""
    old, new = _offerings(before).get(name), _offerings(after).get(name)  # <channel>-next has none
    if old is None or new is None or not old.waiting:
        return False
    known = len(old.stages)
    return (
        old.salt == new.salt
        and _bare(new.stages[:known]) == _bare(old.stages)
        and [stage.permille for stage in new.stages[known:]] == [10 * old.waiting[0].percent]
        and _bare(new.waiting) == _bare(old.waiting[1:])
    )


def _approvals(policy: Policy, effect: Effect) -> int:
    asked = policy.approvals
    return {Effect.next_step: asked.next_step, Effect.wider: asked.wider}.get(effect, asked.narrower)


def _offerings(catalog: Catalog) -> dict[tuple[str, str], Offering]:
    return {(offering.channel, offering.version): offering for offering in catalog.offerings}


def _bare(lines: Sequence[Stage] | Sequence[Waiting]) -> list[Stage | Waiting]:
    """Without the places they stand at."""
    return [replace(line, fact="") for line in lines]


# --- what else people ask -----------------------------------------------------------------------------------------


def _newcomers(tables: tuple[Table, Table], changes: Sequence[Change], now: datetime) -> Iterator[Newcomers]:
    for channel in sorted({change.channel for change in changes}):
        groups: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
        for target, bundle in _cells(tables, channel):
            request = Request(channel, target, bundle, LOWEST)
            old, new = (decide(table, request, now) for table in tables)
            answers = tuple(said.version if isinstance(said, Offer) else None for said in (old, new))
            groups.setdefault((answers[0], answers[1]), []).append((target, bundle))
        for (was, becomes), cells in groups.items():
            yield Newcomers(channel, tuple(cells), was, becomes)


def _waiting(before: Catalog, after: Catalog) -> Iterator[Wait]:
    """The first waiting step of each rollout that this change touches."""
    known = _offerings(before)
    for name, new in _offerings(after).items():
        old = known.get(name)
        touched = old is None or (_bare(old.stages), _bare(old.waiting)) != (_bare(new.stages), _bare(new.waiting))
        if touched and new.waiting:
            first = new.waiting[0]
            stays = new.stages[-1].percent if new.stages else 0
            yield Wait(*name, stays, first.percent, first.gate, first.fact)


def _reverse(before: Catalog, after: Catalog, changes: Sequence[Change]) -> Iterator[str]:
    """How to undo it: by adding, since nothing merged is ever deleted."""
    for channel, version in _wider(changes):
        yield f'./inv hold {channel} --version {version} --reason "…"'
    known = _offerings(before)
    for name, new in _offerings(after).items():
        old = known.get(name)
        if old and new.stages and new.stages[-1].held and _bare(new.stages) != _bare(old.stages):
            path = new.fact.rpartition(":")[0]
            yield f"add a line `resume:` to {path}"
    if len(after.withdrawals) > len(before.withdrawals) or len(after.stops) > len(before.stops):
        yield "ship a mended version: nothing else undoes a withdrawal or a stop"
