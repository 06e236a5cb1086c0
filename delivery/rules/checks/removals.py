"""Rules of what takes a version away: withdrawals and stops. They never stand in the way of a real one."""

from collections.abc import Iterator
from typing import Any

from delivery.rules import expected, ranges
from delivery.rules.brake import channel_of
from delivery.rules.checks.change import AHEAD, Change, at, did_you_mean, few, stamp, warn
from delivery.rules.facts import Filed, Withdrawal
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem

_DECIDED = ("withdrawals", "stops")
_LIFTED = ("withdrawals", "stops", "barriers", "deadends", "blocks", "freezes", "notices")


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


def withdrawals_name_what_exists(change: Change) -> Iterator[Problem]:
    """What a withdrawal offers instead, reissues as or goes back to exists, and so does its notice."""
    facts = change.facts
    for filed in facts.withdrawals.values():
        fact = filed.value
        for key, version in (
            ("offer-instead", fact.offer_instead),
            ("installed", fact.reissue_as or fact.downgrade_to),
        ):
            if version and version not in facts.versions:
                mend = did_you_mean(version, facts.versions, "version")
                yield at(filed, (key,), f"there is no version {version}", mend)
        if fact.notice and fact.notice not in facts.notices:
            mend = did_you_mean(fact.notice, facts.notices, "notice")
            yield at(filed, ("notice",), f"there is no notice {fact.notice}", mend)


def notices_are_on_channels_that_exist(change: Change) -> Iterator[Problem]:
    """A notice is for channels that exist."""
    for filed in change.facts.notices.values():
        for number, channel in enumerate(filed.value.channels):
            if channel not in change.facts.channels:
                mend = did_you_mean(channel, change.facts.channels, "channel")
                yield at(filed, ("channels", number), f"there is no channel {channel}", mend)


def notices_are_for_somebody(change: Change) -> Iterator[Problem]:
    """A new notice is for versions that were rolled out on its channels."""
    for filed in change.new("notices"):
        there = [each for name in filed.value.channels for each in change.standing.channels.get(name, ())]
        is_known = all(channel in change.facts.channels for channel in filed.value.channels)
        if is_known and not ranges.parse(filed.value.versions).expand({each.value.version for each in there}):
            named = few(filed.value.channels) or "no channel"
            what = f"matches nothing: no version on {named} is {filed.value.versions}"
            yield warn(filed, ("versions",), what, "look at releases/rollouts/")


def nothing_withdrawn_is_offered_elsewhere(change: Change) -> Iterator[Problem]:
    """A version that is withdrawn from one channel is not offered by another."""
    for filed in _withdrawals(change):
        version = filed.value.withdraw
        if not all(f"{channel}/{version}" in change.facts.rollouts for channel in filed.value.channels or ("",)):
            continue  # it names another channel than was meant, and that is told
        offering = [
            channel
            for channel in sorted(change.facts.channels)
            if f"{channel}/{version}" in change.facts.rollouts
            and change.standing.opens(f"{channel}/{version}")
            and not change.standing.removal(channel, version)
        ]
        if offering:
            what = f"{version} is still offered on {expected.listed(offering, 'and')}"
            yield at(filed, ("channels",), what, f"add {expected.listed(offering, 'and')}, or stop it there")


def reissues_are_above_and_downgrades_below(change: Change) -> Iterator[Problem]:
    """A reissue is above the withdrawn version, and what it goes back to below it: written wrong, it stays wrong."""
    for filed in _withdrawals(change):
        withdrawn, fact = filed.value.withdraw, filed.value
        if fact.reissue_as and precedence(fact.reissue_as) <= precedence(withdrawn):
            what = f"{fact.reissue_as} is not above {withdrawn}, so nobody who has that would take it"
            yield at(filed, ("installed",), what, "build it under a higher number")
        if fact.downgrade_to and precedence(fact.downgrade_to) >= precedence(withdrawn):
            what = f"{fact.downgrade_to} is not below {withdrawn}"
            yield at(filed, ("installed",), what, "name a lower version; a higher one is reissued, not gone back to")


def reissues_are_complete_and_offered(change: Change) -> Iterator[Problem]:
    """What a withdrawn version is reissued as is built for all it was built for, and offered where it was."""
    for filed in _withdrawals(change):
        version = filed.value.reissue_as
        if version is None or version not in change.facts.versions or filed.value.withdraw not in change.facts.versions:
            continue
        yield from _complete(change, filed, "installed", version)
        for channel in filed.value.channels:
            name = f"{channel}/{version}"
            is_offered = name in change.facts.rollouts and change.standing.opens(name)
            if not is_offered or change.standing.removal(channel, version):
                what = f"{version} is not offered on {channel}"
                yield at(filed, ("installed",), what, f"roll it out there first: releases/rollouts/{name}.yaml")


def downgrades_are_lower_complete_and_open_to_everyone(change: Change) -> Iterator[Problem]:
    """What a withdrawn version goes back to is below it, built for all it was built for, and at 100 % where it was."""
    for filed in _withdrawals(change):
        version = filed.value.downgrade_to
        if version is None or version not in change.facts.versions or filed.value.withdraw not in change.facts.versions:
            continue
        if precedence(version) >= precedence(filed.value.withdraw):
            continue  # that is told by the rule above
        yield from _complete(change, filed, "installed", version)
        yield from _open(change, filed, "installed", version)


def what_is_offered_instead_was_offered_to_everyone(change: Change) -> Iterator[Problem]:
    """What is offered in place of a withdrawn version is complete, and the newest that everyone on the channel had."""
    for filed in _withdrawals(change):
        version = filed.value.offer_instead
        if version is None or version not in change.facts.versions or filed.value.withdraw not in change.facts.versions:
            continue
        if version == filed.value.withdraw:
            yield at(filed, ("offer-instead",), f"{version} is what is withdrawn", "write another version")
            continue
        yield from _complete(change, filed, "offer-instead", version)
        yield from _rolled_out(change, filed, version)
        for channel in filed.value.channels:
            if newer := _newest_for_all(change, channel, filed.value.withdraw, version):
                what = f"{version} is older than {newer}, which those it is for have on {channel}"
                yield at(filed, ("offer-instead",), what, f"write {newer}, or remove the line")


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
        there = [each.value.version for each in change.standing.channels.get(channel, ())] if versions else []
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


def stops_decide_halts_of_their_channel(change: Change) -> Iterator[Problem]:
    """What a stop decides is a halt of the channel that it stops, by its name: no other one's ends unseen."""
    for filed in change.facts.stops.values():
        halt, channel = filed.value.decides, filed.value.stop.channel
        if halt and channel in change.facts.channels and channel_of(halt, change.facts.channels) != channel:
            mend = f"write its name as ./inv halts says it, which ends in -{channel}"
            yield at(filed, ("decides",), f"{halt} is no halt of {channel}", mend)


def no_two_stops_decide_the_same_halt(change: Change) -> Iterator[Problem]:
    """A halt is decided once: two stops could say two things of it."""
    first: dict[str, str] = {}
    merged = change.merged("stops")
    for name in sorted(change.facts.stops, key=lambda name: (name not in merged, name)):
        filed = change.facts.stops[name]
        if (halt := filed.value.decides) and first.setdefault(halt, filed.path) != filed.path:
            yield at(filed, ("decides",), f"{halt} is decided by {first[halt]} already", "remove this line")


def removals_are_not_dated_ahead(change: Change) -> Iterator[Problem]:
    """A new withdrawal or stop records a decision made by now, give or take ten minutes."""
    for filed in (filed for kind in _DECIDED for filed in change.new(kind)):
        if change.now and filed.value.at > change.now + AHEAD:
            what = f"{stamp(filed.value.at)} is more than 10 minutes ahead"
            yield at(filed, ("at",), what, "write the time of the decision: it acts once merged")


def what_is_lifted_is_lifted_by_now(change: Change) -> Iterator[Problem]:
    """A new `lifted` records a decision made by now, give or take ten minutes."""
    for kind in _LIFTED:
        merged = change.merged(kind)
        for name, filed in getattr(change.facts, kind).items():
            lifted = filed.value.lifted
            is_new = name not in merged or merged[name].value.lifted is None
            if lifted and is_new and change.now and lifted.at > change.now + AHEAD:
                what = f"{stamp(lifted.at)} is more than 10 minutes ahead"
                yield at(filed, ("lifted", "at"), what, "write the time of the decision: it acts once merged")


def _withdrawals(change: Change) -> Iterator[Filed[Withdrawal]]:
    return (filed for filed in change.facts.withdrawals.values() if filed.value.lifted is None)


def _complete(change: Change, filed: Filed[Withdrawal], key: str, version: str) -> Iterator[Problem]:
    updates = change.standing.updates
    if lost := updates[filed.value.withdraw] - updates[version]:
        named = few([f"{target} {bundle}" for target, bundle in sorted(lost)])
        what = f"{version} has no update for {named}, which {filed.value.withdraw} has"
        yield at(filed, (key,), what, "name a version that is built for all of them")


def _rolled_out(change: Change, filed: Filed[Withdrawal], version: str) -> Iterator[Problem]:
    for channel in filed.value.channels:
        if f"{channel}/{version}" not in change.facts.rollouts:
            what = f"{version} was never rolled out on {channel}"
            yield at(filed, ("offer-instead",), what, "name a version that was")
        elif fact := change.standing.removal(channel, version):
            yield at(filed, ("offer-instead",), f"{version} is taken back on {channel} too ({fact})", "name another")


def _open(change: Change, filed: Filed[Withdrawal], key: str, version: str) -> Iterator[Problem]:
    for channel in filed.value.channels:
        name = f"{channel}/{version}"
        is_open = name in change.facts.rollouts and change.standing.is_open_to_all(name)
        if not is_open or change.standing.removal(channel, version):
            what = f"{version} is not at 100 % of {channel}"
            yield at(filed, (key,), what, "name a version that everyone there may have")


def _newest_for_all(change: Change, channel: str, below: str, above: str) -> str | None:
    """The highest version between these that everyone on the channel may have."""
    found: list[Any] = [
        each.value.version
        for each in change.standing.channels.get(channel, ())
        if precedence(above) < precedence(each.value.version) < precedence(below)
        and change.standing.is_open_to_all(each.value.rollout)
        and not change.standing.removal(channel, each.value.version)
    ]
    return found[-1] if found else None


def _instead(channels: list[str]) -> str:
    if not channels:
        return "remove the file: nobody was ever offered it"
    return f"write where it was: {expected.listed(channels, 'and')}"
