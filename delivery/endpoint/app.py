"""The endpoint as one WSGI app: update checks, and behind them everything else."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

from delivery.endpoint.counts import Counts
from delivery.endpoint.log import Log, to_stderr
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.wsgi import Clock, UpdateChecks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(
    source: Source, settings: Settings, clock: Clock, log: Log = to_stderr, counts: Counts | None = None
) -> "WSGIApplication":
    """Everything that an endpoint process answers. `counts` gets what is counted of it."""

    def documents() -> "WSGIApplication":
        from delivery.endpoint.documents import create_documents  # noqa: PLC0415 - see WhenAsked

        return create_documents(source, settings, clock, log)

    return UpdateChecks(WhenAsked(documents), source, settings, clock, log, counts or Counts())


class WhenAsked:
    """An app that is made when it is asked for the first time.

    Flask and what it needs take a third of a cold start, and most instances on Lambda only ever answer update checks.
    """

    def __init__(self, make: "Callable[[], WSGIApplication]") -> None:
        self._make, self._lock = make, Lock()
        self._app: WSGIApplication | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request."""
        with self._lock:
            if self._app is None:
                self._app = self._make()
        return self._app(environ, start_response)
