"""The catalog: what one environment's endpoint must know, as canonical bytes.

A pure function of the facts of a commit (`assemble`): the same facts give the same bytes, whenever and wherever.
It names its schema and the features a reader must have, so that an old endpoint keeps its last good one
instead of misreading a new one. Times stay absolute; the clock comes in only at `decide`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from delivery.rules.facts import (
    Artifact,
    Target,
)
from delivery.rules.timeline import Stage, Waiting

SCHEMA = 1
# What this code understands beyond the schema. A catalog names those that its facts use.
FEATURES = frozenset(
    {
        "barriers",
        "blocks",
        "critical",
        "deadends",
        "experiments",
        "flags",
        "installed",
        "minimum-os",
        "notices",
        "offer-instead",
        "ramps",
        "supersedes",
        "targets",
    }
)


class Unreadable(ValueError):  # noqa: N818 - reads as what is wrong
    """These bytes are no catalog that this code understands."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version as clients get it; `minimum_os` by operating system, `fact` the line that says it (or the first)."""

    published: datetime
    notes: str
    artifacts: Mapping[str, Mapping[str, Artifact]]
    minimum_os: Mapping[str, str]
    fact: str


@dataclass(frozen=True, slots=True)
class Urgent:
    """A critical line: from `at` on the percentage does not count for those below this version."""

    below: str
    at: datetime
    fact: str


@dataclass(frozen=True, slots=True)
class Offering:
    """A rollout reduced to its stages. `targets` None is all of them.

    `began` is when its first step above 0 took effect, held since or not: then what it supersedes ended.
    """

    channel: str
    version: str
    salt: str
    targets: tuple[str, ...] | None
    supersedes: str | None
    stages: tuple[Stage, ...]
    waiting: tuple[Waiting, ...]
    urgent: tuple[Urgent, ...]
    fact: str
    began: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """This version is not offered on this channel; what comes instead, and what those get who have it."""

    channel: str
    version: str
    at: datetime
    reason: str
    downloads: str
    instead: str | None
    reissue: str | None
    downgrade: str | None
    fact: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """These versions (all of them if None) are not offered on this channel."""

    channel: str
    versions: tuple[str, ...] | None
    at: datetime
    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A barrier: installations below `below` on these targets (None: all) go through this version."""

    version: str
    below: str
    targets: tuple[str, ...] | None
    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """A dead end: installations on this version are offered nothing."""

    version: str
    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A block: from one range of versions to another, on these targets (None: all), `block` or `warn`."""

    name: str
    source: str
    to: str
    targets: tuple[str, ...] | None
    effect: str
    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment: `percent` of a channel's cohorts that have one of these versions, from `start` until `end`.

    Either flags by arm (arm -> weight, arm -> flags), or kept back from `holdback` (<channel>/<version>).
    """

    name: str
    layer: str
    salt: str
    channel: str
    versions: str
    percent: int
    start: datetime
    end: datetime
    weights: Mapping[str, int]
    flags: Mapping[str, Mapping[str, str]]
    holdback: str | None
    kept: str | None  # the arm that everybody gets since the decision
    fact: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to users of these versions."""

    name: str
    channels: tuple[str, ...]
    versions: str
    at: datetime
    text: str
    url: str | None
    support_ends: str | None
    fact: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """See the module. `schema` and `requires` are read first, and alone, by `from_bytes`."""

    schema: int
    requires: tuple[str, ...]
    product: str
    environment: str
    targets: Mapping[str, Target]
    channels: tuple[str, ...]
    releases: Mapping[str, Release]
    offerings: tuple[Offering, ...]
    withdrawals: tuple[Withdrawn, ...]
    stops: tuple[Stopped, ...]
    barriers: tuple[Passage, ...] = ()
    deadends: tuple[Stuck, ...] = ()
    blocks: tuple[Edge, ...] = ()
    experiments: tuple[Trial, ...] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)  # flagd's bodies, by flag
    notices: tuple[Told, ...] = ()
    decided: tuple[str, ...] = ()  # halts of the brake that a merged stop took over, lifted since or not


@dataclass(frozen=True, slots=True)
class _Preface:
    schema: int
    requires: tuple[str, ...]


def to_bytes(catalog: Catalog) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, one newline at the end."""
    return msgspec.json.encode(catalog, order="sorted") + b"\n"


def from_bytes(data: bytes) -> Catalog:
    """The catalog in these bytes.

    Raises Unreadable: not JSON, not this shape, a newer schema, or a feature this code lacks.
    """
    try:
        preface = msgspec.json.decode(data, type=_Preface)
        if preface.schema != SCHEMA:
            raise Unreadable(f"the catalog has schema {preface.schema}, this code reads {SCHEMA}")
        if lacking := sorted(set(preface.requires) - FEATURES):
            raise Unreadable(f"the catalog needs {', '.join(lacking)}, which this code lacks")
        return msgspec.json.decode(data, type=Catalog)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"the catalog is malformed: {error}") from None


def sha256(data: bytes) -> str:
    """The hexadecimal name of these bytes."""
    return hashlib.sha256(data).hexdigest()


def object_key(digest: str) -> str:
    """Where a catalog lies in its bucket: named by content, so it is never overwritten."""
    return f"catalog/{digest}.json"


HEAD_KEY = "catalog/head.json"


def download_path(product: str, version: str, file: str) -> str:
    """Where an artifact lies in the downloads bucket. Never overwritten."""
    return f"{product}/{version}/{file}"


def download_url(downloads_url: str, product: str, version: str, file: str) -> str:
    """Where clients fetch it. A `+` is encoded, because object stores read a bare one in a path as a space."""
    return f"{downloads_url}/{quote(download_path(product, version, file))}"
