"""The zone of infra/edge, realised in a ledger of its own."""

from pathlib import Path

from pulumi_cloudflare import Provider

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.stack import Stack
from delivery.laptop.providers.ledger import Ledger, Records
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from infra.edge.zone import Edge
from infra.names import Names

NAMES = Names("espice", "laptop", "espice.localhost")


def realised(folder: Path) -> Records:
    """What the ledger has after the program of the zone was applied. Nothing of it needs AWS."""
    handle = serve(packages("http://127.0.0.1:1", folder / "ledger.json"))

    def program() -> None:
        Edge("edge", names=NAMES, zone="0" * 32, provider=Provider("cloudflare"))

    outcome = EmbeddedEngine(folder / "engine", handle.addresses).apply(Stack("espice", "laptop", program))
    handle.stop()
    assert outcome.errors == ()
    return Ledger(folder / "ledger.json").read()
