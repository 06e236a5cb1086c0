"""Answers update checks before Flask's routing; hands everything else on.

Everything under /v1/update/ is an update check: what has another shape is a client nobody knows, and gets 204.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

from delivery.endpoint.answers import Answer, answer, problem
from delivery.endpoint.check import PREFIX, parse
from delivery.endpoint.log import Log
from delivery.endpoint.look import Live
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source, Unavailable
from delivery.rules.decide import NoOffer, Reason, Request, decide

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Clock = Callable[[], datetime]
_MALFORMED = NoOffer(Reason.malformed, None, None, None)


class UpdateChecks:
    """A WSGI app around another one."""

    def __init__(self, others: "WSGIApplication", source: Source, settings: Settings, clock: Clock, log: Log) -> None:
        self._others, self._source, self._settings, self._clock, self._log = others, source, settings, clock, log

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request."""
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._others(environ, start_response)
        began = perf_counter()
        try:
            reply, said = self._check(environ)
        except Exception as error:  # the last resort: no client may ever see a page of HTML
            reply = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this check failed; the next endpoint answers instead")
            said = {"error": type(error).__name__}
        spent = round(1000 * (perf_counter() - began), 3)
        self._log({"event": "check", "status": int(reply.status), **said, "ms": spent})
        return send(reply, environ, start_response)

    def _check(self, environ: "WSGIEnvironment") -> tuple[Answer, Mapping[str, Any]]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            detail = "an update check is a GET"
            return problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": "GET, HEAD"}), {}
        now = self._clock()
        live = self._source.current(now)
        if isinstance(live, Unavailable):
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, live.reason), {"reason": live.reason}
        request = parse(environ["PATH_INFO"], environ.get("QUERY_STRING", ""), live.table.targets)
        decision = decide(live.table, request, now) if request else _MALFORMED
        reply = answer(decision, live, self._settings, now)
        return reply, {**_known(request, live), "reason": reply.headers["ESpice-Reason"], "serial": live.head.serial}


def send(reply: Answer, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """An answer the WSGI way. HEAD gets the headers of GET."""
    headers = list(reply.headers.items())
    if reply.status is not HTTPStatus.NO_CONTENT:
        headers.append(("Content-Length", str(len(reply.body))))
    start_response(f"{int(reply.status)} {reply.status.phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]


def _known(request: Request | None, live: Live) -> Mapping[str, str]:
    """What the log may say of a request: only names that the catalog has too, so that nobody writes into our logs."""
    if request is None:
        return {}
    target = live.table.targets.get(request.target)
    said = {
        "channel": request.channel if request.channel in live.table.channels else None,
        "target": request.target if target else None,
        "bundle": request.bundle if target else None,
    }
    return {name: value for name, value in said.items() if value}
