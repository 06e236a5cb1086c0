"""The verbs that bound what may happen, each one new file: block, barrier, deadend, freeze, notice.

And the one that ends an experiment: conclude.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from delivery.rules.checks.change import did_you_mean, stamp
from delivery.rules.edit.proof import Edit, Ground, new_file, refuse, refuse_at, with_key
from delivery.rules.edit.which import known, targets
from delivery.rules.facts import Barrier, Block, Deadend, Freeze, Notice, Outcome
from delivery.rules.read import FOLDER


def block(
    ground: Ground,
    name: str,
    from_: str,
    to: str,
    reason: str,
    owner: str,
    review_by: str,
    *,
    only: Iterable[str] | None = None,
    effect: Literal["block", "warn"] = "block",
) -> Edit:
    """Offer no update from one range of versions to another; with `warn`, only with a warning."""
    fact = Block(name, from_, to, targets(ground, only), effect, reason, owner, review_by)
    return new_file(ground, "blocks", name, fact, f"{'Block' if effect == 'block' else 'Warn of'} {name}")


def barrier(ground: Ground, version: str, below: str, reason: str, *, only: Iterable[str] | None = None) -> Edit:
    """Let installations below a version go through this one, never past it."""
    known(version, ground.facts.versions, "version")
    fact = Barrier(version, below, targets(ground, only), reason)
    return new_file(ground, "barriers", version, fact, f"Make {version} a barrier below {below}")


def deadend(ground: Ground, version: str, reason: str, notice: str) -> Edit:
    """Say that installations on this version cannot update themselves."""
    known(version, ground.facts.versions, "version")
    return new_file(ground, "deadends", version, Deadend(version, reason, notice), f"Make {version} a dead end")


def freeze(
    ground: Ground,
    name: str,
    from_: datetime,
    until: datetime,
    reason: str,
    *,
    channels: Iterable[str] | None = None,
    because: str | None = None,
) -> Edit:
    """Let nothing widen on these channels (all when None) between two moments, unless a line says why."""
    if until <= from_:
        what = f"would end at {stamp(until)}, not after it begins at {stamp(from_)}"
        refuse_at(f"{FOLDER}freezes/{name}.yaml", what, "name a later --until", "until")
    fact = Freeze(name, _channels(ground, channels), from_, until, reason, because)
    return new_file(ground, "freezes", name, fact, f"Freeze {name}")


def notice(
    ground: Ground,
    name: str,
    versions: str,
    at: datetime,
    text: str,
    *,
    channels: Iterable[str] | None = None,
    url: str | None = None,
    support_ends: str | None = None,
) -> Edit:
    """Tell users of these versions something."""
    fact = Notice(name, _channels(ground, channels), versions, at, text, url, support_ends)
    return new_file(ground, "notices", name, fact, f"Add the notice {name}")


def conclude(ground: Ground, name: str, keep: str, at: datetime, reason: str) -> Edit:
    """End an experiment: keep one of its arms for everyone in it, or `none`."""
    there = ground.facts.experiments.get(name)
    if there is None:
        mend = did_you_mean(name, ground.facts.experiments, "experiment")
        refuse_at(f"{FOLDER}experiments/", f"there is no experiment {name}", mend)
    if there.value.decision:
        what = f"is decided already: {there.value.decision.keep} is kept"
        refuse(there, what, "leave it", there.line("decision"))
    arms = ("none", *(there.value.arms or {}))
    if keep not in arms:
        refuse(there, f"has no arm {keep}", did_you_mean(keep, arms, "arm"), there.line("arms"))
    return with_key(ground, "experiments", name, "decision", Outcome(keep, at, reason), f"Conclude {name}: keep {keep}")


def _channels(ground: Ground, names: Iterable[str] | None) -> tuple[str, ...]:
    facts = ground.facts
    return tuple(
        sorted(known(name, facts.channels, "channel") for name in set(facts.channels if names is None else names))
    )
