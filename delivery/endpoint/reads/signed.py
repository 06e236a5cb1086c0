"""What is signed, and what that names, byte for byte as it was published: so anyone can check it against the keys."""

from http import HTTPStatus
from typing import Any

from flask import Response

from delivery.endpoint.operations import TAGGED, UNAVAILABLE, Operation, Reply, refused
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.responses import document, refusal

CATALOG = Operation(
    path="/v1/catalog",
    name="catalog",
    summary="The catalog that is answered from",
    description="What the facts of one commit amount to. Its sha256 is the one in the head.",
    tag="Signed",
    answers={
        HTTPStatus.OK: Reply("The catalog.", dict[str, Any], headers=TAGGED),
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
    return document(moment.live.catalog, moment.live, moment.now)


def view_head(moment: Moment) -> Response:
    """HEAD."""
    return document(moment.live.envelope, moment.live, moment.now)


def view_override(moment: Moment) -> Response:
    """OVERRIDE."""
    if moment.live.override_envelope is None:
        return refusal(HTTPStatus.NOT_FOUND, "there is no override: nothing was ever halted")
    return document(moment.live.override_envelope, moment.live, moment.now)
