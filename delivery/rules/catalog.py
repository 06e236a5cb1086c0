"""The catalog: what one environment's endpoint must know, as canonical bytes.

A pure function of the facts of a commit: the same facts give the same bytes, whenever and wherever they are built.
It names its schema and the features a reader must have, so that an old endpoint keeps its last good one
instead of misreading a new one. Times stay absolute; the clock comes in only at `decide`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec

from delivery.rules.facts import Artifact, Facts, Filed, Stop, Target, Version, Withdrawal
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem, Refused
from delivery.rules.signature import key_id
from delivery.rules.timeline import Stage, Waiting, timeline

SCHEMA = 1
FEATURES: frozenset[str] = frozenset()  # what this code understands beyond the schema


class Unreadable(ValueError):  # noqa: N818 - reads as what is wrong
    """These bytes are no catalog that this code understands."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version as clients get it."""

    published: datetime
    notes: str
    artifacts: Mapping[str, Mapping[str, Artifact]]
    fact: str


@dataclass(frozen=True, slots=True)
class Offering:
    """A rollout reduced to its stages."""

    channel: str
    version: str
    salt: str
    stages: tuple[Stage, ...]
    waiting: tuple[Waiting, ...]
    fact: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A withdrawal or a stop: these versions (all of them if None) are not offered on this channel."""

    channel: str
    versions: tuple[str, ...] | None
    at: datetime
    reason: str
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
    withdrawals: tuple[Removal, ...]
    stops: tuple[Removal, ...]


@dataclass(frozen=True, slots=True)
class _Preface:
    schema: int
    requires: tuple[str, ...]


def build(facts: Facts, environment: str) -> Catalog:
    """The catalog of one environment.

    Raises Refused, naming each artifact whose signature this environment does not trust.
    """
    product = facts.product.value
    problems = tuple(untrusted(facts, environment))
    if problems:
        raise Refused(problems)
    return Catalog(
        schema=SCHEMA,
        requires=(),
        product=product.product,
        environment=environment,
        targets=dict(sorted(product.targets.items())),
        channels=tuple(sorted(facts.channels)),
        releases={name: _release(facts.versions[name]) for name in sorted(facts.versions, key=precedence)},
        offerings=tuple(_offerings(facts)),
        withdrawals=tuple(_withdrawals(facts)),
        stops=tuple(_stop(facts.stops[name]) for name in sorted(facts.stops)),
    )


def untrusted(facts: Facts, environment: str) -> Iterator[Problem]:
    """The signed artifacts whose key this environment does not trust."""
    product = facts.product.value
    trusted = product.artifact_keys(environment)
    names = {key.id: key.note for key in product.keys.artifacts}
    for filed in facts.versions.values():
        for target, bundles in filed.value.artifacts.items():
            for bundle, artifact in bundles.items():
                if artifact.signature is None or (signer := key_id(artifact.signature)) in trusted:
                    continue
                known = f" ({names[signer]})" if signer in names else ""
                place = ("artifacts", target, bundle, "signature")
                yield Problem(
                    filed.path,
                    filed.line(*place),
                    ".".join(place),
                    f"{artifact.file} is signed by key {signer}{known}, which {environment} does not trust",
                    f"sign it with a key that product.yaml trusts in {environment}",
                )


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


def _release(filed: Filed[Version]) -> Release:
    fact = filed.value
    return Release(fact.published, fact.notes, fact.artifacts, filed.at())


def _offerings(facts: Facts) -> Iterator[Offering]:
    for name in sorted(facts.rollouts):
        filed = facts.rollouts[name]
        line = timeline(filed)
        rollout = filed.value
        yield Offering(rollout.channel, rollout.version, rollout.salt, line.stages, line.waiting, filed.at())


def _withdrawals(facts: Facts) -> Iterator[Removal]:
    for version in sorted(facts.withdrawals, key=precedence):
        filed: Filed[Withdrawal] = facts.withdrawals[version]
        for channel in sorted(filed.value.channels):
            yield Removal(channel, (version,), filed.value.at, filed.value.reason, filed.at("withdraw"))


def _stop(filed: Filed[Stop]) -> Removal:
    fact = filed.value
    versions = None if fact.stop.versions is None else tuple(sorted(fact.stop.versions, key=precedence))
    return Removal(fact.stop.channel, versions, fact.at, fact.reason, filed.at("stop"))
