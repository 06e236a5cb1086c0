"""Asks one version of the update endpoint, past everything in front of it, whether installations could use its answers.

The version is asked by its own name, so that one which answers nobody yet can be asked.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from delivery.rules.catalog import Catalog
from delivery.rules.facts import Product
from delivery.rules.head import Head, HeadRefused, unseal

Event = Mapping[str, Any]
Invoke = Callable[[Event], Event]
"""Runs the version once, as an HTTP API does: event (payload format 2.0) in, response out."""

_HEAD = "/v1/head"
_OFFER = ("signature", "url", "version")  # what Tauri's updater needs of a 200


@dataclass(frozen=True, slots=True)
class Question:
    """The path of an update check that any head answers, and whose head it must be answered from."""

    check: str
    product: Product
    environment: str

    @classmethod
    def of(cls, catalog: Catalog, product: Product, environment: str) -> "Question":
        """A check by the oldest installation of the first channel and target."""
        target = next(iter(catalog.targets)).replace("-", "/", 1)
        return cls(f"/v1/update/{catalog.channels[0]}/{target}/0.0.0", product, environment)


def trouble(invoke: Invoke, question: Question, now: datetime | None = None) -> str:
    """Why installations could not use what it answers; empty if they can.

    An answer counts if it has the shape that clients take, and the serial of a head that is signed, in force, and
    shown by the version itself.
    """
    check, document = invoke(_get(question.check)), invoke(_get(_HEAD))
    for path, response in ((question.check, check), (_HEAD, document)):
        if response.get("statusCode") not in ((200, 204) if path == question.check else (200,)):
            return f"it answers {path} with {_words(response)}"
    try:
        head = _believed(document, question, now or datetime.now(UTC))
    except HeadRefused as refused:
        return f"its head cannot be believed: {refused}"
    serial = check["headers"].get("espice-serial")
    if serial != str(head.serial):
        return f"it answers {question.check} from serial {serial}, but its head is serial {head.serial}"
    missing = sorted(set(_OFFER) - _keys(check)) if check["statusCode"] == 200 else []
    return f"it answers {question.check} without {', '.join(missing)}" if missing else ""


def _get(path: str) -> Event:
    """A GET, as an HTTP API hands it to its function."""
    host = "probe.invalid"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": host, "x-forwarded-port": "443", "x-forwarded-proto": "https"},
        "requestContext": {
            "domainName": host,
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        },
        "isBase64Encoded": False,
    }


def _believed(response: Event, question: Question, now: datetime) -> Head:
    product, environment = question.product, question.environment
    return unseal(_body(response), product.head_keys(environment), product.product, environment, now)


def _body(response: Event) -> bytes:
    body = str(response.get("body") or "")
    return base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()


def _keys(response: Event) -> set[str]:
    try:
        return set(dict(json.loads(_body(response))))
    except (TypeError, ValueError):
        return set()


def _words(response: Event) -> str:
    """A response that is no answer: status and what it says, or how the function failed."""
    if "statusCode" not in response:
        return f"a failure: {response.get('errorMessage', 'it says nothing')}"
    try:
        detail = json.loads(_body(response))["detail"]
    except (KeyError, TypeError, ValueError):
        return str(response["statusCode"])
    return f"{response['statusCode']}: {detail}"
