"""The laptop's engine, by name: the embedded one, unless somebody asked for the real one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import policies
from delivery.engines import cli
from delivery.engines.backend import Backend
from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.engine_pulumi import PulumiEngine
from delivery.laptop.places import Places
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from infra.stacks import PROJECT

LaptopEngine = EmbeddedEngine | PulumiEngine


def engine(
    name: str, places: Places, providers: Mapping[str, str], say: Callable[[str], None] = lambda _: None
) -> LaptopEngine:
    """The engine with this name (one of those that `up` takes), on the state that it keeps in this checkout.

    Raises:
        EngineError: it is the real one, which is not on this machine.
    """
    if name == EmbeddedEngine.name:
        return EmbeddedEngine(places.engine, providers, policies.POLICIES)
    backend = Backend.on_disk(places.pulumi / "state", places.engine / "passphrase")
    return PulumiEngine(cli.needed(), places.pulumi, backend, PROJECT, providers, [policies.FOLDER], say)


@contextmanager
def at_work(name: str, places: Places, moto: str, say: Callable[[str], None]) -> Iterator[LaptopEngine]:
    """The engine of the laptop that runs here, with providers of its own for the same clouds.

    Raises EngineError, as `engine` does.
    """
    providers = serve(packages(moto, places.ledger))
    try:
        yield engine(name, places, providers.addresses, say)
    finally:
        providers.stop()
