"""A small real endpoint for tests: real rules, a real signing key, a store in memory, a clock that stands still."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from werkzeug.test import Client, TestResponse

from delivery.endpoint.app import create_app
from delivery.endpoint.look import Live
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.store import Absent, Fetched, StoreError, Unchanged
from delivery.rules import brake
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override
from delivery.rules.catalog import (
    HEAD_KEY,
    SCHEMA,
    Catalog,
    Offering,
    Release,
    Stopped,
    object_key,
    sha256,
    to_bytes,
)
from delivery.rules.compile import ranks
from delivery.rules.facts import Artifact, Key, Target
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.timeline import Stage

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
COMMIT = "c0ffee" + 34 * "0"
TARGETS = {
    "windows-x86_64": Target("Windows", ("nsis", "msi"), ()),
    "darwin-aarch64": Target("macOS on Apple silicon", ("app",), ("dmg",)),
    "darwin-x86_64": Target("macOS on Intel", ("app",), ("dmg",)),
    "linux-x86_64": Target("Linux", ("appimage", "deb", "rpm"), ()),
}


class MemoryStore:
    """An ObjectStore in memory. `trouble` makes it fail (`lost`: for these keys), clearing `open` makes it hang.

    `asked` remembers.
    `at` is what its own clock says with each answer; None: it does not say.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.trouble: str | None = None
        self.lost: set[str] = set()
        self.at: datetime | None = None
        self.open = Event()
        self.open.set()

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:
        self.asked.append((key, etag))
        self.open.wait(10)
        if self.trouble:
            raise StoreError(self.trouble, self.at)
        if key in self.lost:
            raise StoreError("the store said InternalError", self.at)
        if key not in self.objects:
            return Absent(self.at)
        data = self.objects[key]
        return Unchanged(self.at) if etag == sha256(data) else Fetched(data, sha256(data), self.at)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


def new_key() -> tuple[CryptoSigner, Key]:
    """A signer, and its public half as product.yaml has it."""
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    signer = CryptoSigner(private)
    return signer, Key(signer.public_key.keyid, public, ("staging",), "made by a test")


SIGNER, KEY = new_key()
BRAKE_SIGNER, BRAKE_KEY = new_key()
SETTINGS = Settings(
    product="espice",
    title="ESpice",
    environment="staging",
    bucket="catalog",
    region="eu-central-1",
    downloads_url="https://downloads.espice-staging.app",
    updates_url="https://updates.espice-staging.app",
    site_url="https://espice-staging.app",
    head_keys=(KEY,),
    brake_keys=(BRAKE_KEY,),
)


def artifact(version: str, target: str, bundle: str) -> Artifact:
    signature = None if bundle == "dmg" else base64.b64encode(f"{version} {target} {bundle}".encode()).decode()
    return Artifact(f"ESpice_{version}_{target}.{bundle}", 1, "0" * 64, signature)


def release(version: str) -> Release:
    artifacts = {
        name: {bundle: artifact(version, name, bundle) for bundle in (*target.updates, *target.installs)}
        for name, target in TARGETS.items()
    }
    return Release(
        NOW - timedelta(days=9), f"What is new in {version}.", artifacts, {}, f"releases/versions/{version}:1"
    )


def offering(version: str, *percents: int, channel: str = "stable", held: bool = False) -> Offering:
    """Steps a day apart, the last of them an hour ago."""
    began = NOW - timedelta(days=len(percents) - 1, hours=1)
    path = f"releases/rollouts/{channel}/{version}.yaml"
    stages = tuple(
        Stage(began + timedelta(days=day), 10 * percent, held, f"{path}:{4 + day}")
        for day, percent in enumerate(percents)
    )
    return Offering(channel, version, f"salt-{version}", None, None, stages, (), (), f"{path}:1")


CATALOG = Catalog(
    schema=SCHEMA,
    requires=(),
    product="espice",
    environment="staging",
    targets=TARGETS,
    channels=("beta", "stable"),
    releases={version: release(version) for version in ("1.2.0", "1.3.0", "1.4.0", "1.5.0-beta.1", "1.5.0-beta.1+7")},
    offerings=(
        offering("1.5.0-beta.1+7", 100, channel="beta"),
        offering("1.3.0", 1, 100),
        offering("1.4.0", 1, 10),
    ),
    withdrawals=(),
    stops=(),
)
CRASH = Halt("crash", "stable", ("1.3.0",), NOW, "it crashes at start")
STOPPED = replace(CATALOG, stops=(Stopped("stable", None, NOW, "it eats netlists", "releases/stops/a.yaml:1"),))

_PLACES = ranks("salt-1.4.0")
EARLY = next(cohort for cohort in range(1000) if _PLACES[cohort] < 100)  # is offered 1.4.0 at 10 %
LATE = next(cohort for cohort in range(1000) if _PLACES[cohort] >= 100)  # is not


@dataclass
class World:
    """An endpoint with everything around it."""

    settings: Settings = SETTINGS
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: Clock = field(default_factory=Clock)
    said: list[Mapping[str, Any]] = field(default_factory=list)  # the log
    loads: list[Live | None] = field(default_factory=list)  # what answered each time it told of another one

    def __post_init__(self) -> None:
        self.source = Source(
            self.store, self.settings, self.said.append, lambda: self.loads.append(self.source.known.live)
        )
        self.app = create_app(self.source, self.settings, self.clock, self.said.append)
        self.client = Client(self.app)

    def publish(self, catalog: Catalog = CATALOG, signer: CryptoSigner = SIGNER, **head: Any) -> Head:
        """Puts a catalog and its signed head into the store; `head` overrides what the head says."""
        data = to_bytes(catalog)
        said = {
            "product": "espice",
            "environment": "staging",
            "serial": 7,
            "commit": COMMIT,
            "sha256": sha256(data),
            "issued": self.clock.now,
            "expires": self.clock.now + LIFETIME,
        }
        made = Head(**{**said, **head})
        self.store.objects[object_key(sha256(data))] = data
        self.store.objects[HEAD_KEY] = seal(made, signer)
        return made

    def halt(self, *halts: Halt, number: int = 1, signer: CryptoSigner = BRAKE_SIGNER, **override: Any) -> Override:
        """Puts a signed override into the store; `override` overrides what it says."""
        made = replace(Override("espice", "staging", number, self.clock.now, halts), **override)
        self.store.objects[OVERRIDE_KEY] = brake.seal(made, signer)
        return made

    def get(self, path: str, method: str = "GET") -> TestResponse:
        return self.client.open(path, method=method)

    def check(self, version: str = "1.2.0", **query: object) -> TestResponse:
        """An update check on stable by a Linux AppImage."""
        said = "&".join(f"{key}={value}" for key, value in query.items())
        return self.get(f"/v1/update/stable/linux/x86_64/{version}?{said}")

    def offered(self, version: str = "1.2.0", **query: object) -> str | int:
        """The version that this check is offered, or the status."""
        response = self.check(version, **query)
        return str(response.get_json()["version"]) if response.status_code == 200 else response.status_code


def unnamed(response: TestResponse) -> dict[str, str]:
    """Its headers without the name of the request, which no two answers share."""
    headers = dict(response.headers)
    assert len(headers.pop("ESpice-Request")) == 24
    return headers
