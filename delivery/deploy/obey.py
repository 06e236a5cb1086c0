"""Applies under the brake: from the override that is in force, and once more where something was halted meanwhile."""

import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from delivery.deploy import halt as halting
from delivery.deploy.halt import LOOK_BACK, Place, Wanted
from delivery.deploy.override import NotInForce, live_override, obeyed
from delivery.deploy.probe import manifest_key
from delivery.engines.stack import EngineError
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override
from delivery.rules.facts import Facts

Apply = Callable[[Override | None], tuple[str, ...]]
"""One apply of the live stack under this override; what went wrong with it, if anything did."""


def in_force(place: Place, facts: Facts) -> Override | None:
    """The override that lies there; None where there never was one.

    Raises NotInForce: it is not believed, or another one with a higher number was there before, which older versions
    of it tell, or the manifests that obey it, as far as either may be read. Raises EngineError: it cannot be read.
    """
    found = place.catalog.read(OVERRIDE_KEY)
    override = live_override(found.data if found else None, place.product, place.environment)
    number = override.number if override else 0
    before = max((*_known(_older(place)), *_known(_obeyed(place, facts))), default=0)
    if before > number:
        what = f"it has number {number}" if override else "it is gone"
        raise NotInForce(f"{what}, and number {before} was there before")
    return override


def _older(place: Place) -> Iterator[int]:
    for data in place.catalog.older(OVERRIDE_KEY, LOOK_BACK):
        try:
            override = live_override(data, place.product, place.environment)
        except NotInForce:
            continue
        yield override.number if override else 0


def _obeyed(place: Place, facts: Facts) -> Iterator[int]:
    """By one manifest of each channel: an apply writes all of them, and a halt those of its channel."""
    *_, rest = manifest_key(facts).split("/", 3)
    for channel in facts.channels:
        found = place.downloads.read(f"v1/update/{channel}/{rest}")
        yield obeyed(found) if found else 0


def _known(numbers: Iterator[int]) -> Iterator[int]:
    """As many as may be read from here: this is a second look, which must not keep a withdrawal from being applied."""
    try:
        yield from numbers
    except EngineError:
        return


def under_the_brake(place: Place, facts: Facts, apply: Apply, say: Callable[[str], None]) -> tuple[str, ...]:
    """Applies until nothing was halted meanwhile; what went wrong, if anything did.

    Where an apply fails half-way it may have written over what a halt wrote: then those manifests are written strictly
    again, without the engine. Raises what `apply` raises, and EngineError: nobody knows what is in force.
    """
    override = in_force(place, facts)
    while True:
        try:
            wrong = apply(override)
        except BaseException:  # also by Ctrl-C
            for sentence in _strictly(place, facts, override, say):
                say(sentence)
            raise
        if wrong:
            return (*wrong, *_strictly(place, facts, override, say))
        obeyed_by_now, override = override, in_force(place, facts)
        if override == obeyed_by_now:
            return ()
        say("something was halted meanwhile: applying once more, under the new override")


def _strictly(place: Place, facts: Facts, before: Override | None, say: Callable[[str], None]) -> tuple[str, ...]:
    """After an apply under `before` failed; what could not be written, if anything."""
    try:
        override = in_force(place, facts)
    except EngineError as error:
        return (f"and nobody knows whether something was halted meanwhile: {error}",)
    known = before.halts if before else ()
    halts = [each for each in (override.halts if override else ()) if each not in known]
    for halt in halts:
        wanted = Wanted(halt.channel, halt.versions, halt.reason)
        try:
            said = halting.rewrite(place, wanted, halting.standing(place, wanted), datetime.now(UTC))
        except EngineError as error:
            return tuple(f"a halt was overwritten; type {_again(each, place)} again: {error}" for each in halts)
        say(f"{wanted} was halted meanwhile: {said}")
    return ()


def _again(halt: Halt, place: Place) -> str:
    version = ["--version", ",".join(halt.versions)] if halt.versions else []
    where = ["--environment", place.environment] if place.environment != "laptop" else []
    return shlex.join(["./inv", "halt", halt.channel, *version, "--reason", halt.reason, *where])
