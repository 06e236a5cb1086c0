"""What is live in an environment, as it can be read from here: the objects of its buckets, and where its hosts are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from delivery.commands.desk import ROOT, Usage
from delivery.deploy.cloud import Cloud
from delivery.deploy.halt import Place
from delivery.deploy.objects import Bucket, Later
from delivery.drift.objects import Read
from delivery.history import snapshot
from delivery.laptop import status as reports
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.rules.expected import listed
from delivery.rules.facts import Product
from delivery.rules.problem import Refused
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.config import InfraConfig
from infra.names import Names

NOTHING_RUNS = "nothing runs here; ./inv up starts it"


@dataclass(frozen=True, slots=True)
class Live:
    """How to read an environment's buckets, by name (EngineError: it cannot be told), and where its hosts are."""

    names: Names
    read: Callable[[str], Read]
    objects: Callable[[str], Bucket]
    updates: str
    downloads: str
    site: str

    def place(self, product: Product) -> Place:
        """The same as the brake needs it, of which `names` are; whose keys lack is told when it is read."""
        stores = (Later(lambda: self.objects(self.names.catalog)), Later(lambda: self.objects(self.names.downloads)))
        return Place(product, self.names.environment, *stores, self.updates, self.downloads)


def environment(name: str) -> Environment:
    """The environment of this name. Raises Usage: there is none."""
    there: tuple[Environment, ...] = get_args(Environment)
    found = next((each for each in there if each == name), None)
    if found is None:
        near = get_close_matches(name, there, 1)
        mend = f"did you mean {near[0]}?" if near else f"there are {listed(there, 'and')}"
        raise Usage(f"there is no environment {name}; {mend}")
    return found


def in_a_cloud(name: str, why: str) -> Environment:
    """The environment of this name that is not the laptop. Raises Usage, with `why` none else is meant."""
    there = tuple(each for each in get_args(Environment) if each != "laptop")
    if name not in there:
        near = get_close_matches(name, there, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise Usage(f"{name}: name {listed(there, 'or')}{hint}; {why}")
    return environment(name)


def running() -> Mapping[str, Any]:
    """What the laptop that runs here says of itself. Raises Usage: none does."""
    found = reports.running(Places(ROOT))
    if not found:
        raise Usage(NOTHING_RUNS)
    return found


def on_the_laptop(names: Names) -> Live:
    """Of the laptop that runs here. Raises Usage: none does."""
    hosts = running()["hosts"]
    moto = Moto(Places(ROOT).aws)

    def read(bucket: str) -> Read:
        return lambda key: moto.found(bucket, key)

    return Live(names, read, moto.objects, *(hosts[each]["url"] for each in ("updates", "downloads", "site")))


def in_the_cloud(names: Names, cloud: Cloud) -> Live:
    """Of an environment's own account."""
    return Live(
        names,
        lambda bucket: lambda key: cloud.read(bucket, key),
        cloud.objects,
        f"https://{names.updates_host}",
        f"https://{names.downloads_host}",
        f"https://{names.site_host}",
    )


def reached(names: Names) -> Live:
    """Of this environment, wherever it is. Raises Usage (nothing runs here), Refused (its stack file), EngineError."""
    if names.environment == "laptop":
        return on_the_laptop(names)
    return in_the_cloud(names, Cloud.reached(names, infra_of(names)))


def in_r2(names: Names) -> Live:
    """As `reached`, for who has R2's keys alone: nobody has to be signed in to AWS. Raises Usage, Refused."""
    if names.environment == "laptop":
        return on_the_laptop(names)
    return in_the_cloud(names, Cloud(names, infra_of(names)))


def infra_of(names: Names) -> InfraConfig:
    """What the environment's stack file says at HEAD. Raises Refused."""
    path = stack_file.path(names.environment)
    infra, problems = stack_file.read(path, snapshot.at_commit(ROOT, "HEAD", [path]).get(path, b""))
    if infra is None:
        raise Refused(problems)
    return infra
