"""Asks one version of the update endpoint, past everything in front of it, whether installations could use its answers.

The version is asked by its own name, so that one which answers nobody yet can be asked; what it says is judged as the
probe that runs every minute judges what comes through the edge.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from delivery.endpoint.probe import Reply, judge
from delivery.endpoint.settings import Settings
from delivery.rules.facts import Facts

Event = Mapping[str, Any]
Invoke = Callable[[Event], Event]
"""Runs the version once, as an HTTP API does: event (payload format 2.0) in, response out."""

_HEAD = "/v1/head"


@dataclass(frozen=True, slots=True)
class Question:
    """The path of an update check, and what the version was told to answer from."""

    check: str
    settings: Settings


def check_path(facts: Facts) -> str:
    """An update check that every head answers: of the oldest installation, on the first channel and target."""
    target = min(facts.product.value.targets).replace("-", "/", 1)
    return f"/v1/update/{min(facts.channels)}/{target}/0.0.0"


def manifest_key(facts: Facts) -> str:
    """The static manifest of the same channel and target, in the downloads bucket."""
    target = min(facts.product.value.targets)
    bundle = facts.product.value.targets[target].updates[0]
    return f"v1/update/{min(facts.channels)}/{target.replace('-', '/', 1)}/{bundle}.json"


def trouble(invoke: Invoke, question: Question, now: datetime | None = None) -> str:
    """Why installations could not use what it answers; empty if they can."""
    check, head = invoke(_get(question.check)), invoke(_get(_HEAD))
    for answer in (check, head):
        if "statusCode" not in answer:
            return f"it fails: {answer.get('errorMessage', 'and does not say why')}"
    return "; ".join(judge(_reply(check), _reply(head), question.settings, now or datetime.now(UTC)).wrong)


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


def _reply(response: Event) -> Reply:
    body = str(response.get("body") or "")
    data = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    return Reply(response["statusCode"], response.get("headers") or {}, data)
