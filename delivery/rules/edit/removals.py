"""The verbs that take back, and the one that ends what was taken back: withdraw, installed, stop, decide, lift."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from delivery.rules import expected
from delivery.rules.brake import Halt
from delivery.rules.checks.change import did_you_mean
from delivery.rules.edit.proof import Edit, Ground, new_file, refuse, refuse_at, with_key
from delivery.rules.edit.which import known
from delivery.rules.facts import Facts, Filed, Lifted, Scope, Stop, Withdrawal
from delivery.rules.precedence import precedence
from delivery.rules.read import FOLDER

# What may be lifted, and the folder it lies in.
LIFTABLE: Mapping[str, str] = {
    "withdrawal": "withdrawals",
    "stop": "stops",
    "barrier": "barriers",
    "deadend": "deadends",
    "block": "blocks",
    "freeze": "freezes",
    "notice": "notices",
}


def withdraw(
    ground: Ground,
    version: str,
    at: datetime,
    reason: str,
    *,
    channels: Iterable[str] | None = None,
    downloads: Literal["keep", "hide", "gone"] = "hide",
    offer_instead: str | None = None,
    notice: str | None = None,
    installed: str | None = None,
) -> Edit:
    """Offer a version to nobody any more on these channels; on all that have a rollout of it when None."""
    facts = ground.facts
    if there := facts.withdrawals.get(version):
        if there.value.lifted:
            mend = f"stop it: ./inv stop CHANNEL --version {version}"
            refuse(there, f"{version} was withdrawn once, and that was lifted", mend)
        places = expected.listed(there.value.channels, "and")
        refuse(there, f"{version} is withdrawn from {places} already", "stop it elsewhere: ./inv stop")
    rolled = [filed.value.channel for filed in facts.rollouts.values() if filed.value.version == version]
    names = tuple(sorted(set(rolled if channels is None else channels)))
    if version in facts.versions and not names:
        refuse(facts.versions[version], f"{version} was never rolled out", "leave it: nobody was ever offered it")
    fact = Withdrawal(version, names, at, reason, downloads, offer_instead, notice, installed)
    return new_file(ground, "withdrawals", version, fact, f"Withdraw {version}")


def installed(ground: Ground, version: str, what: str) -> Edit:
    """Say what those get who have a withdrawn version: keep, reissue-as VERSION or downgrade-to VERSION."""
    there = ground.facts.withdrawals.get(version)
    if there is None:
        mend = did_you_mean(version, ground.facts.withdrawals, "withdrawal")
        refuse_at(f"{FOLDER}withdrawals/", f"{version} is not withdrawn", mend)
    if there.value.lifted:
        refuse(there, f"the withdrawal of {version} was lifted", "leave it", there.line("lifted"))
    if there.value.installed:
        what = f"says already what those get who have it: {there.value.installed}"
        refuse(there, what, "leave it: that was decided", there.line("installed"))
    return with_key(ground, "withdrawals", version, "installed", what, f"Let installed {version} {_does(what)}")


def stop(ground: Ground, channel: str, at: datetime, reason: str, *, versions: Iterable[str] | None = None) -> Edit:
    """Offer nothing on the channel, or none of these versions."""
    facts = ground.facts
    known(channel, facts.channels, "channel")
    there = {filed.value.version for filed in facts.rollouts.values() if filed.value.channel == channel}
    for version in versions or ():
        if version not in there:
            mend = did_you_mean(version, there, "rollout")
            refuse_at(f"{FOLDER}rollouts/{channel}/", f"{version} has no rollout on {channel}", mend)
    scope = Scope(channel, None if versions is None else tuple(sorted(set(versions), key=precedence)))
    _refuse_if_stopped(facts, scope)
    day = f"{at:%Y-%m-%d}"
    names = (day, *(f"{day}-{number}" for number in range(2, len(facts.stops) + 3)))
    name = next(f"{name}-{channel}" for name in names if f"{name}-{channel}" not in facts.stops)
    what = channel if scope.versions is None else f"{expected.listed(scope.versions, 'and')} on {channel}"
    return new_file(ground, "stops", name, Stop(scope, at, reason), f"Stop {what}")


def decide(ground: Ground, halt: Halt) -> Edit:
    """Take a halt over from the brake: the stop that says the same, and from its merge on speaks instead of it."""
    known(halt.channel, ground.facts.channels, "channel")
    for filed in ground.facts.stops.values():
        if filed.value.decides == halt.name:
            refuse(filed, f"decides {halt.name} already", "leave it", filed.line("decides"))
    fact = Stop(Scope(halt.channel, halt.versions), halt.at, halt.reason, decides=halt.name)
    named = expected.listed(halt.versions or (), "and")
    what = halt.channel if halt.versions is None else f"{named} on {halt.channel}"
    return new_file(ground, "stops", halt.name, fact, f"Stop {what}, as it is halted")


def lift(ground: Ground, kind: str, name: str, at: datetime, reason: str) -> Edit:
    """End a withdrawal, stop, barrier, dead end, block, freeze or notice: it counts no more."""
    folder = LIFTABLE.get(kind)
    if folder is None:
        refuse_at(FOLDER, f"a {kind} cannot be lifted", did_you_mean(kind, LIFTABLE, "kind"))
    facts: Mapping[str, Filed[Any]] = getattr(ground.facts, folder)
    if kind == "stop" and name in ground.facts.channels:
        name = _only_stop(ground.facts, name)
    if name not in facts:
        refuse_at(f"{FOLDER}{folder}/", f"there is no {kind} {name}", did_you_mean(name, facts, kind))
    if facts[name].value.lifted:
        refuse(facts[name], f"the {kind} is lifted already", "leave it", facts[name].line("lifted"))
    return with_key(ground, folder, name, "lifted", Lifted(at, reason), f"Lift the {kind} {name}")


def _only_stop(facts: Facts, channel: str) -> str:
    """The stop of this channel that is in force."""
    names = [name for name, filed in facts.stops.items() if filed.value.stop.channel == channel]
    on = sorted(name for name in names if not facts.stops[name].value.lifted)
    if not on:
        refuse_at(f"{FOLDER}stops/", f"{channel} is not stopped", "leave it")
    if len(on) > 1:
        what = f"{expected.listed(on, 'and')} could be meant"
        refuse_at(f"{FOLDER}stops/", what, "lift one after the other, by these names")
    return on[0]


def _refuse_if_stopped(facts: Facts, scope: Scope) -> None:
    for filed in facts.stops.values():
        if filed.value.stop in (scope, Scope(scope.channel, None)) and not filed.value.lifted:
            named = expected.listed(scope.versions or (), "and")
            what = scope.channel if scope.versions is None else f"{named} on {scope.channel}"
            refuse(filed, f"{what} is stopped already", "leave it")


def _does(what: str) -> str:
    """What happens to installations, as a commit says it."""
    verb, _, version = what.partition(" ")
    return {"reissue-as": f"go on to {version}", "downgrade-to": f"go back to {version}"}.get(verb, "be kept")
