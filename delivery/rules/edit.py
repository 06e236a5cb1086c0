"""The verbs that people type, each as one line or one file more: raise, hold, resume, pass, withdraw, stop.

Takes bytes and gives bytes: nothing is written, committed or asked of a clock here. Each edit is proved before it is
handed out: the changed file is loaded again and must say the old fact plus exactly what was meant, and the facts with
it must pass every rule that they passed without it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from delivery.rules import expected
from delivery.rules.append import NoSuchList, append, whole
from delivery.rules.check import check
from delivery.rules.checks.change import did_you_mean
from delivery.rules.facts import Facts, Filed, Hold, Line, Pass, Resume, Rollout, Scope, Step, Stop, Withdrawal
from delivery.rules.load import parse
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem, Refused, Severity
from delivery.rules.read import FOLDER, KINDS
from delivery.rules.timeline import in_force, timeline

T = TypeVar("T")
Files = Mapping[str, bytes]


class EditRefused(Refused):
    """The edit makes no sense, or could not be proved; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What to write where (`before` is None for a new file), and the subject of its commit."""

    path: str
    before: bytes | None
    after: bytes
    summary: str


def raise_(
    facts: Facts,
    files: Files,
    channel: str,
    percent: int,
    at: datetime,
    *,
    gate: str | None = None,
    because: str | None = None,
    version: str | None = None,
) -> Edit:
    """Offer the channel's rollout to more, from `at` on and, with a gate, not before its pass.

    Raises EditRefused, as all verbs do.
    """
    moving = [filed for filed in _rollouts(facts, channel) if _is_moving(facts, filed, at)]
    free = [filed for filed in moving if not _is_held(filed)]
    filed = _chosen(facts, channel, version, free or moving, "there is nothing to raise", "add a rollout first")
    _refuse_if_removed(facts, filed)
    _refuse_if_written(filed, percent)
    summary = f"Raise {channel} {filed.value.version} to {percent} %"
    return _with_line(facts, files, filed, Step(at, percent, gate, because), summary)


def hold(
    facts: Facts,
    files: Files,
    channel: str,
    at: datetime,
    reason: str,
    *,
    percent: int = 0,
    version: str | None = None,
) -> Edit:
    """Keep the channel's rollout at this percent, at most the one in force; 0 means no further offers."""
    there = [filed for filed in _rollouts(facts, channel) if not _removal(facts, filed)]
    moving = [filed for filed in there if _is_moving(facts, filed, at)]
    free = [filed for filed in moving if not _is_held(filed)]
    done = [filed for filed in there if _percent(filed, at) == 100][:1]
    # A held one is still the one that is meant: holding twice must not reach for the version that everybody has.
    candidates = free or moving or done
    filed = _chosen(facts, channel, version, candidates, "there is nothing to hold", "look at ./inv explain")
    now = _percent(filed, at)
    if percent > now:
        _refuse(filed, f"a hold at {percent} % would keep more than the {now} % in force", f"hold it at {now} or less")
    if _is_held(filed) and percent >= now:
        _refuse(filed, f"it is held at {now} % already", "hold it at less, or leave it")
    summary = f"Hold {channel} {filed.value.version} at {percent} %"
    return _with_line(facts, files, filed, Hold(percent, at, reason), summary)


def resume(
    facts: Facts, files: Files, channel: str, percent: int, at: datetime, reason: str, *, version: str | None = None
) -> Edit:
    """End a hold."""
    held = [filed for filed in _rollouts(facts, channel) if _is_held(filed)]
    filed = _chosen(facts, channel, version, held, "no rollout is held", "raise it instead: ./inv raise")
    _refuse_if_removed(facts, filed)
    summary = f"Resume {channel} {filed.value.version} at {percent} %"
    return _with_line(facts, files, filed, Resume(percent, at, reason), summary)


def pass_(
    facts: Facts, files: Files, channel: str, percent: int, at: datetime, evidence: str, *, version: str | None = None
) -> Edit:
    """Let the gated step to this percent take effect."""
    waiting = [filed for filed in _rollouts(facts, channel) if timeline(filed).waiting]
    filed = _chosen(facts, channel, version, waiting, "no step waits for a pass", "raise it first: ./inv raise")
    _refuse_if_removed(facts, filed)
    summary = f"Pass {channel} {filed.value.version} for {percent} %"
    return _with_line(facts, files, filed, Pass(percent, at, evidence), summary)


def withdraw(
    facts: Facts, files: Files, version: str, at: datetime, reason: str, *, channels: Iterable[str] | None = None
) -> Edit:
    """Offer a version to nobody any more on these channels; on all that have a rollout of it when None."""
    if known := facts.withdrawals.get(version):
        there = expected.listed(known.value.channels, "and")
        _refuse(known, f"{version} is withdrawn from {there} already", "stop it elsewhere: ./inv stop")
    rolled = [filed.value.channel for filed in facts.rollouts.values() if filed.value.version == version]
    names = tuple(sorted(set(rolled if channels is None else channels)))
    if version in facts.versions and not names:
        _refuse(facts.versions[version], f"{version} was never rolled out", "leave it: nobody was ever offered it")
    return _new(facts, files, "withdrawals", version, Withdrawal(version, names, at, reason), f"Withdraw {version}")


def stop(
    facts: Facts, files: Files, channel: str, at: datetime, reason: str, *, versions: Iterable[str] | None = None
) -> Edit:
    """Offer nothing on the channel, or none of these versions."""
    scope = Scope(channel, None if versions is None else tuple(sorted(set(versions), key=precedence)))
    for filed in facts.stops.values():
        if filed.value.stop in (scope, Scope(channel, None)):
            what = channel if scope.versions is None else f"{expected.listed(scope.versions, 'and')} on {channel}"
            _refuse(filed, f"{what} is stopped already", "leave it")
    day = f"{at:%Y-%m-%d}"
    names = (day, *(f"{day}-{number}" for number in range(2, len(facts.stops) + 3)))
    name = next(f"{name}-{channel}" for name in names if f"{name}-{channel}" not in facts.stops)
    return _new(facts, files, "stops", name, Stop(scope, at, reason), f"Stop {channel}")


# --- which rollout is meant ---------------------------------------------------------------------------------------


def _rollouts(facts: Facts, channel: str) -> list[Filed[Rollout]]:
    """The rollouts of a channel, newest version first."""
    if channel not in facts.channels:
        mend = did_you_mean(channel, facts.channels, "channel")
        raise EditRefused((Problem(f"{FOLDER}channels/", 0, "", f"there is no channel {channel}", mend),))
    found = [filed for filed in facts.rollouts.values() if filed.value.channel == channel]
    return sorted(found, key=lambda filed: precedence(filed.value.version), reverse=True)


def _chosen(
    facts: Facts, channel: str, version: str | None, candidates: list[Filed[Rollout]], none: str, mend: str
) -> Filed[Rollout]:
    """The rollout of this version; without one the only candidate."""
    folder = f"{FOLDER}rollouts/{channel}/"
    there = {filed.value.version: filed for filed in _rollouts(facts, channel)}
    if version is not None:
        if version in there:
            return there[version]
        what = f"{version} has no rollout on {channel}"
        raise EditRefused((Problem(folder, 0, "", what, did_you_mean(version, there, "version")),))
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise EditRefused((Problem(folder, 0, "", f"{none} on {channel}", mend),))
    named = expected.listed([filed.value.version for filed in candidates], "and")
    raise EditRefused((Problem(folder, 0, "", f"{named} could be meant", "say which by --version"),))


def _is_moving(facts: Facts, filed: Filed[Rollout], at: datetime) -> bool:
    """True for a rollout below 100 % that no newer one at 100 % hides."""
    if _removal(facts, filed) or _percent(filed, at) == 100:
        return False
    mine = precedence(filed.value.version)
    return not any(
        precedence(other.value.version) > mine and _percent(other, at) == 100 and not _removal(facts, other)
        for other in facts.rollouts.values()
        if other.value.channel == filed.value.channel
    )


def _percent(filed: Filed[Rollout], at: datetime) -> int:
    stage = in_force(timeline(filed).stages, at)
    return stage.percent if stage else 0


def _is_held(filed: Filed[Rollout]) -> bool:
    stages = timeline(filed).stages
    return bool(stages) and stages[-1].held


def _removal(facts: Facts, filed: Filed[Rollout]) -> str | None:
    """The place of the fact that takes this rollout's version away."""
    rollout = filed.value
    withdrawal = facts.withdrawals.get(rollout.version)
    if withdrawal and rollout.channel in withdrawal.value.channels:
        return withdrawal.at("withdraw")
    for stopped in facts.stops.values():
        scope = stopped.value.stop
        if scope.channel == rollout.channel and (scope.versions is None or rollout.version in scope.versions):
            return stopped.at("stop")
    return None


# --- what is refused ----------------------------------------------------------------------------------------------


def _refuse(filed: Filed[Any], what: str, mend: str, line: int = 0) -> NoReturn:
    raise EditRefused((Problem(filed.path, line, "", what, mend),))


def _refuse_if_removed(facts: Facts, filed: Filed[Rollout]) -> None:
    if place := _removal(facts, filed):
        _refuse(filed, f"{filed.value.version} is withdrawn or stopped by {place}", "ship a mended version instead")


def _refuse_if_written(filed: Filed[Rollout], percent: int) -> None:
    """A step to this percent that stands there already, and waits."""
    for number, line in enumerate(filed.value.steps):
        waits = any(waiting.fact == filed.at("steps", number) for waiting in timeline(filed).waiting)
        if isinstance(line, Step) and line.percent == percent and waits:
            what = f"the step to {percent} % is written already and waits for its pass"
            _refuse(filed, what, "add a line `pass:` once its gate is met", filed.line("steps", number))


# --- proof --------------------------------------------------------------------------------------------------------


def _with_line(facts: Facts, files: Files, filed: Filed[Rollout], line: Line, summary: str) -> Edit:
    before = files[filed.path]
    try:
        after = append(before, "steps", line)
    except NoSuchList as error:
        _refuse(filed, str(error), "write `steps:` as a list")
    meant = replace(filed.value, steps=(*filed.value.steps, line))
    again = _reloaded(filed.path, after, meant)
    _prove(facts, replace(facts, rollouts={**facts.rollouts, filed.value.rollout: again}), line.at)
    return Edit(filed.path, before, after, summary)


def _new(facts: Facts, files: Files, folder: str, name: str, fact: Withdrawal | Stop, summary: str) -> Edit:
    path = next(kind.path(name) for kind in KINDS if kind.folder == folder)
    if path in files:
        raise EditRefused((Problem(path, 0, "", "exists already", "look at what it says"),))
    after = whole(fact)
    again = _reloaded(path, after, fact)
    added: dict[str, Any] = {folder: {**getattr(facts, folder), name: again}}
    _prove(facts, replace(facts, **added), fact.at)
    return Edit(path, None, after, summary)


def _reloaded(path: str, data: bytes, meant: T) -> Filed[T]:
    """The fact that these bytes say, which must be the one meant."""
    filed, problems = parse(path, data, type(meant))
    if filed is None:
        raise EditRefused(problems)
    if filed.value != meant:
        _refuse(filed, "would say something else than was meant", "edit it by hand, and look at ./inv plan")
    return filed


def _prove(before: Facts, after: Facts, at: datetime) -> None:
    """The edit breaks no rule. What was wrong before is not its business."""
    known = {(problem.path, problem.what) for problem in check(before, before, now=at)}
    problems = (each for each in check(after, before, now=at) if each.severity is Severity.error)
    new = tuple(each for each in problems if (each.path, each.what) not in known)
    if new:
        raise EditRefused(new)
