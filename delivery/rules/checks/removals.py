"""Rules of what takes a version away: withdrawals and stops. They never stand in the way of a real one."""

from collections.abc import Iterator

from delivery.rules import expected
from delivery.rules.checks.change import Change, at, did_you_mean, stamp
from delivery.rules.checks.rollouts import AHEAD
from delivery.rules.problem import Problem


def withdrawals_are_of_something(change: Change) -> Iterator[Problem]:
    """A withdrawal is of a version that exists, on channels where it was rolled out."""
    facts = change.facts
    for filed in facts.withdrawals.values():
        version, channels = filed.value.withdraw, filed.value.channels
        where = [channel for channel in sorted(facts.channels) if f"{channel}/{version}" in facts.rollouts]
        if version not in facts.versions:
            mend = did_you_mean(version, facts.versions, "version")
            yield at(filed, ("withdraw",), f"withdraws nothing: there is no version {version}", mend)
        elif not channels:
            yield at(filed, ("channels",), "withdraws nothing: it names no channel", _instead(where))
        else:
            for number, channel in enumerate(channels):
                if channel not in where:
                    what = f"withdraws nothing: {version} was never rolled out on {channel}"
                    yield at(filed, ("channels", number), what, _instead(where))


def stops_are_of_something(change: Change) -> Iterator[Problem]:
    """A stop is of a channel that exists, or of versions that were rolled out on it."""
    facts = change.facts
    for filed in facts.stops.values():
        channel, versions = filed.value.stop.channel, filed.value.stop.versions
        if channel not in facts.channels:
            mend = did_you_mean(channel, facts.channels, "channel")
            yield at(filed, ("stop", "channel"), f"stops nothing: there is no channel {channel}", mend)
            continue
        if versions == ():
            mend = "name them, or leave the key out to stop all"
            yield at(filed, ("stop", "versions"), "stops nothing: it names no version", mend)
        there = [rollout.value.version for rollout in facts.rollouts.values() if rollout.value.channel == channel]
        for number, version in enumerate(versions or ()):
            if version not in there:
                what = f"stops nothing: {version} was never rolled out on {channel}"
                mend = did_you_mean(version, there, "version") if there else "remove it: nothing was"
                yield at(filed, ("stop", "versions", number), what, mend)


def stops_are_named_for_their_channel(change: Change) -> Iterator[Problem]:
    """A stop's file is named for the day and the channel."""
    for name, filed in change.facts.stops.items():
        channel = filed.value.stop.channel
        if not name.endswith(f"-{channel}"):
            mend = f"name it releases/stops/{filed.value.at:%Y-%m-%d}-{channel}.yaml"
            yield at(filed, ("stop", "channel"), f"stops {channel} in a file named {name}", mend)


def removals_are_not_dated_ahead(change: Change) -> Iterator[Problem]:
    """A new withdrawal or stop records a decision made by now, give or take ten minutes."""
    facts = change.facts
    for kind, found in (("withdrawals", facts.withdrawals), ("stops", facts.stops)):
        for name, filed in found.items():
            moment = filed.value.at
            if change.now and name not in change.merged(kind) and moment > change.now + AHEAD:
                what = f"{stamp(moment)} is more than 10 minutes ahead"
                yield at(filed, ("at",), what, "write the time of the decision: it acts once merged")


def _instead(channels: list[str]) -> str:
    if not channels:
        return "remove the file: nobody was ever offered it"
    return f"write where it was: {expected.listed(channels, 'and')}"
