"""content check, content calendar: what people write for the site, and when it appears."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from delivery.commands.desk import ROOT, command, machine, out, print_json, save, whole
from delivery.commands.history import changed_at, domain_of
from delivery.commands.replay import past
from delivery.history import snapshot
from delivery.present import chronicle, terminal
from delivery.present.calendar import ics
from delivery.rules.agenda import Event, Gated, gated
from delivery.rules.agenda import agenda as of_facts
from delivery.rules.problem import Severity
from delivery.site import agenda as pages
from delivery.site import check as site
from delivery.site import content
from delivery.site.content import Page


@command
def check(as_json: bool) -> int:
    """Every problem of the site's content and settings at once; 1 if any is an error."""
    found = site.check(snapshot.in_worktree(ROOT, site.PATHS), datetime.now(UTC))
    if as_json:
        print_json(machine.problems(found))
    else:
        out.print(terminal.problems(found))
    return 1 if any(problem.severity is Severity.error for problem in found) else 0


@command
def calendar(days: str, as_json: bool, ics_file: str) -> int:
    """What appears and what is to be read again, by week, beside what rollouts do by themselves."""
    now, ahead = datetime.now(UTC), whole(days, "--days", 1, 999)
    asked, until = past("", ""), now + timedelta(days=ahead)
    written, _ = content.read(snapshot.at_commit(ROOT, asked.commit, [content.FOLDER]))
    events = sorted(
        (*of_facts(asked.facts, now, until), *pages.agenda(written, now, until)), key=lambda each: (each.at, each.what)
    )
    waiting, late = [each for each in gated(asked.facts) if each.at <= until], pages.due(written, now)
    product = asked.facts.product.value
    if ics_file:
        save(ics_file, ics(events, f"{product.title} content", domain_of(product), changed_at()).encode())
    weeks = _weeks(events, waiting, now)
    if as_json:
        print_json({"weeks": [_week_json(*each) for each in weeks.items()], "due": [_due_json(page) for page in late]})
        return 0
    for monday, (these, those) in weeks.items():
        out.print(f"week {monday.isocalendar().week}, from Monday {monday}", style="bold")
        out.print(chronicle.agenda(these, those, product.offices))
    if not weeks:
        out.print(f"nothing comes by itself within {ahead} days")
    for page in late:
        out.print(f"{page.path}: should have been read again by {page.review_due}", style="yellow", markup=False)
    return 0


Weeks = Mapping[date, tuple[Sequence[Event], Sequence[Gated]]]


def _weeks(events: Sequence[Event], waiting: Sequence[Gated], now: datetime) -> Weeks:
    """By Monday. What waits for a pass that may come at any time stands in this week."""
    found: dict[date, tuple[list[Event], list[Gated]]] = {}
    for event in events:
        found.setdefault(_monday(max(event.at, now)), ([], []))[0].append(event)
    for each in waiting:
        found.setdefault(_monday(max(each.at, now)), ([], []))[1].append(each)
    return dict(sorted(found.items()))


def _monday(at: datetime) -> date:
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _week_json(monday: date, what: tuple[Sequence[Event], Sequence[Gated]]) -> dict[str, Any]:
    return {"monday": monday.isoformat(), **chronicle.agenda_json(*what)}


def _due_json(page: Page) -> dict[str, Any]:
    said = page.front.value
    return {"page": page.path, "reviewed": said.reviewed, "due": page.review_due.isoformat(), "author": said.author}
