"""What was, who did it, and what comes: history, blame and agenda for a terminal and for machines.

Commits are taken by shape: nothing of git is imported to print one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from rich.text import Text

from delivery.present import words
from delivery.rules.agenda import Event, Gated
from delivery.rules.plan import Effect, Plan

_EFFECTS: Mapping[str, str] = {Effect.narrower: "green", Effect.next_step: "cyan", Effect.wider: "yellow"}
UNREADABLE = "unreadable"  # the effect of facts that today's code cannot read


class Commit(Protocol):
    """A commit, by shape."""

    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def author(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def pull_request(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One change of facts: who, when, and what it did to users, in a word and in a sentence."""

    commit: Commit
    effect: str
    summary: str
    channels: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that decided something: what it says, what that came to, who wrote it, and the commit that merged it."""

    fact: str
    text: str
    why: str
    by: Commit
    merged: Commit


# --- history ------------------------------------------------------------------------------------------------------


def sentence(plan: Plan) -> str:
    """What a change does to users: the first population that a person would name, and how many more there are."""
    those = words.populations(plan)
    broken = "".join(f"; not kept: {promise.what}" for promise in plan.promises if not promise.kept)
    if not those:
        return f"nobody is offered anything else{broken}"
    first = those[0]
    more = f"; and {words.counted(len(those) - 1, 'more population')}" if len(those) > 1 else ""
    return f"{first.who}: {first.before} → {first.after}, {first.when}{more}{broken}"


def history(rows: Sequence[Row]) -> Text:
    """Two lines a change, newest first: who and when, and what it did."""
    lines = [line for row in rows for line in told(row)]
    return Text("\n").join([*lines, Text(words.counted(len(rows), "change"), "dim")])


def told(row: Row) -> tuple[Text, Text]:
    """One of them."""
    effect = Text.assemble("    ", (row.effect, _EFFECTS.get(row.effect, "dim")), f": {row.summary}")
    return Text(commit(row.commit), "bold"), effect


def history_json(rows: Sequence[Row]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "history": [
            {
                **_commit(row.commit),
                "effect": row.effect,
                "summary": row.summary,
                "channels": list(row.channels),
                "paths": list(row.paths),
            }
            for row in rows
        ]
    }


# --- blame --------------------------------------------------------------------------------------------------------


def blame(lines: Sequence[Line]) -> Text:
    """Each line with who wrote it and, where that is another commit, which merge made it true."""
    said = []
    for line in lines:
        said += [Text(line.why, "bold"), Text(f"    {line.fact}: {line.text.strip()}")]
        said.append(Text(f"    {commit(line.by)}", "dim"))
        if line.merged.id != line.by.id:
            said.append(Text(f"    merged: {commit(line.merged)}", "dim"))
    return Text("\n").join(said)


def blame_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "fact": line.fact,
            "text": line.text,
            "why": line.why,
            "written": _commit(line.by),
            "merged": _commit(line.merged),
        }
        for line in lines
    ]


# --- agenda -------------------------------------------------------------------------------------------------------


def agenda(events: Sequence[Event], gated: Sequence[Gated], offices: Mapping[str, str]) -> Text:
    """What comes by itself, a line each with the offices' times; and behind it what waits for a pass."""
    if not events and not gated:
        return Text("nothing comes by itself")
    rows = [(_when(each, offices), Text(_what(each), "yellow" if each.but else "")) for each in events]
    for each in gated:
        waits = f"{each.what}, no earlier and not before its pass (gate {each.gate})"
        rows.append(([words.moment(each.at), *_there(each.at, offices)], Text(waits, "dim")))
    head = ["when", *offices]
    widths = [max(map(len, column)) for column in zip(head, *(when for when, _ in rows), strict=True)]
    return Text("\n").join(
        Text.assemble("  ".join(map(str.ljust, when, widths)), "  ", what)
        for when, what in [(head, Text("what", "bold")), *rows]
    )


def agenda_json(events: Sequence[Event], gated: Sequence[Gated]) -> dict[str, Any]:
    """The same for machines; `all_day` events are days, whatever the zone."""
    return {
        "events": [
            {
                "at": event.at.date().isoformat() if event.all_day else event.at.isoformat(),
                "weekday": f"{event.at:%A}",
                "all_day": event.all_day,
                "kind": event.kind.value,
                "what": event.what,
                "but": event.but,
                "channels": list(event.channels),
                "fact": event.fact,
            }
            for event in events
        ],
        "waiting": [
            {"not_before": each.at.isoformat(), "what": each.what, "gate": each.gate, "fact": each.fact}
            for each in gated
        ],
    }


def commit(commit: Commit) -> str:
    """a40d1e16ab7b, Wed 2026-11-25 14:00 UTC, A Person: Raise stable to 25 % (#12)."""
    return f"{commit.id[:12]}, {words.moment(commit.at)}, {commit.author}: {commit.subject}"


def _commit(commit: Commit) -> dict[str, Any]:
    return {
        "commit": commit.id,
        "at": commit.at.isoformat(),
        "author": commit.author,
        "subject": commit.subject,
        "pull_request": commit.pull_request,
    }


def _what(event: Event) -> str:
    return f"{event.what} ({event.but})" if event.but else event.what


def _when(event: Event, offices: Mapping[str, str]) -> list[str]:
    if event.all_day:
        return [f"{event.at:%a %Y-%m-%d}", *("" for _ in offices)]
    return [words.moment(event.at), *_there(event.at, offices)]


def _there(at: datetime, offices: Mapping[str, str]) -> list[str]:
    """The time of day at each office, and the weekday: at night it may be another."""
    return [f"{at.astimezone(ZoneInfo(zone)):%a %H:%M}" for zone in offices.values()]
