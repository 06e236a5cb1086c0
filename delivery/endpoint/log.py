"""One line of JSON for each thing worth telling, without anything that identifies a user."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from delivery.endpoint import naming

Log = Callable[[Mapping[str, Any]], None]

_STDERR = 2


def to_stderr(said: Mapping[str, Any]) -> None:
    """Where the process's supervisor collects it. One write a line, so threads do not mix theirs.

    Nobody may be refused an update because a disk is full or nobody reads: a line that cannot be written is lost.
    """
    name = naming.current()
    line = msgspec.json.encode({**said, "request": name} if name else said)
    with suppress(OSError):
        os.write(_STDERR, line + b"\n")


class Pace:
    """How often something of a kind may be told: what happens 30,000 times a second is counted, and told now and then.

    Threads may share it; two of them at the very same moment may both tell.
    """

    def __init__(self) -> None:
        self._told: dict[str, datetime] = {}

    def allows(self, kind: str, seconds: float, now: datetime) -> bool:
        """Whether it is that long ago that this was asked for the kind and allowed; either way, as clocks are set."""
        told = self._told.get(kind)
        if told is not None and abs((now - told).total_seconds()) < seconds:
            return False
        self._told[kind] = now
        return True
