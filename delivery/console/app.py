"""The console as a WSGI app: a page and its JSON for who is let in, and health for everybody."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus

import msgspec
from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from delivery.console.access import Denied, Gate, Unproved
from delivery.console.live import Standing, standing
from delivery.console.settings import Builds
from delivery.endpoint.answers import problem
from delivery.endpoint.log import Log, to_stderr
from delivery.endpoint.source import Source, Unavailable

Clock = Callable[[], datetime]

ASSERTION = "Cf-Access-Jwt-Assertion"
GUARDS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class NothingLive(Exception):  # noqa: N818 - what there is to show
    """There is no catalog that may be believed; the text says why."""


def create_app(source: Source, builds: Builds, gate: Gate, clock: Clock, log: Log = to_stderr) -> Flask:
    """Everything that a console process answers."""
    app = Flask(__name__, template_folder="pages", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.jinja_env.filters.update(moment=_moment, share=_share)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_let_in(gate, log))
    app.after_request(_guard)
    _add_pages(app, source, builds, clock)
    _add_looks(app)
    _add_troubles(app, log)
    return app


def _let_in(gate: Gate, log: Log) -> Callable[[], None]:
    def let_in() -> None:
        if request.path != "/healthz":
            g.person = gate.who(request.headers.get(ASSERTION))
            log({"event": "console", "method": request.method, "route": request.endpoint})

    return let_in


def _add_pages(app: Flask, source: Source, builds: Builds, clock: Clock) -> None:
    def now_standing() -> tuple[Standing, datetime]:
        now = clock()
        live = source.current(now)
        if isinstance(live, Unavailable):
            raise NothingLive(live.reason)
        return standing(live, now), now

    @app.get("/healthz")
    def healthz() -> dict[str, object]:
        """The process is up; says nothing of what it could show."""
        return {"up": True}

    @app.get("/")
    def page() -> str:
        """What is live, for people."""
        found, now = now_standing()
        trouble = source.known.trouble
        return render_template("live.html", live=found, builds=builds, now=now, trouble=trouble, person=g.person)

    @app.get("/api/live.json")
    def twin() -> Response:
        """The same for machines."""
        found, now = now_standing()
        said = {**asdict(found), "builds": asdict(builds), "now": now, "trouble": source.known.trouble}
        return Response(msgspec.json.encode(said), mimetype="application/json")


def _add_looks(app: Flask) -> None:
    @app.get("/style.css")
    def style() -> Response:
        """How it looks."""
        return Response(render_template("style.css"), mimetype="text/css")

    @app.get("/icon.svg")
    def icon() -> Response:
        """The tab's icon."""
        return Response(render_template("icon.svg"), mimetype="image/svg+xml")


def _add_troubles(app: Flask, log: Log) -> None:
    @app.errorhandler(Denied)
    def denied(error: Denied) -> Response:
        """Nobody who is let in."""
        return _trouble(HTTPStatus.FORBIDDEN, str(error))

    @app.errorhandler(Unproved)
    @app.errorhandler(NothingLive)
    def unavailable(error: Exception) -> Response:
        """Something that this needs is not there now."""
        return _trouble(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        """No such page, or no such method."""
        status = HTTPStatus(error.code or 500)
        return _trouble(status, status.description or status.phrase)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        """A fault of ours."""
        log({"event": "error", "error": type(error).__name__})
        return _trouble(HTTPStatus.INTERNAL_SERVER_ERROR, "this request failed; it was logged")


def _trouble(status: HTTPStatus, detail: str) -> Response:
    if request.path.startswith("/api/") or request.path == "/healthz":
        answer = problem(status, detail)
        return Response(answer.body, int(status), dict(answer.headers))
    return Response(render_template("trouble.html", status=status, detail=detail), int(status))


def _guard(response: Response) -> Response:
    response.headers.update(GUARDS)
    return response


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _share(percent: float) -> str:
    return f"{percent:g} %"
