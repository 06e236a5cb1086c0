"""Which rollout a verb means when only the channel is named, and how things stand with it. Changes nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal

from delivery.rules import expected
from delivery.rules.checks.change import did_you_mean
from delivery.rules.edit.proof import Ground, refuse, refuse_at
from delivery.rules.facts import Facts, Filed, Rollout
from delivery.rules.precedence import precedence
from delivery.rules.read import FOLDER
from delivery.rules.timeline import in_force, timeline


def known(name: str, names: Collection[str], kind: str) -> str:
    """The name, if there is a fact of this kind by it: channel, version."""
    if name not in names:
        refuse_at(f"{FOLDER}{kind}s/", f"there is no {kind} {name}", did_you_mean(name, names, kind))
    return name


def targets(ground: Ground, names: Iterable[str] | None) -> Literal["all"] | tuple[str, ...]:
    """These targets, or all when None; each must be one that ESpice is built for."""
    product = ground.facts.product
    for name in names or ():
        if name not in product.value.targets:
            mend = did_you_mean(name, product.value.targets, "target")
            refuse(product, f"there is no target {name}", mend, product.line("targets"))
    return "all" if names is None else tuple(dict.fromkeys(names))


def rollouts(facts: Facts, channel: str) -> list[Filed[Rollout]]:
    """The rollouts of a channel, newest version first."""
    known(channel, facts.channels, "channel")
    found = [filed for filed in facts.rollouts.values() if filed.value.channel == channel]
    return sorted(found, key=lambda filed: precedence(filed.value.version), reverse=True)


def chosen(
    facts: Facts, channel: str, version: str | None, candidates: list[Filed[Rollout]], none: str, mend: str
) -> Filed[Rollout]:
    """The rollout of this version; without one the only candidate."""
    folder = f"{FOLDER}rollouts/{channel}/"
    there = {filed.value.version: filed for filed in rollouts(facts, channel)}
    if version is not None:
        if version not in there:
            refuse_at(folder, f"{version} has no rollout on {channel}", did_you_mean(version, there, "rollout"))
        return there[version]
    if not candidates:
        refuse_at(folder, f"{none} on {channel}", mend)
    if len(candidates) > 1:
        named = expected.listed([filed.value.version for filed in candidates], "and")
        refuse_at(folder, f"{named} could be meant", "say which by --version")
    return candidates[0]


def is_moving(facts: Facts, filed: Filed[Rollout], at: datetime) -> bool:
    """True for a rollout below 100 % that is not removed, nor hidden by a newer one at 100 % or in its place."""
    if removal(facts, filed) or percent(filed, at) == 100:
        return False
    mine = filed.value
    return not any(
        (precedence(other.value.version) > precedence(mine.version) and percent(other, at) == 100)
        or (other.value.supersedes == mine.version and percent(other, at) > 0)
        for other in rollouts(facts, mine.channel)
        if not removal(facts, other)
    )


def percent(filed: Filed[Rollout], at: datetime) -> float:
    """The share in force."""
    stage = in_force(timeline(filed).stages, at)
    return stage.percent if stage else 0


def is_held(filed: Filed[Rollout]) -> bool:
    """Whether its last word is a hold."""
    stages = timeline(filed).stages
    return bool(stages) and stages[-1].held


def removal(facts: Facts, filed: Filed[Rollout]) -> str | None:
    """The place of the fact that takes this rollout's version away."""
    rollout = filed.value
    withdrawal = facts.withdrawals.get(rollout.version)
    if withdrawal and not withdrawal.value.lifted and rollout.channel in withdrawal.value.channels:
        return withdrawal.at("withdraw")
    for stopped in facts.stops.values():
        scope = stopped.value.stop
        is_meant = scope.channel == rollout.channel and (scope.versions is None or rollout.version in scope.versions)
        if is_meant and not stopped.value.lifted:
            return stopped.at("stop")
    return None
