"""What the brake still holds although no merged stop says it: live is then less than HEAD says, and on purpose."""

from collections.abc import Iterator

from delivery.drift.found import Drift
from delivery.rules.brake import Halt, Override, pending
from delivery.rules.catalog import Catalog
from delivery.rules.expected import listed


def halts(override: Override | None, catalog: Catalog, environment: str) -> Iterator[Drift]:
    """Every halt that no stop of HEAD (`catalog`) decides: since when, and how it ends."""
    for halt in pending(override, catalog):
        where = f"halt {halt.name}"
        if halt.channel in catalog.channels:
            since = f"{halt.at:%Y-%m-%d %H:%M} UTC"
            what = f"holds {_what(halt)} since {since}, and no merged stop decides it: {halt.reason}"
            yield Drift(where, what, f"{decide(halt.name, environment)}; merge that")
        else:
            what = f"is of {halt.channel}, which HEAD does not have, so it holds nothing"
            yield Drift(where, what, "leave it: it takes nothing away")


def decide(name: str, environment: str) -> str:
    """What ends a halt."""
    there = "" if environment == "laptop" else f" --environment {environment}"
    return f"./inv decide {name}{there} --commit writes the stop that takes it over"


def _what(halt: Halt) -> str:
    return halt.channel if halt.versions is None else f"{listed(halt.versions, 'and')} on {halt.channel}"
