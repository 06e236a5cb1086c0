"""An endpoint build, known by its digest alone: the same code has the same name everywhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from infra.names import build_key


@dataclass(frozen=True, slots=True)
class Build:
    """A zip that lies in the bucket of builds before an apply names it. `sha256` in hex."""

    sha256: str

    @property
    def key(self) -> str:
        """Where it lies in the bucket of builds."""
        return build_key(self.sha256)

    @property
    def code_hash(self) -> str:
        """The same digest as Lambda writes it, in base64."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()
