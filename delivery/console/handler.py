"""Where Lambda finds the app."""

from collections.abc import Mapping
from typing import Any

from delivery.console.main import app
from delivery.endpoint.gateway import respond


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """One request from the HTTP API."""
    return respond(app, event)
