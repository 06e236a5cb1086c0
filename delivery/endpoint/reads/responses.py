"""How a public document leaves: named by an ETag, kept until it may change, and every refusal a problem."""

from datetime import datetime
from http import HTTPStatus

import msgspec
from flask import Response, request

from delivery.endpoint.answers import Answer, cache_control, problem
from delivery.endpoint.look import Live
from delivery.endpoint.operations import JSON


def value(said: object, live: Live, now: datetime, *moments: datetime | None) -> Response:
    """A value as JSON: the same value gives the same bytes. It may change at any of these moments."""
    return document(msgspec.json.encode(said, order="deterministic"), live, now, *moments)


def document(data: bytes, live: Live, now: datetime, *moments: datetime | None, media: str = JSON) -> Response:
    """These bytes, or 304 to who has them. They may change at any of these moments, and when the head expires."""
    response = Response(data, content_type=media)
    response.headers["Cache-Control"] = cache_control(now, *moments, live.head.expires)
    response.headers["ESpice-Serial"] = str(live.head.serial)
    response.headers["ESpice-Commit"] = live.head.commit
    response.add_etag()
    response.make_conditional(request)
    return response


def refusal(status: HTTPStatus, detail: str) -> Response:
    """Why there is no such document. The detail never repeats what was asked."""
    return sent(problem(status, detail))


def sent(answer: Answer) -> Response:
    """A whole answer as Flask sends it."""
    return Response(answer.body, int(answer.status), dict(answer.headers))
