"""The endpoint's app with a clock that is off: `granian --interface wsgi --factory delivery.drills.shifted:build`.

A variable says by how many seconds. Without it, it is right.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from delivery.endpoint.app import create_app
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.store import S3Store

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SHIFT = "ESPICE_DRILL_SHIFT"


def build() -> "WSGIApplication":
    """As `main` of the endpoint builds it, but for the clock."""
    settings = Settings.from_env(os.environ)
    off = timedelta(seconds=float(os.environ.get(SHIFT, "0")))
    store = S3Store(settings.bucket, settings.region)
    return create_app(Source(store, settings), settings, lambda: datetime.now(UTC) + off)
