"""What a change does to users, as a value: what is printed, approved and applied is this.

Compares catalogs, never files: `compare` finds who gets another answer, this module says what that amounts to.
Renders nothing (`present` does) and refuses nothing (`check` does).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from delivery.rules.across import Question, differences
from delivery.rules.brake import Ended, ended
from delivery.rules.burden import Active, Burden, burdens
from delivery.rules.catalog import Catalog, Offering, Told, sha256, to_bytes
from delivery.rules.compare import Answer, Change, Move, alike, compare
from delivery.rules.compile import NEXT, Table, compile
from delivery.rules.edges import Edges, edges
from delivery.rules.facts import Policy
from delivery.rules.flags import Edited, Variant, compare_flags, edited
from delivery.rules.precedence import precedence
from delivery.rules.promises import STRANDED, Crossing, Promise, Stuck, crossings, promises, stuck
from delivery.rules.reverse import reverse
from delivery.rules.timeline import Stage, Waiting
from delivery.rules.visitors import DOWNLOADS, Downloads, Newcomers, downloads, newcomers


class Effect(StrEnum):
    """What a change does to users, which says how many must approve it."""

    none = "none"  # nobody is offered anything else
    narrower = "narrower"  # proved: see `compare`
    next_step = "next-step"  # one gated step of one rollout takes effect, by its pass
    wider = "wider"


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
class Plan:
    """See the module. `before` and `after` are the sha256 of the catalogs; `reverse` says how to undo, by adding.

    `changes` are of installations as they are; `ahead` those on <channel>-next, where only those are who asked to be;
    `after_failure` those that report a failed install, where they get something else than the others. `ended` are halts
    of the brake of which the facts speak from then on. `offices` are the time zones to say moments in, besides UTC.
    `hash` names all that the plan is of: both catalogs, the version of the code, and every moment that they speak of;
    when it was made is no part of it. `why` are the reasons of `approvals` where somebody counted them
    (`rules.approvals`).
    """

    environment: str
    now: datetime
    before: str | None
    after: str
    hash: str
    cells: Mapping[str, tuple[tuple[str, str], ...]]  # of each channel: all there are, to say "all targets"
    versions: tuple[str, ...]  # all that were ever built, lowest first
    changes: tuple[Change, ...]
    ahead: tuple[Change, ...]
    after_failure: tuple[Change, ...]
    newcomers: tuple[Newcomers, ...]
    downloads: tuple[Downloads, ...]
    variants: tuple[Variant, ...]
    edited: tuple[Edited, ...]
    notices: tuple[tuple[Told | None, Told | None], ...]  # before, after
    edges: tuple[Edges, ...]
    crossings: tuple[Crossing, ...]
    stuck: tuple[Stuck, ...]
    promises: tuple[Promise, ...]
    ended: tuple[Ended, ...]
    waiting: tuple[Wait, ...]
    burdens: tuple[Burden, ...]
    effect: Effect
    approvals: int
    reverse: tuple[str, ...]
    offices: Mapping[str, str] = field(default_factory=dict)
    why: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nobody is offered or told anything else, though the catalog's bytes may differ."""
        return not any((*self.moves, *self.others))

    @property
    def moves(self) -> tuple[Change, ...]:
        """All changes of answers."""
        return (*self.changes, *self.ahead, *self.after_failure)

    @property
    def others(self) -> tuple[object, ...]:
        """What changes besides answers."""
        visitors = tuple(each for each in self.newcomers if each.before != each.after)
        return (*visitors, *self.downloads, *self.variants, *self.edited, *self.notices, *self.ended)


def plan(
    before: Catalog | None,
    after: Catalog,
    now: datetime,
    policy: Policy,
    *,
    base: Policy | None = None,
    offices: Mapping[str, str] | None = None,
    code: str = "",
    active: Active | None = None,
    answers: Mapping[Question, Answer] | None = None,
) -> Plan:
    """What becomes of users when `after` takes the place of `before` (None: of nothing) at `now`.

    Approvals are counted by the policy of the `base` too, if there is one: whichever asks for more. `code` names the
    version of the code that decides; `active` are installations, where telemetry knows them. `answers` are those of
    the base's facts by the base's own code, where code changed (see `across`); then every cell is compared.
    """
    old = before or _nothing(after)
    channels = _touched(old, after) if answers is None else frozenset((*old.channels, *after.channels))
    tables = compile(_only(old, channels)), compile(_only(after, channels))
    changes = compare(*tables, now) if answers is None else differences(*tables, now, answers)
    groups = alike(*tables, now)
    cells = {channel: _cells(tables, channel) for channel in sorted(channels)}
    digests = sha256(to_bytes(before)) if before else None, sha256(to_bytes(after))
    others = stuck(*tables, groups, now)
    plain = tuple(each for each in changes if not each.is_ahead and each.failed is None)
    made = Plan(
        environment=after.environment,
        now=now,
        before=digests[0],
        after=digests[1],
        hash=_hash(*digests, code, tables),
        cells={**cells, **{channel + NEXT: those for channel, those in cells.items()}},
        versions=tuple(sorted({*old.releases, *after.releases}, key=precedence)),
        changes=plain,
        ahead=tuple(each for each in changes if each.is_ahead and each.failed is None),
        after_failure=tuple(each for each in changes if each.failed is not None),
        newcomers=newcomers(*tables, groups, now),
        downloads=downloads(old, after),
        variants=compare_flags(old, after, now),
        edited=edited(old, after),
        notices=tuple(_notices(old, after)),
        edges=edges(old, after),
        crossings=crossings(plain, {*old.releases, *after.releases}),
        stuck=others,
        promises=tuple(promises(old, after, changes, others)),
        ended=ended(before, after),
        waiting=tuple(_waiting(old, after)),
        burdens=burdens(plain, after, cells, active),
        effect=Effect.none,
        approvals=0,
        reverse=(),
        offices=offices or {},
    )
    effect = _effect(old, after, made)
    approvals = max(_approvals(each, effect) for each in (base, policy) if each)
    return replace(made, effect=effect, approvals=approvals, reverse=tuple(reverse(old, after, _wider(made.moves))))


def _nothing(like: Catalog) -> Catalog:
    """A catalog without facts; what is built and where is the same."""
    return Catalog(like.schema, (), like.product, like.environment, like.targets, (), {}, (), (), ())


def _touched(before: Catalog, after: Catalog) -> frozenset[str]:
    """The channels in which anything differs that decides; all of them where it belongs to none."""
    shared = [(side.targets, side.barriers, side.deadends, side.blocks) for side in (before, after)]
    both = before.releases.keys() & after.releases.keys()
    if shared[0] != shared[1] or any(before.releases[name] != after.releases[name] for name in both):
        return frozenset((*before.channels, *after.channels))
    old, new = (_by_channel(side) for side in (before, after))
    return frozenset(channel for channel in old.keys() | new.keys() if old.get(channel) != new.get(channel))


def _by_channel(catalog: Catalog) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {channel: [] for channel in catalog.channels}
    for kind in (catalog.offerings, catalog.withdrawals, catalog.stops, catalog.experiments):
        for each in kind:
            found.setdefault(each.channel, []).append(each)
    return found


def _only(catalog: Catalog, channels: frozenset[str]) -> Catalog:
    """The catalog without the rollouts of other channels."""
    return replace(catalog, offerings=tuple(each for each in catalog.offerings if each.channel in channels))


def _cells(tables: tuple[Table, Table], channel: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({key[1:] for table in tables for key in table.cells if key[0] == channel}))


def _hash(before: str | None, after: str, code: str, tables: tuple[Table, Table]) -> str:
    moments = sorted({moment for table in tables for cell in table.cells.values() for moment in cell.boundaries})
    times = [datetime.fromtimestamp(moment, UTC).isoformat() for moment in moments]
    return hashlib.sha256(json.dumps([before, after, code, times]).encode()).hexdigest()


# --- effect -------------------------------------------------------------------------------------------------------


def _effect(before: Catalog, after: Catalog, made: Plan) -> Effect:
    wider = _wider(made.moves)
    broken = [promise for promise in made.promises if not promise.kept and promise.what != STRANDED]
    if broken or _is_otherwise_wider(made):  # who is stranded gets less: no brake waits for a second approval
        return Effect.wider
    if made.is_empty:
        return Effect.none
    if not made.moves and any(not each.stays for each in made.ended):
        return Effect.wider  # these facts take nothing away that could speak for it
    if not any(move.wider for change in made.moves for move in change.moves):
        return Effect.narrower
    return Effect.next_step if len(wider) == 1 and _is_next_step(before, after, *wider) else Effect.wider


def _is_otherwise_wider(made: Plan) -> bool:
    """Whether others than installations get more: visitors, or those who get another variant of a flag."""
    freed = any(DOWNLOADS.index(each.after) < DOWNLOADS.index(each.before) for each in made.downloads)
    return (
        freed or any(each.is_wider for each in made.newcomers if not made.changes) or bool(made.variants or made.edited)
    )


def _wider(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """The rollouts (channel, version) that someone gets who could not."""
    moves: Iterator[tuple[str, Move]] = (
        (each.channel.removesuffix(NEXT), move) for each in changes for move in each.moves
    )
    found = {(channel, move.after) for channel, move in moves if move.wider and move.after}
    return sorted(found, key=lambda pair: (pair[0], precedence(pair[1])))


def _is_next_step(before: Catalog, after: Catalog, name: tuple[str, str]) -> bool:
    """True when all that differs is that the first waiting step of this rollout got its pass."""
    old, new = _offerings(before).get(name), _offerings(after)[name]
    if old is None or not old.waiting:
        return False
    known = len(old.stages)
    rest = {"stages": (), "waiting": (), "fact": "", "began": None}
    return (
        replace(old, **rest) == replace(new, **rest)  # type: ignore[arg-type]
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


def _lines(offering: Offering) -> tuple[object, ...]:
    return _bare(offering.stages), _bare(offering.waiting)


# --- what else people ask -----------------------------------------------------------------------------------------


def _notices(before: Catalog, after: Catalog) -> Iterator[tuple[Told | None, Told | None]]:
    old, new = ({each.name: replace(each, fact="") for each in side.notices} for side in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield old.get(name), new.get(name)


def _waiting(before: Catalog, after: Catalog) -> Iterator[Wait]:
    """The first waiting step of each rollout that this change touches."""
    known = _offerings(before)
    for name, new in _offerings(after).items():
        old = known.get(name)
        if new.waiting and (old is None or _lines(old) != _lines(new)):
            first = new.waiting[0]
            stays = new.stages[-1].percent if new.stages else 0
            yield Wait(*name, stays, first.percent, first.gate, first.fact)
