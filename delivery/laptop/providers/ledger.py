"""The laptop's record of what is realised: one JSON file, `{type token: {id: outputs}}`.

For Cloudflare it is the cloud itself; for AWS it holds what the edge must know and moto cannot say (it keeps the code
of the latest Lambda version only). Written in one step, so `edge` may read it at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

Records = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Ledger:
    """The records in one file; safe to change from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_suffix(".lock"))  # one for each thread, so threads exclude each other too

    def read(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Everything on record now; an empty record if nothing was ever realised."""
        try:
            records: dict[str, dict[str, dict[str, Any]]] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        return records

    def put(self, token: str, identity: str, outputs: Mapping[str, Any]) -> None:
        with self._change() as records:
            records.setdefault(token, {})[identity] = dict(outputs)

    def drop(self, token: str, identity: str) -> None:
        with self._change() as records:
            records.get(token, {}).pop(identity, None)

    def clear(self) -> None:
        """Forget everything, for when the laptop's cloud has lost its memory."""
        self._path.unlink(missing_ok=True)

    @contextmanager
    def _change(self) -> Iterator[dict[str, dict[str, dict[str, Any]]]]:
        with self._lock:
            records = self.read()
            yield records
            temporary = self._path.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_text(json.dumps(records, sort_keys=True))
            temporary.replace(self._path)


def without_secrets(outputs: Mapping[str, Any], secret: Collection[str]) -> dict[str, Any]:
    """What may go on record: of the secret outputs, their digest tells whether they are another, and nothing more."""
    return {name: digest_of(value) if name in secret else value for name, value in outputs.items()}


def digest_of(secret: Any) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(secret, sort_keys=True).encode()).hexdigest()}"
