"""Rules of barriers and dead ends: versions that installations must go through, or cannot leave."""

from collections.abc import Iterator

from delivery.rules.checks.change import Change, at, did_you_mean, few, stamp
from delivery.rules.checks.standing import Way
from delivery.rules.facts import Barrier, Filed
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem


def barriers_name_what_exists(change: Change) -> Iterator[Problem]:
    """A barrier is a version, for targets, that exist."""
    facts, known = change.facts, change.facts.product.value.targets
    for filed in facts.barriers.values():
        if filed.value.barrier not in facts.versions:
            mend = did_you_mean(filed.value.barrier, facts.versions, "version")
            yield at(filed, ("barrier",), f"there is no version {filed.value.barrier}", mend)
        for number, target in enumerate(filed.value.targets if filed.value.targets != "all" else ()):
            if target not in known:
                mend = did_you_mean(target, known, "target")
                yield at(filed, ("targets", number), f"product.yaml has no target {target}", mend)


def deadends_name_what_exists(change: Change) -> Iterator[Problem]:
    """A dead end is a version that exists, with a notice that exists and says what to do."""
    facts = change.facts
    for filed in facts.deadends.values():
        if filed.value.deadend not in facts.versions:
            mend = did_you_mean(filed.value.deadend, facts.versions, "version")
            yield at(filed, ("deadend",), f"there is no version {filed.value.deadend}", mend)
        if filed.value.notice not in facts.notices:
            mend = did_you_mean(filed.value.notice, facts.notices, "notice")
            yield at(filed, ("notice",), f"there is no notice {filed.value.notice}", mend)


def barriers_are_for_those_below_them(change: Change) -> Iterator[Problem]:
    """A barrier applies to installations below itself."""
    for filed in _barriers(change):
        below = filed.value.applies_below
        if precedence(below) > precedence(filed.value.barrier):
            what = f"{below} is above {filed.value.barrier}: those between have passed it"
            yield at(filed, ("applies-below",), what, f"write {filed.value.barrier} or a version below it")


def barriers_are_built_for_every_target(change: Change) -> Iterator[Problem]:
    """A barrier has an update for every target and bundle that a version above it has one for."""
    for filed in _barriers(change):
        above = frozenset(way for name in _above(change, filed.value) for way in change.standing.updates[name])
        if lost := _applies(filed.value, above) - change.standing.updates.get(filed.value.barrier, frozenset()):
            named = few([f"{target} {bundle}" for target, bundle in sorted(lost)])
            what = f"{filed.value.barrier} has no update for {named}: nobody could go through it there"
            yield at(filed, ("barrier",), what, "name the targets it is for, or take a version that has them all")


def barriers_are_open_to_everyone(change: Change) -> Iterator[Problem]:
    """A barrier is at 100 % of every channel, and neither held, stopped nor withdrawn, once a higher version starts."""
    for filed in _barriers(change):
        version = filed.value.barrier
        for channel, rollouts in change.standing.channels.items():
            higher = [each.value.version for each in rollouts if _is_past(change, each.value.rollout, version)]
            if higher and (shut := _shut(change, channel, version)):
                what = f"{shut}, so nobody below gets {higher[0]} on {channel}"
                mend = f"bring {version} to 100 % there before {higher[0]} starts, or lift the barrier"
                yield at(filed, ("barrier",), what, mend)


def _barriers(change: Change) -> Iterator[Filed[Barrier]]:
    """Those in force, of versions that exist."""
    for filed in change.facts.barriers.values():
        if filed.value.lifted is None and filed.value.barrier in change.facts.versions:
            yield filed


def _above(change: Change, barrier: Barrier) -> list[str]:
    mine = precedence(barrier.barrier)
    rolled = {filed.value.version for filed in change.facts.rollouts.values()} & change.facts.versions.keys()
    return [version for version in rolled if precedence(version) > mine]


def _applies(barrier: Barrier, ways: frozenset[Way]) -> frozenset[Way]:
    return ways if barrier.targets == "all" else frozenset(way for way in ways if way[0] in barrier.targets)


def _is_past(change: Change, name: str, version: str) -> bool:
    """Whether this rollout offers, or will, a version above the barrier."""
    higher = precedence(name.partition("/")[2]) > precedence(version)
    return higher and change.standing.opens(name) is not None and not change.standing.removal(*name.split("/", 1))


def _shut(change: Change, channel: str, version: str) -> str | None:
    """What keeps people from the barrier on this channel."""
    name = f"{channel}/{version}"
    if name not in change.facts.rollouts:
        return f"{version} is not rolled out on {channel}"
    if fact := change.standing.removal(channel, version):
        return f"{version} is taken back on {channel} ({fact})"
    since = change.standing.is_open_to_all(name)
    if since is None:
        last = change.standing.timelines[name].stages[-1:]
        held = "held at" if last and last[0].held else "only at"
        return f"{version} is {held} {last[0].percent if last else 0} % of {channel}"
    if change.now and since > change.now:
        later = [each for each in change.standing.channels[channel] if _is_past(change, each.value.rollout, version)]
        begins = min(stage.at for each in later if (stage := change.standing.opens(each.value.rollout)))
        return f"{version} reaches 100 % of {channel} at {stamp(since)} only" if begins < since else None
    return None
