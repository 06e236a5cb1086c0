"""Where a server finds the app: `granian --interface wsgi delivery.endpoint.main:app`. Variables give its Settings."""

import gc
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from delivery.endpoint.measured import measured
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.store import S3Store
from delivery.endpoint.wsgi import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def _now() -> datetime:
    return datetime.now(UTC)


def build(env: Mapping[str, str], clock: Clock = _now) -> "WSGIApplication":
    """The app for these variables, by this clock.

    Raises BadSettings.
    """
    settings = Settings.from_env(env)
    store = S3Store(settings.bucket, settings.region)
    # What is there now stays: no collection, which stops all answers, need look through a catalog or the code again.
    return measured(Source(store, settings, loaded=gc.freeze), settings, clock)


app = build(os.environ)
