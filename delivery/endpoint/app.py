"""The endpoint as one WSGI app: update checks, and around them health, the public catalog, and errors without HTML."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from delivery.endpoint import openapi
from delivery.endpoint.answers import GUARDS, Answer, cache_control, problem
from delivery.endpoint.counts import Counts
from delivery.endpoint.log import Log, to_stderr
from delivery.endpoint.look import Live
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source, Unavailable
from delivery.endpoint.update import UPDATE_CHECK
from delivery.endpoint.wsgi import Clock, UpdateChecks

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_NO_STORE = {"Cache-Control": "no-store"}


def create_app(source: Source, settings: Settings, clock: Clock, log: Log = to_stderr) -> "WSGIApplication":
    """Everything that an endpoint process answers."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # it would answer with a redirect, as HTML that repeats the URL
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.after_request(_guard)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(Exception, _fail(log))
    _add_health(app, source, clock)
    _add_documents(app, source, clock)
    openapi.register(app, UPDATE_CHECK)
    return UpdateChecks(app, source, settings, clock, log, Counts())


def _add_health(app: Flask, source: Source, clock: Clock) -> None:
    @app.get("/healthz")
    def healthz() -> tuple[dict[str, object], dict[str, str]]:
        """The process is up; says nothing of what it could answer."""
        return {"up": True}, _NO_STORE

    @app.get("/readyz")
    def readyz() -> Response | tuple[dict[str, object], dict[str, str]]:
        """Whether an update check would be answered now, from which head, and what the last look stumbled over."""
        now = clock()
        live = source.current(now)
        if isinstance(live, Unavailable):
            return _unavailable(live)
        return _readiness(source, live, now), _NO_STORE


def _add_documents(app: Flask, source: Source, clock: Clock) -> None:
    @app.get("/v1/catalog")
    def catalog() -> Response:
        """The catalog that is answered from, byte for byte: its sha256 is the one in the head."""
        now = clock()
        live = source.current(now)
        return _document(live, live.catalog, now) if isinstance(live, Live) else _unavailable(live)

    @app.get("/v1/head")
    def head() -> Response:
        """The signed head, so that anyone can check the catalog against its key."""
        now = clock()
        live = source.current(now)
        return _document(live, live.envelope, now) if isinstance(live, Live) else _unavailable(live)


def _readiness(source: Source, live: Live, now: datetime) -> dict[str, object]:
    known, head = source.known, live.head
    return {
        "ready": True,
        "serial": head.serial,
        "commit": head.commit,
        "catalog": head.sha256,
        "age_s": int((now - head.issued).total_seconds()),
        "expires": head.expires.isoformat(),
        "confirmed_s_ago": int((now - known.confirmed_at).total_seconds()) if known.confirmed_at else None,
        "trouble": known.trouble,
    }


def _document(live: Live, data: bytes, now: datetime) -> Response:
    response = Response(data, mimetype="application/json")
    response.headers["Cache-Control"] = cache_control(now, live.head.expires)
    response.add_etag()
    response.make_conditional(request)
    return response


def _unavailable(unavailable: Unavailable) -> Response:
    return _response(problem(HTTPStatus.SERVICE_UNAVAILABLE, unavailable.reason))


def _refuse(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    return _response(problem(status, status.description or status.phrase, allow))


def _fail(log: Log) -> Callable[[Exception], Response]:
    def fail(error: Exception) -> Response:
        log({"event": "error", "error": type(error).__name__})
        return _response(problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this request failed; it was logged"))

    return fail


def _response(answer: Answer) -> Response:
    return Response(answer.body, int(answer.status), dict(answer.headers))


def _guard(response: Response) -> Response:
    response.headers.extend({name: value for name, value in GUARDS.items() if name not in response.headers})
    return response
