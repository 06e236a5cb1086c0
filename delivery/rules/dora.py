"""How well changes go: DORA's four figures, from what git, the ledger and the live heads have recorded.

Only changes of facts that did something to users count, from the merge on. Each figure says of how many changes it was
taken: what is not recorded is None, never 0. What stands for what is in docs/audit.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median

from delivery.rules.head import Head
from delivery.rules.ledger import Record, Why
from delivery.rules.plan import Effect

REVERTED = "reverted"
_OFFERED = (Effect.next_step.value, Effect.wider.value)
_MET = (Effect.narrower.value, *_OFFERED)
_FAILED = (Why.held, Why.stopped, Why.withdrawn)
_AWAY = (*_FAILED, Why.superseded)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A commit on main that changed facts. `written` is when its work began, `at`, never earlier, when it was merged.

    `live` is when the head was signed that made it true, as far as heads are kept. `effect` is an Effect's word, or
    another where facts cannot be read. `reverts` are the earlier changes that it says it reverts.
    """

    commit: str
    written: datetime
    at: datetime
    live: datetime | None
    effect: str
    reverts: tuple[str, ...] = ()

    @property
    def lead(self) -> timedelta | None:
        """From the merge until it was live, where that is recorded; nothing is live before it is merged."""
        return max(self.live - self.at, timedelta()) if self.live else None

    @property
    def is_met(self) -> bool:
        """Whether users meet it."""
        return self.effect in _MET

    @property
    def offers(self) -> bool:
        """Whether it offered something to somebody, so that it could be taken back."""
        return self.effect in _OFFERED


@dataclass(frozen=True, slots=True)
class Braked:
    """A use of the brake that a merged stop tells of: pulled `at`, in git since the merge `commit`."""

    halt: str
    channel: str
    versions: tuple[str, ...] | None
    at: datetime
    reason: str
    fact: str
    commit: str
    merged: datetime
    lifted: datetime | None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A change that went wrong: users met it from `began` until the merge `by`. `braked`: they were spared since then.

    `how` is the ledger's word for what became of its offer, or `reverted`.
    """

    change: str
    began: datetime
    by: str
    at: datetime
    how: str
    braked: datetime | None = None

    @property
    def lasted(self) -> timedelta:
        """From the brake, where one was pulled, else from the change, to the merge that took it back."""
        return max(self.at - (self.braked or self.began), timedelta())


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations of `known` changes out of `all`: the middle one and the longest."""

    middle: timedelta
    longest: timedelta
    known: int
    all: int


@dataclass(frozen=True, slots=True)
class Dora:
    """The figures of a window.

    `recent` are those that offered something so lately that it may yet be taken back, and was not.
    """

    days: float | None
    deployments: int
    per_week: float | None
    to_merge: Spread | None
    to_live: Spread | None
    offered: int
    failed: int
    recent: int
    failure_rate: float | None
    to_restore: Spread | None


def live_since(line: Sequence[str], heads: Iterable[Head]) -> Mapping[str, datetime]:
    """When commits went live: with the first head that was signed for them or for a later one, with another catalog.

    `line` is main's, oldest first. Before the oldest head that is kept nothing is known, so that one tells of nothing;
    and a head for a commit that is not on the line (an amended one, on a laptop) of none either.
    """
    place = {commit: number for number, commit in enumerate(line)}
    kept = sorted((head for head in heads if head.commit in place), key=lambda head: head.serial)
    found: dict[str, datetime] = {}
    for before, after in pairwise(kept):
        if before.sha256 != after.sha256:
            between = line[place[before.commit] + 1 : place[after.commit] + 1]
            found |= {commit: after.issued for commit in between if commit not in found}
    return found


def taken_back(
    changes: Sequence[Change], records: Iterable[Record], brakes: Iterable[Braked], within: timedelta
) -> tuple[TakenBack, ...]:
    """Which of these changes went wrong, each once, by what first took it back; in the order of main.

    `changes` come in that order, and it alone says what is later: clocks do not. Where a merge takes several offers of
    a channel back, it is the newest of them that went wrong.
    """
    place = {change.commit: number for number, change in enumerate(changes)}
    pulled = {(brake.commit, brake.channel): brake.at for brake in brakes}
    found: dict[str, TakenBack] = {}
    for each in sorted(
        [*_by_ledger(changes, place, records, pulled), *_by_revert(changes, place)],
        key=lambda each: (place[each.by], each.how != REVERTED),
    ):
        if each.at - each.began <= within:
            found.setdefault(each.change, each)
    return tuple(sorted(found.values(), key=lambda each: place[each.change]))


def figures(
    changes: Sequence[Change],
    taken: Iterable[TakenBack],
    since: datetime | None,
    until: datetime,
    now: datetime,
    within: timedelta,
) -> Dora:
    """Of the changes merged from `since` on (None: from the first) and before `until`, by all that is known `now`."""
    window = [change for change in changes if (since is None or since <= change.at) and change.at < until]
    met = [change for change in window if change.is_met]
    offered = {change.commit: change for change in met if change.offers}
    wrong = [each for each in taken if each.change in offered]
    gone = {each.change for each in wrong}
    start = since or min((change.at for change in window), default=None)
    days = None if start is None else max((min(until, now) - start) / _DAY, 1.0)
    return Dora(
        days=days,
        deployments=len(met),
        per_week=None if days is None else len(met) * 7 / days,
        to_merge=_spread([change.at - change.written for change in met], len(met)),
        to_live=_spread([change.lead for change in met if change.lead is not None], len(met)),
        offered=len(offered),
        failed=len(wrong),
        recent=sum(now - change.at < within for name, change in offered.items() if name not in gone),
        failure_rate=len(wrong) / len(offered) if offered else None,
        to_restore=_spread([each.lasted for each in wrong], len(wrong)),
    )


# --- what went wrong ----------------------------------------------------------------------------------------------


def _by_ledger(
    changes: Sequence[Change],
    place: Mapping[str, int],
    records: Iterable[Record],
    pulled: Mapping[tuple[str, str], datetime],
) -> Iterator[TakenBack]:
    """Offers that ended by a hold, a stop or a withdrawal; of a channel and a merge the newest."""
    ended: dict[tuple[str, str], tuple[Record, Record]] = {}
    for before, after in _ends(records):
        if before.commit in place and after.commit in place:
            key = after.commit, after.channel
            if key not in ended or _when(ended[key][0], place) < _when(before, place):
                ended[key] = before, after
    for (by, channel), (before, after) in ended.items():
        brake = pulled.get((by, channel))
        if brake and brake < before.start:
            brake = None  # pulled before this was offered, so for something else
        yield TakenBack(before.commit, before.start, by, changes[place[by]].at, after.state.why.value, brake)


def _when(record: Record, place: Mapping[str, int]) -> tuple[datetime, int]:
    return record.start, place[record.commit]


def _ends(records: Iterable[Record]) -> Iterator[tuple[Record, Record]]:
    """What was offered, and what ended it."""

    def name(record: Record) -> tuple[str, str]:
        return record.channel, record.version

    for _, some in groupby(sorted(records, key=lambda record: (*name(record), record.start)), key=name):
        for before, after in pairwise(some):
            if after.state.why in _FAILED and before.state.permille and before.state.why not in _AWAY:
                yield before, after


def _by_revert(changes: Sequence[Change], place: Mapping[str, int]) -> Iterator[TakenBack]:
    """Changes that a later one says it reverts. What comes of that one is its own story."""
    for change in changes:
        for other in change.reverts:
            if place.get(other, len(changes)) < place[change.commit]:
                began = changes[place[other]].at
                yield TakenBack(other, began, change.commit, max(change.at, began), REVERTED)


def _spread(found: Sequence[timedelta], all_: int) -> Spread | None:
    if not found:
        return None
    middle = timedelta(seconds=median(each.total_seconds() for each in found))
    return Spread(middle, max(found), len(found), all_)
