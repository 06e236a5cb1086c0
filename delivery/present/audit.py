"""An audit for a terminal and for machines: who stands behind each change, the brake, and DORA's figures.

What is not recorded is said to be so, in words for people and as null for machines; it is never 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.text import Text

from delivery.present import chronicle, words
from delivery.present.chronicle import Row
from delivery.rules.dora import Braked, Change, Dora, Spread, TakenBack

UNKNOWN = "not recorded"
PROXIES = (
    "A deployment is a commit on main that changed facts and what users are offered; code and platform are not in it.",
    "Who approved is what the trailers of main's commit say; git keeps no proof of it.",
    "Commit is the author's time of the oldest commit that a merge brought in, merge the committer's time of main's "
    "commit, live the time at which the head was signed that made it true; caches follow within seconds.",
    "A change failed if its offer was held, stopped, withdrawn or reverted in time. Where an offer had several steps, "
    "the one in force failed. A good change that was taken back counts, a bad one that nobody took back does not.",
    "Restored is from the moment at which users met the change, or the brake was pulled, to the merge that took it "
    "back. Where the brake was pulled, users were spared since then.",
)


@dataclass(frozen=True, slots=True)
class People:
    """Who stands behind a change. `approved_by` is None where that is not recorded, empty where it was nobody."""

    authors: tuple[str, ...]
    committer: str
    proposal: int | None = None
    requested_by: tuple[str, ...] = ()
    approved_by: tuple[str, ...] | None = None
    reviewed_by: tuple[str, ...] = ()
    co_authored_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """One change of facts: what it did, who stands behind it, its times, and what took it back."""

    row: Row
    people: People
    change: Change
    taken: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What was merged to `ref`, at `commit`, from `since` on (None: from the first change) and before `until`.

    The newest come first.
    `within`: in so long a change must be taken back to have failed. `live` says where the times come from.
    """

    ref: str
    commit: str
    since: datetime | None
    until: datetime
    channel: str
    environment: str
    within: timedelta
    live: str
    changes: tuple[Audited, ...]
    brakes: tuple[Braked, ...]
    dora: Dora

    @property
    def title(self) -> str:
        """Which audit this is."""
        of = f" of {self.channel}" if self.channel else ""
        since = words.moment(self.since) if self.since else "the first change"
        where = f"{self.environment}, {self.ref} at {self.commit[:12]}"
        return f"Audit{of}, {where}: {since} to {words.moment(self.until)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in words, and what it was taken of."""

    name: str
    value: str
    of: str


def terminal(audit: Audit) -> Text:
    """Changes, the brake and the figures, as people read them."""
    lines = [Text(audit.title, "bold"), Text()]
    for each in audit.changes:
        lines += [*chronicle.told(each.row), *(Text(f"    {line}") for line in about(each))]
    lines += [Text(words.counted(len(audit.changes), "change"), "dim"), Text(), Text("The brake", "bold")]
    for brake in audit.brakes:
        lines += [Text(f"  {pulled(brake)}"), *(Text(f"    {line}") for line in became(brake))]
    lines.append(Text(f"  {uses(audit)}", "dim"))
    lines += [Text(), Text("How changes go (DORA)", "bold")]
    lines += [Text(f"  {each.name}: {each.value}; {each.of}") for each in figures(audit)]
    lines += [Text(f"  {audit.live}", "dim"), Text(), Text("What stands for what", "bold")]
    return Text("\n").join([*lines, *(Text(f"  {each}", "dim") for each in PROXIES)])


def machine(audit: Audit) -> dict[str, Any]:
    """The same for machines: durations in seconds, null for what is not recorded."""
    return {
        "environment": audit.environment,
        "ref": audit.ref,
        "commit": audit.commit,
        "channel": audit.channel or None,
        "since": audit.since.isoformat() if audit.since else None,
        "until": audit.until.isoformat(),
        "within_days": audit.within.days,
        "changes": [_change(each) for each in audit.changes],
        "brake": [_brake(each) for each in audit.brakes],
        "dora": _dora(audit.dora),
        "live": audit.live,
        "proxies": list(PROXIES),
    }


# --- in words -----------------------------------------------------------------------------------------------------


def about(each: Audited) -> Iterator[str]:
    """What is known of a change beyond its row, a line each."""
    yield "; ".join(f"{role} {names}" for role, names in roles(each.people))
    lead = each.change.lead
    live = f"time to live {UNKNOWN}" if lead is None else f"live {lasted(lead)} after it"
    yield f"written {lasted(each.change.at - each.change.written)} before the merge; {live}"
    if each.taken:
        yield taken(each.taken)


def roles(people: People) -> Iterator[tuple[str, str]]:
    """Each role and who had it."""
    yield "by", words.listed(people.authors)
    yield "requested by", words.listed(people.requested_by) if people.requested_by else UNKNOWN
    yield "approved by", _approvers(people)
    if people.reviewed_by:
        yield "reviewed by", words.listed(people.reviewed_by)
    if people.co_authored_by:
        yield "co-authored by", words.listed(people.co_authored_by)
    yield "merged by", people.committer + (f" as proposal {people.proposal}" if people.proposal is not None else "")


def taken(back: TakenBack) -> str:
    """How a change ended."""
    since = "the brake was pulled" if back.braked else "users met it"
    return f"{back.how} by {back.by[:12]}, {lasted(back.lasted)} after {since}"


def pulled(brake: Braked) -> str:
    """What was halted, since when, and why."""
    what = brake.channel if brake.versions is None else f"{words.listed(brake.versions)} on {brake.channel}"
    return f"{words.moment(brake.at)}: {what} halted: {brake.reason}"


def became(brake: Braked) -> Iterator[str]:
    """The fact of a halt, and how it ended."""
    yield f"{brake.fact}, merged {lasted(max(brake.merged - brake.at, timedelta()))} later by {brake.commit[:12]}"
    yield f"lifted {words.moment(brake.lifted)}" if brake.lifted else "in force"


def uses(audit: Audit) -> str:
    """How often it was pulled, as far as facts tell, and where to look for the others."""
    others = f"./inv halts --environment {audit.environment} says which wait for their fact"
    return f"{words.counted(len(audit.brakes), 'use')} that facts tell of; {others}"


def figures(audit: Audit) -> tuple[Figure, ...]:
    """DORA's figures in words."""
    dora, within = audit.dora, words.counted(audit.within.days, "day")
    of = "" if dora.days is None else f" in {lasted(timedelta(days=dora.days))}"
    rate = "no change offered anything" if dora.failure_rate is None else f"{dora.failure_rate:.0%}"
    return (
        Figure(
            "deployment frequency",
            "no change yet" if dora.per_week is None else f"{dora.per_week:.1f} a week",
            f"{words.counted(dora.deployments, 'change')}{of}",
        ),
        Figure("lead time, commit to merge", *_spread(dora.to_merge, UNKNOWN, "changes", dora.deployments)),
        Figure("lead time, merge to live", *_spread(dora.to_live, UNKNOWN, "changes", dora.deployments)),
        Figure(
            "change failure rate",
            rate,
            f"{dora.failed} of {dora.offered} that offered something, taken back within {within}"
            + _recent(dora.recent),
        ),
        Figure("time to restore", *_spread(dora.to_restore, "nothing was taken back", "taken back", dora.failed)),
    )


def lasted(span: timedelta) -> str:
    """45 s, 12 min, 3 h 5 min, 2 d 4 h: two units at most, the smaller one rounded down."""
    seconds = int(span.total_seconds())
    for size, unit, less, small in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            rest = seconds % size // less
            return f"{seconds // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def _recent(number: int) -> str:
    if not number:
        return ""
    of_them = "1 more is so recent that it" if number == 1 else f"{number} more are so recent that they"
    return f"; {of_them} may yet be taken back"


def _approvers(people: People) -> str:
    if people.approved_by is None:
        return UNKNOWN
    own = {_name(each) for each in (*people.authors, *people.requested_by)}
    named = [f"{each} (their own)" if _name(each) in own else each for each in people.approved_by]
    return words.listed(named) if named else "nobody"


def _name(person: str) -> str:
    """A name without its address: who approves what they wrote may be spelled in both ways."""
    return person.partition("<")[0].strip().casefold()


def _spread(spread: Spread | None, none: str, of: str, all_: int) -> tuple[str, str]:
    if spread is None:
        return none, f"0 of {all_} {of}"
    said = f"median {lasted(spread.middle)}, longest {lasted(spread.longest)}"
    return said, f"{spread.known} of {spread.all} {of}"


# --- for machines -------------------------------------------------------------------------------------------------


def _change(each: Audited) -> dict[str, Any]:
    people, change = each.people, each.change
    (row,) = chronicle.history_json([each.row])["history"]
    return {
        **row,
        "authors": list(people.authors),
        "committer": people.committer,
        "proposal": people.proposal,
        "requested_by": _people(people.requested_by),
        "approved_by": None if people.approved_by is None else list(people.approved_by),
        "reviewed_by": list(people.reviewed_by),
        "co_authored_by": list(people.co_authored_by),
        "written": change.written.isoformat(),
        "live": change.live.isoformat() if change.live else None,
        "commit_to_merge": _seconds(change.at - change.written),
        "merge_to_live": None if change.lead is None else _seconds(change.lead),
        "taken_back": _taken(each.taken) if each.taken else None,
    }


def _people(names: Sequence[str]) -> list[str] | None:
    return list(names) or None


def _taken(back: TakenBack) -> dict[str, Any]:
    return {
        "how": back.how,
        "by": back.by,
        "began": back.began.isoformat(),
        "braked": back.braked.isoformat() if back.braked else None,
        "at": back.at.isoformat(),
        "to_restore": _seconds(back.lasted),
    }


def _brake(brake: Braked) -> dict[str, Any]:
    return {
        "halt": brake.halt,
        "channel": brake.channel,
        "versions": None if brake.versions is None else list(brake.versions),
        "at": brake.at.isoformat(),
        "reason": brake.reason,
        "fact": brake.fact,
        "commit": brake.commit,
        "merged": brake.merged.isoformat(),
        "lifted": brake.lifted.isoformat() if brake.lifted else None,
    }


def _dora(dora: Dora) -> Mapping[str, Any]:
    return {
        "days": dora.days,
        "deployments": dora.deployments,
        "deployments_per_week": dora.per_week,
        "commit_to_merge": _durations(dora.to_merge),
        "merge_to_live": _durations(dora.to_live),
        "offered": dora.offered,
        "failed": dora.failed,
        "recent": dora.recent,
        "change_failure_rate": dora.failure_rate,
        "time_to_restore": _durations(dora.to_restore),
    }


def _durations(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    return {
        "median": _seconds(spread.middle),
        "longest": _seconds(spread.longest),
        "known": spread.known,
        "all": spread.all,
    }


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
