"""The verbs that begin a rollout and add lines to it: release, start, raise, pass, hold, resume, critical."""

import re
from collections.abc import Iterable
from datetime import datetime

from delivery.rules.edit.proof import Edit, Ground, new_file, refuse, refuse_at, with_line
from delivery.rules.edit.which import chosen, is_held, is_moving, known, percent, removal, rollouts, targets
from delivery.rules.facts import (
    Below,
    Critical,
    Facts,
    Filed,
    Hold,
    Pass,
    Resume,
    Rollout,
    Step,
    Version,
)
from delivery.rules.precedence import precedence
from delivery.rules.read import FOLDER
from delivery.rules.shapes import SEMVER
from delivery.rules.timeline import timeline


def release(ground: Ground, version: Version, text: bytes) -> Edit:
    """Add what was built; it is offered to nobody by that. `text` is its whole file."""
    return new_file(ground, "versions", version.version, version, f"Add version {version.version}", text)


def start(
    ground: Ground,
    channel: str,
    version: str,
    at: datetime,
    *,
    share: int | None = None,
    evidence: str | None = None,
    only: Iterable[str] | None = None,
    supersedes: str | None = None,
    over: str | None = None,
    gate: str | None = None,
    because: str | None = None,
) -> Edit:
    """Begin a version's rollout on a channel: its first step, at the ladder's first rung when `share` is None."""
    facts = ground.facts
    ladder = facts.channels[known(channel, facts.channels, "channel")].value.ladder
    known(version, facts.versions, "version")
    name = f"{channel}/{version}"
    if begun := facts.rollouts.get(name):
        refuse(begun, f"{version} has its rollout on {channel} already", "add to it: ./inv raise")
    first = min((rung for rung in ladder if rung), default=0) if share is None else share
    if first and not evidence:
        what = f"a first step above 0 needs the evidence of a full update through {channel}-next"
        refuse_at(f"{FOLDER}rollouts/{name}.yaml", what, "say by --evidence what was seen", "steps.0.evidence")
    steps = (Step(at, first, over, gate, evidence, because),)
    rollout = Rollout(name, _salt(facts, name), targets(ground, only), steps, supersedes)
    return new_file(ground, "rollouts", name, rollout, f"Start {channel} {version} at {first} %")


def raise_(
    ground: Ground,
    channel: str,
    share: int,
    at: datetime,
    *,
    over: str | None = None,
    gate: str | None = None,
    evidence: str | None = None,
    because: str | None = None,
    version: str | None = None,
) -> Edit:
    """Offer the channel's rollout to more, from `at` on, in the time `over`, and with a gate not before its pass."""
    facts = ground.facts
    moving = [filed for filed in rollouts(facts, channel) if is_moving(facts, filed, at)]
    free = [filed for filed in moving if not is_held(filed)]
    filed = chosen(facts, channel, version, free or moving, "there is nothing to raise", "start one: ./inv start")
    _refuse_if_removed(facts, filed)
    _refuse_if_written(filed, share)
    _refuse_if_lower(filed, share, at)
    summary = f"Raise {channel} {filed.value.version} to {share} %"
    return with_line(ground, filed, Step(at, share, over, gate, evidence, because), summary)


def pass_(
    ground: Ground,
    channel: str,
    share: int,
    at: datetime,
    evidence: str,
    *,
    because: str | None = None,
    version: str | None = None,
) -> Edit:
    """Let the gated step to this percent take effect."""
    facts = ground.facts
    waiting = [filed for filed in rollouts(facts, channel) if timeline(filed).waiting]
    filed = chosen(facts, channel, version, waiting, "no step waits for a pass", "raise it first: ./inv raise")
    _refuse_if_removed(facts, filed)
    summary = f"Pass {channel} {filed.value.version} for {share} %"
    return with_line(ground, filed, Pass(share, at, evidence, because), summary)


def hold(
    ground: Ground, channel: str, at: datetime, reason: str, *, share: int = 0, version: str | None = None
) -> Edit:
    """Keep the channel's rollout at this percent, at most the one in force; 0 means no further offers."""
    facts = ground.facts
    there = [filed for filed in rollouts(facts, channel) if not removal(facts, filed)]
    moving = [filed for filed in there if is_moving(facts, filed, at)]
    free = [filed for filed in moving if not is_held(filed)]
    done = [filed for filed in there if percent(filed, at) == 100][:1]
    # A held one is still the one that is meant: holding twice must not reach for the version that everybody has.
    candidates = free or moving or done
    filed = chosen(facts, channel, version, candidates, "there is nothing to hold", "look at ./inv explain")
    now = percent(filed, at)
    if share > now:
        refuse(filed, f"a hold at {share} % would keep more than the {now} % in force", f"hold it at {now} or less")
    if is_held(filed) and share >= now:
        refuse(filed, f"it is held at {now} % already", "hold it at less, or leave it")
    return with_line(ground, filed, Hold(share, at, reason), f"Hold {channel} {filed.value.version} at {share} %")


def resume(ground: Ground, channel: str, share: int, at: datetime, reason: str, *, version: str | None = None) -> Edit:
    """End a hold."""
    facts = ground.facts
    held = [filed for filed in rollouts(facts, channel) if is_held(filed) and not removal(facts, filed)]
    filed = chosen(facts, channel, version, held, "no rollout is held", "raise it instead: ./inv raise")
    _refuse_if_removed(facts, filed)
    summary = f"Resume {channel} {filed.value.version} at {share} %"
    return with_line(ground, filed, Resume(share, at, reason), summary)


def critical(
    ground: Ground, channel: str, below: str, at: datetime, reason: str, *, version: str | None = None
) -> Edit:
    """Lift the percentage of the channel's rollout for those below a version."""
    facts = ground.facts
    moving = [filed for filed in rollouts(facts, channel) if is_moving(facts, filed, at) and percent(filed, at)]
    filed = chosen(facts, channel, version, moving, "no rollout is under way", "start one: ./inv start")
    _refuse_if_removed(facts, filed)
    if is_held(filed):
        refuse(filed, f"{filed.value.version} is held, and a hold is stronger", "resume it first: ./inv resume")
    if not percent(filed, at):
        refuse(filed, f"{filed.value.version} has no step above 0 in force", "raise it first: ./inv raise")
    _refuse_if_critical(filed, below)
    summary = f"Make {channel} {filed.value.version} critical below {below}"
    return with_line(ground, filed, Critical(Below(below), at, reason), summary)


def _refuse_if_critical(filed: Filed[Rollout], below: str) -> None:
    """A line that says as much already, or a bound above the version itself."""
    version = filed.value.version
    if not re.fullmatch(SEMVER, below):
        refuse(filed, f"{below} is not a version such as 1.4.0 or 1.5.0-beta.1", "write one after --below")
    for number, line in enumerate(filed.value.steps):
        if isinstance(line, Critical) and precedence(line.critical.below) >= precedence(below):
            what = f"it is critical below {line.critical.below} already"
            refuse(filed, what, "name a higher version, or leave it", filed.line("steps", number))
    if precedence(below) > precedence(version):
        refuse(filed, f"{version} cannot be critical below {below}, which is above it", f"write at most {version}")


def _salt(facts: Facts, rollout: str) -> str:
    """A salt that no rollout and no experiment has: stable-1.4.0."""
    used = {filed.value.salt for kind in (facts.rollouts, facts.experiments) for filed in kind.values()}
    plain = rollout.lower().replace("/", "-").replace("+", "-")[:60]
    return next(salt for salt in (plain, *(f"{plain}-{n}" for n in range(2, len(used) + 3))) if salt not in used)


def _refuse_if_removed(facts: Facts, filed: Filed[Rollout]) -> None:
    if place := removal(facts, filed):
        refuse(filed, f"{filed.value.version} is withdrawn or stopped by {place}", "ship a mended version instead")


def _refuse_if_lower(filed: Filed[Rollout], share: int, at: datetime) -> None:
    """A percent below the one in force: as it takes something back, the check would only warn of it."""
    if share < (now := percent(filed, at)):
        mend = f"lower it by ./inv hold {filed.value.channel} --percent {share}, or name a higher percent"
        refuse(filed, f"{share} % is less than the {now:g} % in force", mend)


def _refuse_if_written(filed: Filed[Rollout], share: int) -> None:
    """A step to this percent that stands there already, and waits."""
    for number, line in enumerate(filed.value.steps):
        waits = any(waiting.fact == filed.at("steps", number) for waiting in timeline(filed).waiting)
        if isinstance(line, Step) and line.percent == share and waits:
            what = f"the step to {share} % is written already and waits for its pass"
            refuse(filed, what, "pass it once its gate is met: ./inv pass", filed.line("steps", number))
