"""The endpoint's app with a clock that is off, made by the factory `delivery.drills.shifted:build`.

A variable says by how many seconds. Without it, it is right.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SHIFT = "ESPICE_DRILL_SHIFT"


def build() -> "WSGIApplication":
    """As `main` of the endpoint builds it, but for the clock."""
    from delivery.endpoint import main  # noqa: PLC0415 - it needs an endpoint's variables, and drills need SHIFT only

    off = timedelta(seconds=float(os.environ.get(SHIFT, "0")))
    return main.build(os.environ, lambda: datetime.now(UTC) + off)
