"""One line of JSON for each thing worth telling, without anything that identifies a user."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Log = Callable[[Mapping[str, Any]], None]


def to_stderr(said: Mapping[str, Any]) -> None:
    """Where the process's supervisor collects it. One write a line, so threads do not mix theirs."""
    sys.stderr.write(msgspec.json.encode(said).decode() + "\n")
    sys.stderr.flush()
