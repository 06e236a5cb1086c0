"""What the live endpoint answers, cohort by cohort, compared with what HEAD's facts decide.

One installation stands for every piece in which the decision is the same, and two for every edge between pieces.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlencode

from delivery.drift.found import Drift
from delivery.rules.across import questions
from delivery.rules.compile import COHORTS, NEXT, Table, ranks
from delivery.rules.decide import Offer, Request, decide

Ask = Callable[[str], str | None]
"""The version that the endpoint offers at this path; None where it offers nothing. Raises Unanswered."""


class Unanswered(Exception):  # noqa: N818 - what happened
    """The endpoint gave no answer that a client understands; the text says what it gave."""


def answers(table: Table, now: datetime, ask: Ask, mend: str) -> Iterator[Drift]:
    """Every installation that is told otherwise than HEAD says; at the first without any answer it stops."""
    for request in _asked(table, now):
        meant = _meant(table, request, now)
        try:
            found = ask(path(request))
        except Unanswered as unanswered:
            yield Drift("endpoint", f"does not answer {path(request)}: {unanswered}", "see the runbook of its alarm")
            return
        if found != meant:
            yield Drift(f"answer to {path(request)}", f"is {_said(found)}, and HEAD says {_said(meant)}", mend)


def path(request: Request) -> str:
    """The URL that this installation asks, from its path on."""
    said = {
        "bundle": request.bundle,
        "cohort": request.cohort,
        "manual": "1" if request.manual else None,
        "failed": request.failed,
        "os": request.os,
        "accepts": ",".join(sorted(request.accepts)) or None,
    }
    where = (request.channel, *request.target.split("-", 1), request.version)
    given = {name: value for name, value in said.items() if value is not None}
    return f"/v1/update/{'/'.join(quote(each, safe='+') for each in where)}?{urlencode(given)}"


def _asked(table: Table, now: datetime) -> tuple[Request, ...]:
    alike = [request for request, time in questions(table, table, now) if time == now]
    plain = dict.fromkeys(Request(each.channel, each.target, each.bundle, each.version) for each in alike)
    at_edges = (replace(each, cohort=cohort) for each in plain for cohort in _edges(table, each, now))
    return tuple(dict.fromkeys((*alike, *at_edges)))


def _edges(table: Table, request: Request, now: datetime) -> Iterator[int]:
    """In the order in which each rollout admits cohorts, those on both sides of where the answer changes.

    A percentage that is really higher or lower than HEAD says shows at one of the two, and at no other is it sure to.
    """
    cell = table.cells.get((request.channel.removesuffix(NEXT), request.target, request.bundle))
    for salt in {candidate.salt for candidate in cell.candidates} if cell else ():
        admitted = ranks(salt)
        order = sorted(range(COHORTS), key=admitted.__getitem__)
        meant = [_meant(table, replace(request, cohort=cohort), now) for cohort in order]
        yield from (order[0], order[-1])
        for place in range(1, COHORTS):
            if meant[place - 1] != meant[place]:
                yield from (order[place - 1], order[place])


def _meant(table: Table, request: Request, now: datetime) -> str | None:
    said = decide(table, request, now)
    return said.version if isinstance(said, Offer) else None


def _said(version: str | None) -> str:
    return version or "nothing"
