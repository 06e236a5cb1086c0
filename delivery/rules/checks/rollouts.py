"""Rules of a rollout as a whole, and of the rollouts of a channel beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from delivery.rules import ranges
from delivery.rules.checks.change import Change, at, did_you_mean, few, stamp, warn
from delivery.rules.facts import Experiment, Filed, Rollout
from delivery.rules.precedence import is_prerelease, precedence
from delivery.rules.problem import Problem
from delivery.rules.timeline import in_force

MIDWAY = timedelta(days=14)
_NEVER = datetime.max.replace(tzinfo=UTC)


def rollouts_name_what_exists(change: Change) -> Iterator[Problem]:
    """A rollout is of a version, on a channel, for targets and in place of a rollout that exist."""
    facts, targets = change.facts, change.facts.product.value.targets
    for filed in facts.rollouts.values():
        version, channel, older = filed.value.version, filed.value.channel, filed.value.supersedes
        if version not in facts.versions:
            mend = did_you_mean(version, facts.versions, "version")
            yield at(filed, ("rollout",), f"there is no version {version}", mend)
        if channel not in facts.channels:
            mend = did_you_mean(channel, facts.channels, "channel")
            yield at(filed, ("rollout",), f"there is no channel {channel}", mend)
        for number, target in enumerate(filed.value.targets if filed.value.targets != "all" else ()):
            if target not in targets:
                mend = did_you_mean(target, targets, "target")
                yield at(filed, ("targets", number), f"product.yaml has no target {target}", mend)
        if older and f"{channel}/{older}" not in facts.rollouts:
            there = [each.value.version for each in change.standing.channels.get(channel, ()) if each is not filed]
            what = f"{older} was never rolled out on {channel}"
            yield at(filed, ("supersedes",), what, did_you_mean(older, there, "version"))


def rollouts_are_for_targets_it_was_built_for(change: Change) -> Iterator[Problem]:
    """A new rollout names targets for which its version has an update."""
    for filed in change.new("rollouts"):
        ways = change.standing.updates.get(filed.value.version, frozenset())
        built, known = {target for target, _ in ways}, change.facts.product.value.targets
        for number, target in enumerate(filed.value.targets if filed.value.targets != "all" else ()):
            if built and target in known and target not in built:
                what = f"matches nothing: {filed.value.version} has no update for {target}"
                yield warn(filed, ("targets", number), what, did_you_mean(target, built, "target"))


def rollouts_for_all_targets_leave_none_behind(change: Change) -> Iterator[Problem]:
    """A new rollout for all targets serves each target and bundle that the rollout below it on the channel served."""
    merged, standing = change.merged("rollouts"), change.standing
    for channel, rollouts in standing.channels.items():
        there = (filed for filed in rollouts if not standing.removal(channel, filed.value.version))
        for before, filed in pairwise(there):
            reach = standing.reach(filed.value)
            lost = standing.reach(before.value) - reach
            if filed.value.rollout not in merged and filed.value.targets == "all" and reach and lost:
                named = few([f"{target} {bundle}" for target, bundle in sorted(lost)])
                what = f"all leaves out {named}, which {before.value.version} serves on {channel}"
                yield warn(filed, ("targets",), what, "see whether the build failed there: who has it stays behind")


def rollouts_can_reach_somebody(change: Change) -> Iterator[Problem]:
    """A rollout is of a version that some installation could be offered."""
    for filed in change.facts.rollouts.values():
        if _has_no_update(change, filed.value):
            where = "any target" if filed.value.targets == "all" else few(filed.value.targets)
            what = f"can never be offered to anybody: {filed.value.version} has no signed update for {where}"
            yield at(filed, ("rollout",), what, "add its artifacts, or remove the rollout")
    for filed in change.new("rollouts"):
        if found := _hidden_by(change, filed.value):
            higher, why = found
            what = f"can never be offered to anybody: {higher} {why}"
            yield at(filed, ("rollout",), what, "roll out a higher version, or remove this")


def pre_releases_are_for_channels_that_take_them(change: Change) -> Iterator[Problem]:
    """A new rollout of a pre-release is on a channel with `pre-releases: true`."""
    for filed in change.new("rollouts"):
        channel = change.facts.channels.get(filed.value.channel)
        if channel and not channel.value.pre_releases and is_prerelease(filed.value.version):
            what = f"{filed.value.version} is a pre-release, and {filed.value.channel} takes none ({channel.path})"
            yield at(filed, ("rollout",), what, "release it under a number without a hyphen, or roll it out elsewhere")


def salts_are_unique(change: Change) -> Iterator[Problem]:
    """No two rollouts or experiments share a salt, so none asks the same installations first."""
    first: dict[str, Filed[Rollout] | Filed[Experiment]] = {}
    rollouts = (change.facts.rollouts[name] for name in sorted(change.facts.rollouts))
    experiments = (change.facts.experiments[name] for name in sorted(change.facts.experiments))
    every: list[Filed[Rollout] | Filed[Experiment]] = [*rollouts, *experiments]
    merged = {filed.path for kind in ("rollouts", "experiments") for filed in change.merged(kind).values()}
    for filed in sorted(every, key=lambda filed: filed.path not in merged):  # it is the new one that is to be mended
        other = first.setdefault(filed.value.salt, filed)
        if other is not filed:
            own = filed.value.rollout.replace("/", "-") if isinstance(filed.value, Rollout) else filed.value.experiment
            yield at(filed, ("salt",), f"{filed.value.salt} is also the salt of {other.at('salt')}", f"write {own}")


def superseded_rollouts_are_older_and_partial(change: Change) -> Iterator[Problem]:
    """A rollout supersedes one of a lower version that has not reached everyone."""
    for filed in change.facts.rollouts.values():
        older, channel = filed.value.supersedes, filed.value.channel
        other = change.facts.rollouts.get(f"{channel}/{older}")
        if older is None or other is None:
            continue
        if precedence(older) >= precedence(filed.value.version):
            what = f"{older} is not below {filed.value.version}"
            yield at(filed, ("supersedes",), what, "name the older rollout that this one ends")
        elif since := change.standing.is_open_to_all(f"{channel}/{older}"):
            what = f"{other.value.rollout} is at 100 % from {stamp(since)} on, so there is nothing to end"
            yield at(filed, ("supersedes",), what, "remove the line")


def one_partial_rollout_a_channel(change: Change) -> Iterator[Problem]:
    """Two rollouts of a channel are between 0 and 100 % at once only where the newer supersedes the older."""
    for rollouts in change.standing.channels.values():
        told: set[tuple[str, str]] = set()
        open_: list[_Span] = []
        for span in sorted(
            (span for filed in rollouts for span in _partial(change, filed)), key=lambda each: each.since
        ):
            open_ = [each for each in open_ if each.until > span.since]
            for other in open_:
                older, newer = sorted((span.filed, other.filed), key=lambda each: precedence(each.value.version))
                if older is not newer and (pair := (older.path, newer.path)) not in told:
                    told.add(pair)
                    yield _both_partial(older, newer, span.since)
            open_.append(span)


def rollouts_are_not_left_midway(change: Change) -> Iterator[Problem]:
    """A rollout does not stay between 0 and 100 % for 14 days with nothing to come."""
    for name, filed in change.facts.rollouts.items() if change.now else ():
        stages, channel = change.standing.timelines[name].stages, filed.value.channel
        last = in_force(stages, change.now) if change.now else None
        if last is None or not 0 < last.permille < 1000 or last.held or stages[-1].at != last.at:
            continue
        if change.now and last.at <= change.now - MIDWAY and not _is_over(change, filed.value):
            what = f"{filed.value.version} has been at {last.percent} % of {channel} since {stamp(last.at)}"
            yield warn(filed, ("steps",), what, "take its next step, or hold it and say why")


@dataclass(frozen=True, slots=True)
class _Span:
    """A time in which a rollout is between 0 and 100 %."""

    since: datetime
    until: datetime
    filed: Filed[Rollout]


def _partial(change: Change, filed: Filed[Rollout]) -> list[_Span]:
    """When a rollout is between 0 and 100 %. No clock: what time alone will bring counts already."""
    rollout = filed.value
    if change.standing.removal(rollout.channel, rollout.version):
        return []
    stages = change.standing.timelines[rollout.rollout].stages
    superseded = _superseded(change, rollout) or _NEVER
    ends = [*(stage.at for stage in stages[1:]), _NEVER]
    return [
        _Span(stage.at, min(end, superseded, stage.ends if stage.permille == 1000 else _NEVER), filed)
        for stage, end in zip(stages, ends, strict=False)
        if stage.at < superseded and (0 < stage.permille < 1000 or stage.over)
    ]


def _superseded(change: Change, rollout: Rollout) -> datetime | None:
    """When a newer rollout that supersedes this one begins."""
    for other in change.standing.superseding.get(f"{rollout.channel}/{rollout.version}", ()):
        if stage := change.standing.opens(other):
            return stage.at
    return None


def _both_partial(older: Filed[Rollout], newer: Filed[Rollout], since: datetime) -> Problem:
    name = older.value.version
    what = f"{older.value.rollout} is between 0 and 100 % too, from {stamp(since)} on"
    mend = f"first bring {name} to 100 %, hold it at 0 or withdraw it, or write supersedes: {name} here"
    return at(newer, ("steps",), what, mend)


def _is_over(change: Change, rollout: Rollout) -> bool:
    """Whether it is taken back, or a higher version took its place."""
    mine = precedence(rollout.version)
    return bool(change.standing.removal(rollout.channel, rollout.version)) or any(
        precedence(other.value.version) > mine and change.standing.opens(other.value.rollout)
        for other in change.standing.channels[rollout.channel]
    )


def _has_no_update(change: Change, rollout: Rollout) -> bool:
    """Whether its version is for new visitors only, or not for its targets at all. What is unsigned is told there."""
    version, targets = change.facts.versions.get(rollout.version), change.facts.product.value.targets
    names_what_exists = rollout.targets == "all" or all(target in targets for target in rollout.targets)
    return (
        version is not None
        and names_what_exists
        and all(
            target in targets and bundle in targets[target].installs
            for target, bundles in version.value.artifacts.items()
            for bundle in bundles
            if rollout.targets == "all" or target in rollout.targets
        )
    )


def _hidden_by(change: Change, rollout: Rollout) -> tuple[str, str] | None:
    """The version, merged already, that all who could get this one get instead; or its own withdrawal."""
    facts, standing = change.facts, change.standing
    if change.before is None:
        return None
    withdrawal = facts.withdrawals.get(rollout.version)
    if withdrawal and withdrawal.value.lifted is None and rollout.channel in withdrawal.value.channels:
        return rollout.version, f"is withdrawn from {rollout.channel} by {withdrawal.at('withdraw')}"
    if rollout.version in _ways_down(change):
        return None
    mine, reach = precedence(rollout.version), standing.reach(rollout)
    for other in reversed(change.before.channels.get(rollout.channel, ())):
        version = other.value.version
        if precedence(version) <= mine:
            return None
        is_for_all = change.before.is_open_to_all(other.value.rollout) and reach <= standing.reach(other.value)
        if is_for_all and not standing.removal(rollout.channel, version) and _takes_everyone(change, version):
            return version, f"is above it and at 100 % of {rollout.channel}"
    return None


def _takes_everyone(change: Change, version: str) -> bool:
    """Whether no block and no minimum keeps anybody from this version."""
    blocks = (each.value for each in change.facts.blocks.values() if each.value.lifted is None)
    blocked = any(block.effect == "block" and ranges.parse(block.to).holds(version) for block in blocks)
    return not blocked and not change.facts.versions[version].value.minimum_os


def _ways_down(change: Change) -> set[str | None]:
    """Versions that installations get although a higher one is there: barriers, and what stands in for others."""
    withdrawals = [each.value for each in change.facts.withdrawals.values() if each.value.lifted is None]
    return {
        *(each.value.barrier for each in change.facts.barriers.values() if each.value.lifted is None),
        *(each.reissue_as for each in withdrawals),
        *(each.downgrade_to for each in withdrawals),
        *(each.offer_instead for each in withdrawals),
    }
