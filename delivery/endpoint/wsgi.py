"""Answers update checks before Flask's routing; hands everything else on.

Everything under /v1/update/ is an update check: what has another shape is a client nobody knows, and gets 204.
Every answer gets the name of its request, and is counted; told is only what is worth a line.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

from delivery.endpoint import naming
from delivery.endpoint.answers import NOT_KEPT, Ready, answer, longest, problem, ready
from delivery.endpoint.check import PREFIX, canonical, parse
from delivery.endpoint.counts import Counts
from delivery.endpoint.log import Log, Pace
from delivery.endpoint.look import Live
from delivery.endpoint.memo import Memo
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source, Unavailable
from delivery.rules.decide import NoOffer, Reason, Request, decide

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SLOW_S = 0.25  # an answer that took longer is told
OFTEN_S, SELDOM_S = 1.0, 10.0  # between lines about what went wrong, each kind for itself, and about any other check

Clock = Callable[[], datetime]
_MALFORMED = NoOffer(Reason.malformed, None, None, None)
_Outcome = tuple[Ready, bool, Mapping[str, str]]  # whether it was remembered, and what went wrong, for the log


class UpdateChecks:
    """A WSGI app around another one."""

    def __init__(
        self,
        others: "WSGIApplication",
        source: Source,
        settings: Settings,
        clock: Clock,
        log: Log,
        counts: Counts,
    ) -> None:
        self._others, self._source, self._settings, self._clock, self._log = others, source, settings, clock, log
        self._counts, self._memo, self._pace = counts, Memo(), Pace()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request."""
        name = naming.begin(environ)
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._others(environ, self._counting(start_response, name))
        began, now = perf_counter(), self._clock()
        try:
            reply, remembered, wrong = self._check(environ, now)
        except Exception as error:  # the last resort: no client may ever see a page of HTML
            reply, remembered, wrong = _failed(), False, {"error": type(error).__name__}
        spent = perf_counter() - began
        self._counts.check(reply.status, reply.reason, spent, remembered=remembered)
        if self._is_told(reply, spent, now):
            said = {"event": "check", "status": reply.status, **self._known(environ, reply, wrong)}
            self._log({**said, "ms": round(1000 * spent, 3)})
        start_response(reply.line, [*reply.headers, (naming.HEADER, name)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]

    def _check(self, environ: "WSGIEnvironment", now: datetime) -> _Outcome:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            detail = "an update check is a GET"
            return ready(problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": "GET, HEAD"})), False, {}
        live, is_late = self._source.answering(now)
        if isinstance(live, Unavailable):
            return ready(problem(HTTPStatus.SERVICE_UNAVAILABLE, live.reason)), False, {"trouble": live.reason}
        answers, key = self._memo.of(live), (environ["PATH_INFO"], canonical(environ.get("QUERY_STRING", "")))
        if not is_late and (found := answers.find(key, now)) is not None:
            return found, True, {}
        request = parse(*key, live.table.targets)
        decision = decide(live.table, request, now) if request else _MALFORMED
        if not is_late and (alike := answers.like(key, decision, now)) is not None:
            return alike, False, {}
        reply = answer(decision, live, self._settings, now)
        if is_late:
            return ready(replace(reply, headers={**reply.headers, **NOT_KEPT})), False, {}
        made = ready(reply)
        answers.keep(key, decision, made, now, longest(decision, live))
        return made, False, {}

    def _is_told(self, reply: Ready, spent: float, now: datetime) -> bool:
        """What went wrong or took long, and now and then any other check: the counts say the rest."""
        if reply.status >= HTTPStatus.BAD_REQUEST:
            return self._pace.allows(reply.line, OFTEN_S, now)
        if spent > SLOW_S:
            return self._pace.allows("slow", OFTEN_S, now)
        return self._pace.allows("any", SELDOM_S, now)

    def _known(self, environ: "WSGIEnvironment", reply: Ready, wrong: Mapping[str, str]) -> Mapping[str, Any]:
        """What the log may say of a check: nothing but names of ours, so that nobody writes into our logs."""
        live = self._source.known.live
        if wrong or live is None:
            return wrong
        request = parse(environ["PATH_INFO"], environ.get("QUERY_STRING", ""), live.table.targets)
        return {**(_names(request, live) if request else {}), "reason": reply.reason, "serial": live.head.serial}

    def _counting(self, start_response: "StartResponse", name: str) -> "StartResponse":
        """Counts what the other app answers, names the request in it, and lets nobody keep what may be of before.

        Where it is late the look is awaited first: one that ends after the app began does not make its answer newer.
        """
        now = self._clock()
        was_late = self._source.is_late(now) and self._source.answering(now)[1]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            self._counts.other(int(status[:3]))
            if was_late or self._source.is_late(self._clock()):
                headers = [*(each for each in headers if each[0] not in NOT_KEPT), *NOT_KEPT.items()]
            return start_response(status, [*headers, (naming.HEADER, name)], *more)

        return start


def _failed() -> Ready:
    return ready(problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this check failed; the next endpoint answers instead"))


def _names(request: Request, live: Live) -> Mapping[str, str]:
    """Of what a client said, only names that the catalog has too."""
    target = live.table.targets.get(request.target)
    said = {
        "channel": request.channel if request.channel in live.table.channels else None,
        "target": request.target if target else None,
        "bundle": request.bundle if target else None,
    }
    return {name: value for name, value in said.items() if value}
