"""Bytes that are kept for those who ask, and take less room meanwhile."""

import gzip
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes as gzip, the same each time. `size` is how many there are in plain."""

    packed: bytes
    size: int

    @classmethod
    def of(cls, data: bytes) -> "Packed":
        """Packs them: 70 ms for the 6 MB of a catalog of 1,000 versions, of which 2 are left."""
        return cls(gzip.compress(data, 6, mtime=0), len(data))

    def plain(self) -> bytes:
        """The bytes as they were."""
        return gzip.decompress(self.packed)
