"""The brake: a small signed paper beside the head that takes away from what the catalog offers, and can do no more.

A person writes it (`./inv halt`) where no merge can be waited for. Every halt in it holds until a merged stop names it
(`decides:` in the fact), lifted or not: from then on the facts speak, and nothing else ever ends it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from securesystemslib.signer import Signer

from delivery.rules import envelope
from delivery.rules.catalog import Catalog, Stopped
from delivery.rules.envelope import NotBelieved
from delivery.rules.facts import Key

OVERRIDE_KEY = "catalog/override.json"  # in the catalog's bucket, beside the head
PAYLOAD_TYPE = "application/vnd.espice.override.v1+json"


@dataclass(frozen=True, slots=True)
class Halt:
    """Nothing (or none of these versions) is offered on this channel.

    Its name ends in -<channel> and becomes the name of the stop: so facts alone tell what a decision is about.
    """

    name: str
    channel: str
    versions: tuple[str, ...] | None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A halt that a change of facts decides; `stays`: all of its channel is stopped by facts then, whatever it held."""

    halt: str
    channel: str | None
    stays: bool


@dataclass(frozen=True, slots=True)
class Override:
    """Every halt that was not decided yet when it was written. `number` rises by one with each, so an old one shows."""

    product: str
    environment: str
    number: int
    issued: datetime
    halts: tuple[Halt, ...]


class OverrideRefused(NotBelieved):
    """This override must not be believed; the text says why."""


def seal(override: Override, signer: Signer) -> bytes:
    """The signed envelope."""
    return envelope.seal(override, PAYLOAD_TYPE, signer)


def unseal(data: bytes, keys: Sequence[Key], product: str, environment: str) -> Override:
    """The override in this envelope, believed. It never expires: forgetting it would offer what was halted.

    Raises OverrideRefused: malformed, not signed by one of `keys`, or for another product or environment.
    """
    if not keys:
        raise OverrideRefused("product.yaml trusts no key to sign it here; add one under keys.brakes")
    try:
        override = envelope.unseal(data, PAYLOAD_TYPE, Override, keys)
    except NotBelieved as error:
        raise OverrideRefused(str(error)) from None
    if (override.product, override.environment) != (product, environment):
        found = f"{override.product} {override.environment}"
        raise OverrideRefused(f"it is the override of {found}, not of {product} {environment}")
    return override


def heeded(last: Override | None, found: Override) -> Override:
    """What holds for a reader who finds this override and believed `last` before it: every halt of both.

    A newer one leaves out what the live catalog decides, and that catalog may not have come to this reader yet.
    """
    return replace(found, halts=tuple(dict.fromkeys((*found.halts, *last.halts)))) if last else found


def pending(override: Override | None, catalog: Catalog) -> tuple[Halt, ...]:
    """The halts that no merged stop of this catalog decides."""
    return tuple(halt for halt in override.halts if halt.name not in catalog.decided) if override else ()


def braked(catalog: Catalog, override: Override | None) -> Catalog:
    """The catalog with every pending halt as one more stop: the same or less is offered, whatever the halts say."""
    stops = tuple(
        Stopped(halt.channel, halt.versions, halt.at, halt.reason, f"{OVERRIDE_KEY}:{halt.name}")
        for halt in pending(override, catalog)
    )
    return replace(catalog, stops=(*catalog.stops, *stops)) if stops else catalog


def halt_of(fact: str) -> str | None:
    """The name of the halt that is this fact of a braked catalog; None where it is a line of a file."""
    return fact.removeprefix(f"{OVERRIDE_KEY}:") if fact.startswith(f"{OVERRIDE_KEY}:") else None


def channel_of(name: str, channels: Iterable[str]) -> str | None:
    """The channel that a halt of this name is of, among these."""
    return max((channel for channel in channels if name.endswith(f"-{channel}")), key=len, default=None)


def ended(before: Catalog | None, after: Catalog) -> tuple[Ended, ...]:
    """What the brake holds no more once `after` is live in place of `before`.

    Facts do not know how much a halt held: unless all of its channel is stopped, it may have been more.
    """
    if before is None:
        return ()
    stopped = {stop.channel for stop in after.stops if stop.versions is None}
    names = (name for name in after.decided if name not in before.decided)
    found = ((name, channel_of(name, after.channels)) for name in names)
    return tuple(Ended(name, channel, channel in stopped) for name, channel in found)


def pulled(override: Override | None, halt: Halt, catalog: Catalog, now: datetime) -> Override:
    """The override to write next: this halt, beside those that still wait for their decision.

    Raises ValueError: the catalog decides a halt of this name already, so it would hold nothing; or it is not named
    for its channel, so another one's stop could end it.
    """
    if halt.name in catalog.decided:
        raise ValueError(f"{halt.name} was decided already; a new halt needs a name of its own")
    if channel_of(halt.name, catalog.channels) != halt.channel:
        raise ValueError(f"{halt.name} is no name for a halt of {halt.channel}; it must end in -{halt.channel}")
    number = override.number + 1 if override else 1
    halts = (*pending(override, catalog), halt)
    return Override(catalog.product, catalog.environment, number, now.replace(microsecond=0), halts)
