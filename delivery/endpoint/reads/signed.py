"""What is signed, and what that names, byte for byte as it was published: so anyone can check it against the keys."""

from http import HTTPStatus
from typing import Any

from flask import Response, request

from delivery.endpoint.operations import PROBLEM, TAGGED, UNAVAILABLE, Operation, Problem, Reply, refused
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.responses import document, refusal

# Bytes. Lambda answers with 6 MB at most, as a text within JSON, which makes it longer; a catalog of 1,000 versions has
# more, and 2 or 3 MB as gzip. Wherever the endpoint runs it answers alike.
PLAIN = 4_000_000
_VARIES = {"Vary": "Accept-Encoding, where the catalog is that large."}
CATALOG = Operation(
    path="/v1/catalog",
    name="catalog",
    summary="The catalog that is answered from",
    description=(
        "What the facts of one commit amount to. Its sha256 is the one in the head. One of more than "
        f"{PLAIN:,} bytes is sent as gzip only: send Accept-Encoding: gzip, as most clients do by themselves."
    ),
    tag="Signed",
    answers={
        HTTPStatus.OK: Reply(
            "The catalog.",
            dict[str, Any],
            headers=TAGGED,
            maybe={"Content-Encoding": "gzip, where the catalog is that large.", **_VARIES},
        ),
        HTTPStatus.NOT_ACCEPTABLE: Reply("It is too large to be sent without gzip.", Problem, PROBLEM, maybe=_VARIES),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)
HEAD = Operation(
    path="/v1/head",
    name="head",
    summary="The signed head that names the catalog",
    description="A DSSE envelope. Whoever has its public key can check which catalog is the current one.",
    tag="Signed",
    answers={
        HTTPStatus.OK: Reply("The envelope.", dict[str, Any], headers=TAGGED),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)
OVERRIDE = Operation(
    path="/v1/override",
    name="override",
    summary="The signed override of the emergency brake",
    description="A DSSE envelope. What it halts is a stop in every other document, until a merge takes it over.",
    tag="Signed",
    answers={
        HTTPStatus.OK: Reply("The envelope.", dict[str, Any], headers=TAGGED),
        HTTPStatus.NOT_FOUND: refused("Nothing was ever halted."),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)


def view_catalog(moment: Moment) -> Response:
    """CATALOG."""
    its = moment.live.catalog
    if its.size <= PLAIN:
        return document(its.plain(), moment.live, moment.now)
    response = _packed(its.packed, moment) if request.accept_encodings["gzip"] else _too_large(its.size)
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _packed(data: bytes, moment: Moment) -> Response:
    response = document(data, moment.live, moment.now)
    response.headers["Content-Encoding"] = "gzip"
    return response


def _too_large(size: int) -> Response:
    detail = f"the catalog has {size:,} bytes, and at most {PLAIN:,} are sent as they are; accept gzip"
    return refusal(HTTPStatus.NOT_ACCEPTABLE, detail)


def view_head(moment: Moment) -> Response:
    """HEAD."""
    return document(moment.live.envelope, moment.live, moment.now)


def view_override(moment: Moment) -> Response:
    """OVERRIDE."""
    if moment.live.override_envelope is None:
        return refusal(HTTPStatus.NOT_FOUND, "there is no override: nothing was ever halted")
    return document(moment.live.override_envelope, moment.live, moment.now)
