"""What is live in an environment, as it can be read from here: the objects of its buckets, and where its hosts are."""

from collections.abc import Callable
from dataclasses import dataclass

from delivery.commands.desk import ROOT, Usage
from delivery.deploy.cloud import Cloud
from delivery.drift.objects import Read
from delivery.laptop import status as reports
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from infra.config import InfraConfig
from infra.names import Names


@dataclass(frozen=True, slots=True)
class Live:
    """How to read an environment's buckets, by name (EngineError: it cannot be told), and where its hosts are."""

    read: Callable[[str], Read]
    updates: str
    downloads: str


def on_the_laptop() -> Live:
    """Of the laptop that runs here. Raises Usage: none does."""
    places = Places(ROOT)
    running = reports.running(places)
    if not running:
        raise Usage("nothing runs here to ask; ./inv up starts it")
    moto, hosts = Moto(places.aws), running["hosts"]

    def read(bucket: str) -> Read:
        def one(key: str) -> bytes | None:
            found = moto.objects(bucket).read(key)
            return found.data if found else None

        return one

    return Live(read, hosts["updates"]["url"], hosts["downloads"]["url"])


def in_the_cloud(names: Names, infra: InfraConfig) -> Live:
    """Of an environment's own account. Raises EngineError: there are no credentials."""
    cloud = Cloud.reached(names, infra)
    return Live(
        lambda bucket: lambda key: cloud.read(bucket, key),
        f"https://{names.updates_host}",
        f"https://{names.downloads_host}",
    )
