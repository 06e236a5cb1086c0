"""Where Lambda finds the consumer: an event source mapping of the queue, with ReportBatchItemFailures."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from delivery.endpoint.log import to_stderr
from delivery.events.connect import connect
from delivery.events.consume import consume
from delivery.events.settings import Settings
from delivery.events.store import Postgres


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """One batch of messages; says which of them go back to the queue."""
    back = consume(event["Records"], _events(), datetime.now(UTC), to_stderr)
    return {"batchItemFailures": [{"itemIdentifier": identity} for identity in back]}


@cache
def _events() -> Postgres:
    """One for the life of the process: Lambda keeps it between batches."""
    settings = Settings.from_env(os.environ)
    return Postgres(partial(connect, settings), settings.keep_events, settings.keep_outcomes)
