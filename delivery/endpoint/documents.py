"""What an endpoint answers besides update checks, as a Flask app: health, the public reads, errors without HTML."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from delivery.endpoint import cors, health, openapi
from delivery.endpoint.answers import GUARDS, problem
from delivery.endpoint.log import Log
from delivery.endpoint.reads import views as reads
from delivery.endpoint.reads.responses import sent
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.update import UPDATE_CHECK
from delivery.endpoint.wsgi import Clock


def create_documents(source: Source, settings: Settings, clock: Clock, log: Log) -> Flask:
    """The app; `log` hears of what failed."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # it would answer with a redirect, as HTML that repeats the URL
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.after_request(_guard)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(Exception, _fail(log))
    health.add(app, source, clock)
    reads.add(app, source, settings, clock)
    openapi.register(app, UPDATE_CHECK)
    cors.allow(app)
    return app


def _refuse(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    return sent(problem(status, status.description or status.phrase, allow))


def _fail(log: Log) -> Callable[[Exception], Response]:
    def fail(error: Exception) -> Response:
        log({"event": "error", "error": type(error).__name__})
        return sent(problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this request failed; it was logged"))

    return fail


def _guard(response: Response) -> Response:
    response.headers.extend({name: value for name, value in GUARDS.items() if name not in response.headers})
    return response
