"""The app, which shows what it counts in the way that is set: to Prometheus, as lines for CloudWatch, or not at all."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from delivery.endpoint.app import create_app
from delivery.endpoint.counts import Counts
from delivery.endpoint.emf import Lines
from delivery.endpoint.log import Log, to_stderr
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.wsgi import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def measured(source: Source, settings: Settings, clock: Clock, log: Log = to_stderr) -> "WSGIApplication":
    """Everything that an endpoint process answers."""
    counts = Counts()
    app = create_app(source, settings, clock, log, counts)
    if settings.metrics == "emf":
        return Lines(app, counts, source, settings.environment, clock, log)
    return _with_page(app, counts, source, clock) if settings.metrics == "prometheus" else app


def _with_page(app: "WSGIApplication", counts: Counts, source: Source, clock: Clock) -> "WSGIApplication":
    from delivery.endpoint import scrape  # noqa: PLC0415 - only a laptop has what it needs

    page = scrape.page(counts, source, clock)

    def either(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return (page if environ.get("PATH_INFO") == scrape.PATH else app)(environ, start_response)

    return either
