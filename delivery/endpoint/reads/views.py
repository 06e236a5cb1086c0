"""Every public document with its view, answered from what is live when it is asked for."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Concatenate

from flask import Flask, Response

from delivery.endpoint.operations import Operation, register
from delivery.endpoint.reads import channels, download, feeds, history, releases, signed, status
from delivery.endpoint.reads.asked import Refused
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.responses import refusal
from delivery.endpoint.reads.standing import Rollouts
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source, Unavailable

View = Callable[Concatenate[Moment, ...], Response]


def add(app: Flask, source: Source, settings: Settings, clock: Callable[[], datetime]) -> None:
    """Answer them in this app."""
    views: list[tuple[Operation, View]] = [
        (releases.RELEASES, releases.view_all),
        (releases.RELEASE, releases.view_one),
        (channels.CHANNELS, channels.view),
        (history.HISTORY, partial(history.view, history.Shelf(source.store, settings.budget))),
        (feeds.RSS, feeds.view_rss),
        (feeds.ATOM, feeds.view_atom),
        (feeds.JSON_FEED, feeds.view_json),
        (download.DOWNLOAD, download.view),
        (download.AUTO, download.view_auto),
        (status.STATUS, status.view),
        (signed.CATALOG, signed.view_catalog),
        (signed.HEAD, signed.view_head),
        (signed.OVERRIDE, signed.view_override),
    ]
    moment = partial(_moment, source, settings, clock, Rollouts())
    for operation, view in views:
        register(app, operation, _answering(view, moment))


def _moment(source: Source, settings: Settings, clock: Callable[[], datetime], known: Rollouts) -> Moment | Unavailable:
    now = clock()
    live = source.current(now)
    return live if isinstance(live, Unavailable) else Moment(live, settings, now, source.known.trouble, known)


def _answering(view: View, asks: Callable[[], Moment | Unavailable]) -> Callable[..., Response]:
    def answer(**path: str) -> Response:
        moment = asks()
        if isinstance(moment, Unavailable):
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, moment.reason)
        try:
            return view(moment, **path)
        except Refused as refused:
            return refusal(refused.status, refused.detail)

    return answer
