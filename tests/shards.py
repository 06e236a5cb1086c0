"""Which of several jobs runs a test: `./inv test --shard 2/3` runs the second of three shares.

Told from names alone, so that every job and every process of it comes to the same.
"""

from collections.abc import Sequence
from zlib import crc32

from pytest import Item  # noqa: PT013 - as a type, and nothing else


def share(nodeid: str, shards: int, together: Sequence[tuple[str, ...]]) -> int:
    """The number of a test's share, from 1. What stays together goes round by its place, for the longest is first."""
    for place, group in enumerate(together):
        if nodeid.startswith(group):
            return place % shards + 1
    return crc32(nodeid.encode()) % shards + 1


def divide(items: Sequence[Item], shard: str, together: Sequence[tuple[str, ...]]) -> tuple[list[Item], list[Item]]:
    """The tests of this share (`2/3`), and all others."""
    number, shards = map(int, shard.split("/"))
    ours = [item for item in items if share(item.nodeid, shards, together) == number]
    kept = set(ours)
    return ours, [item for item in items if item not in kept]
