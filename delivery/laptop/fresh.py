"""The laptop's edge, freshened as the clouds' are; but here each process can be asked whether it knows what is live."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from delivery.deploy.asks import serial_of
from delivery.deploy.freshen import Ask, Edge
from delivery.deploy.purge import MANIFESTS
from delivery.endpoint.answers import LONGEST_S
from delivery.laptop import edge

# An answer that an endpoint began before it knew of the new head waits for a look at most this long (Settings.budget).
# A cloud has to wait until its instances have to look; here all of them were asked.
SETTLE = 0.3


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """What nginx keeps."""

    folder: Path

    def __call__(self, prefixes: Iterable[str]) -> None:
        """See Purge."""
        edge.purge(self.folder, tuple(prefixes))


def laptop_edge(cache: Path, updates: str, downloads: str) -> Edge:
    """The edge of a laptop, whose cache is this folder, and whose hosts have these names."""
    return Edge(
        purge=CacheFolder(cache),
        prefixes=(updates, f"{downloads}/{MANIFESTS}"),
        settle=SETTLE,
        kept=LONGEST_S,
        again="./inv purge laptop does it again",
    )


def origins(ports: Iterable[int], check: str, serial: int) -> list[Ask]:
    """Asks every endpoint process past the edge. One that knows a head never answers from an older one again."""
    return [serial_of(f"http://127.0.0.1:{port}{check}", serial, anew=True) for port in ports]
