"""A small cloud in a file, a provider for it, and programs for the tests of the engines.

The provider is the laptop's own server with handlers that keep everything in one JSON file, so that a cloud outlives
the process that changed it, as clouds do.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi_aws import s3, sns

from delivery.engines import cli
from delivery.engines.backend import Backend
from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.engine_pulumi import PulumiEngine
from delivery.engines.stack import Stack
from delivery.engines.wire import Properties
from delivery.laptop.providers.handler import Handler, Unfinished
from delivery.laptop.providers.server import Package, serve

KILL = "the process is killed here"
HALF = "it stopped half-way"
STOP = "somebody presses Ctrl-C here"


@dataclass
class Cloud:
    """Things by id, and the calls that made them so; to change `breaks_at` it fails, kills, or stops half-way."""

    path: Path
    calls: list[str] = field(default_factory=list)
    breaks_at: str = ""
    break_by: str = "the cloud is out of order"

    @property
    def things(self) -> dict[str, Properties]:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def change(self, call: str, identity: str, thing: Properties | None) -> None:
        self.calls.append(f"{call} {identity}")
        if identity == self.breaks_at and self.break_by not in (KILL, HALF, STOP):
            raise ValueError(self.break_by)
        things = self.things
        things.pop(identity, None)
        self.path.write_text(json.dumps(things | ({identity: thing} if thing is not None else {})))
        if identity == self.breaks_at and self.break_by == HALF:
            raise Unfinished(identity, {"arn": f"arn:{identity}", "etag": ""}) from ValueError(HALF)
        if identity == self.breaks_at:
            os.kill(os.getpid(), signal.SIGINT if self.break_by == STOP else signal.SIGKILL)


class Thing(Handler[Cloud]):
    """Named by one input; `size`-like outputs are computed."""

    renews = frozenset({"etag"})

    def __init__(self, *key: str) -> None:
        self.key = key  # type: ignore[misc] # each has one of its own

    def create(self, cloud: Cloud, inputs: Properties) -> tuple[str, Properties]:
        identity = "/".join(str(inputs[name]) for name in self.key)
        cloud.change("create", identity, inputs)
        return identity, {"arn": f"arn:{identity}", "etag": str(len(json.dumps(inputs)))}

    def update(self, cloud: Cloud, identity: str, old: Properties, inputs: Properties) -> Properties:
        cloud.change("update", identity, inputs)
        return {"arn": old["arn"], "etag": str(len(json.dumps(inputs)))}

    def delete(self, cloud: Cloud, identity: str, outputs: Properties) -> None:
        cloud.change("delete", identity, None)

    def look(self, cloud: Cloud, identity: str, outputs: Properties) -> Properties | None:
        if identity == cloud.breaks_at:
            raise ValueError(cloud.break_by)
        thing = cloud.things.get(identity)
        return None if thing is None else {**outputs, **thing}


HANDLERS = {
    "aws:s3/bucket:Bucket": Thing("bucket"),
    "aws:s3/bucketObjectv2:BucketObjectv2": Thing("bucket", "key"),
    "aws:sns/topic:Topic": Thing("name"),
}

QUESTION = "aws:index/getEcho:getEcho"


def package(cloud: Cloud) -> Package:
    """The provider for this cloud; besides making things, it answers one question."""
    return Package("aws", HANDLERS, lambda _: cloud, None, {QUESTION: lambda _, given: given})


@contextmanager
def engine_on(cloud: Cloud, state: Path, plan_only: bool = False, **more: Any) -> Iterator[EmbeddedEngine]:
    """An engine with a provider for this cloud."""
    handle = serve([package(cloud)], plan_only)
    try:
        yield EmbeddedEngine(state, handle.addresses, **more)
    finally:
        handle.stop()


@contextmanager
def real_on(cloud: Cloud, folder: Path, **more: Any) -> Iterator[PulumiEngine]:
    """The real engine with a provider for this cloud; its state, passphrase and work lie in this folder."""
    handle = serve([package(cloud)])
    try:
        yield real_with(folder, handle.addresses, **more)
    finally:
        handle.stop()


def real_with(folder: Path, providers: Mapping[str, str], **more: Any) -> PulumiEngine:
    """The real engine with these providers."""
    folder.mkdir(parents=True, exist_ok=True)
    backend = Backend.on_disk(folder / "state", folder / "passphrase")
    return PulumiEngine(cli.needed(), folder, backend, "espice", providers, **more)


def stack(program: Callable[[], object], **more: Any) -> Stack:
    return Stack("espice", "laptop", cast("Callable[[], None]", program), **more)


def shelf(*, name: str = "shelf", books: dict[str, str] | None = None, protect: bool = False) -> Stack:
    """A bucket and its objects."""

    def program() -> None:
        bucket = s3.Bucket("shelf", bucket=name, opts=pulumi.ResourceOptions(protect=protect))
        for key, text in (books if books is not None else {"a": "first", "b": "second"}).items():
            s3.BucketObjectv2(key, bucket=bucket.id, key=key, content=text)
        pulumi.export("arn", bucket.arn)

    return stack(program)


def topics(count: int) -> Stack:
    """So many things that depend on nothing."""

    def program() -> None:
        for number in range(count):
            sns.Topic(f"t{number}", name=f"topic-{number}")

    return stack(program)
