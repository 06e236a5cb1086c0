"""The verbs that write facts: what was typed in, an edit of one file out. `write` shows, checks and hands it over."""

from typing import Literal, Unpack

from delivery.commands.desk import Usage, command, moment, whole
from delivery.commands.hand_over import How
from delivery.commands.write import write
from delivery.rules import edit as verbs
from delivery.rules.edit import Edit, Ground
from delivery.rules.expected import listed

ALL = "all"


@command
def start(
    channel: str,
    version: str,
    percent: str,
    evidence: str,
    targets: str,
    supersedes: str,
    over: str,
    gate: str,
    because: str,
    at: str,
    **how: Unpack[How],
) -> int:
    """Begin a rollout."""
    share = whole(percent, "--percent", 0, 100) if percent else None
    when, only = moment(at), _some(targets, "--targets")

    def verb(ground: Ground) -> Edit:
        return verbs.start(
            ground,
            channel,
            version,
            when,
            share=share,
            evidence=evidence or None,
            only=only,
            supersedes=supersedes or None,
            over=over or None,
            gate=gate or None,
            because=because or None,
        )

    return write(verb, because or evidence, **how)


@command
def raise_(
    channel: str,
    percent: str,
    version: str,
    at: str,
    over: str,
    gate: str,
    evidence: str,
    because: str,
    **how: Unpack[How],
) -> int:
    """Offer a rollout to more."""
    share, when = whole(percent, "percent", 0, 100), moment(at)

    def verb(ground: Ground) -> Edit:
        return verbs.raise_(
            ground,
            channel,
            share,
            when,
            over=over or None,
            gate=gate or None,
            evidence=evidence or None,
            because=because or None,
            version=version or None,
        )

    return write(verb, because or evidence, **how)


@command
def pass_(channel: str, percent: str, evidence: str, version: str, at: str, because: str, **how: Unpack[How]) -> int:
    """Let a gated step take effect."""
    share, when = whole(percent, "percent", 0, 100), moment(at)

    def verb(ground: Ground) -> Edit:
        return verbs.pass_(ground, channel, share, when, evidence, because=because or None, version=version or None)

    return write(verb, because or evidence, **how)


@command
def hold(channel: str, percent: str, version: str, at: str, reason: str, **how: Unpack[How]) -> int:
    """Hold a rollout."""
    keep, when = whole(percent, "--percent", 0, 100), moment(at)

    def verb(ground: Ground) -> Edit:
        return verbs.hold(ground, channel, when, reason, share=keep, version=version or None)

    return write(verb, reason, brake=True, **how)


@command
def resume(channel: str, percent: str, reason: str, version: str, at: str, **how: Unpack[How]) -> int:
    """End a hold."""
    share, when = whole(percent, "percent", 0, 100), moment(at)

    def verb(ground: Ground) -> Edit:
        return verbs.resume(ground, channel, share, when, reason, version=version or None)

    return write(verb, reason, **how)


@command
def critical(channel: str, below: str, reason: str, version: str, at: str, **how: Unpack[How]) -> int:
    """Lift a rollout's percentage for old versions."""
    when = moment(at)

    def verb(ground: Ground) -> Edit:
        return verbs.critical(ground, channel, below, when, reason, version=version or None)

    return write(verb, reason, **how)


@command
def withdraw(
    version: str,
    reason: str,
    channel: str,
    downloads: str,
    offer_instead: str,
    notice: str,
    installed: str,
    at: str,
    **how: Unpack[How],
) -> int:
    """Withdraw a version, or say of a withdrawn one what those get who have it."""
    when, channels = moment(at), _some(channel or ALL, "--channel")
    files: Literal["keep", "hide", "gone"] = _downloads(downloads or "hide")
    is_later = bool(installed) and not reason
    if is_later and (channel or downloads or offer_instead or notice):
        raise Usage(
            "only --installed can be added to a withdrawal; leave the others out, or give the --reason of a new one"
        )
    if not (reason or is_later):
        raise Usage(f'a withdrawal needs its reason; type ./inv withdraw {version} --reason "…"')

    def verb(ground: Ground) -> Edit:
        if is_later:
            return verbs.installed(ground, version, installed)
        return verbs.withdraw(
            ground,
            version,
            when,
            reason,
            channels=channels,
            downloads=files,
            offer_instead=offer_instead or None,
            notice=notice or None,
            installed=installed or None,
        )

    return write(verb, reason, brake=not (offer_instead or installed), **how)


@command
def stop(channel: str, version: str, at: str, reason: str, **how: Unpack[How]) -> int:
    """Stop a channel, or some versions on it."""
    when, versions = moment(at), _some(version or ALL, "--version")

    def verb(ground: Ground) -> Edit:
        return verbs.stop(ground, channel, when, reason, versions=versions)

    return write(verb, reason, brake=True, **how)


@command
def lift(kind: str, name: str, reason: str, at: str, **how: Unpack[How]) -> int:
    """End what was taken away or bounded."""
    when = moment(at)
    if kind not in verbs.LIFTABLE:
        raise Usage(f"a {kind} cannot be lifted; write {listed(list(verbs.LIFTABLE), 'or')}")

    def verb(ground: Ground) -> Edit:
        return verbs.lift(ground, kind, name, when, reason)

    return write(verb, reason, **how)


@command
def block(
    name: str,
    from_: str,
    to: str,
    reason: str,
    owner: str,
    review_by: str,
    targets: str,
    *,
    warn: bool,
    **how: Unpack[How],
) -> int:
    """Offer no update from one range of versions to another."""
    only = _some(targets, "--targets")

    def verb(ground: Ground) -> Edit:
        effect: Literal["block", "warn"] = "warn" if warn else "block"
        return verbs.block(ground, name, from_, to, reason, owner, review_by, only=only, effect=effect)

    return write(verb, reason, brake=True, **how)


@command
def barrier(version: str, below: str, reason: str, targets: str, **how: Unpack[How]) -> int:
    """Let older installations go through a version, never past it."""
    only = _some(targets, "--targets")

    def verb(ground: Ground) -> Edit:
        return verbs.barrier(ground, version, below, reason, only=only)

    return write(verb, reason, brake=True, **how)


@command
def deadend(version: str, reason: str, notice: str, **how: Unpack[How]) -> int:
    """Say that installations on a version cannot update themselves."""

    def verb(ground: Ground) -> Edit:
        return verbs.deadend(ground, version, reason, notice)

    return write(verb, reason, brake=True, **how)


@command
def freeze(name: str, from_: str, until: str, reason: str, channel: str, because: str, **how: Unpack[How]) -> int:
    """Let nothing widen between two moments, unless a line says why."""
    begin, end = moment(from_, "--from"), moment(until, "--until")
    channels = _some(channel or ALL, "--channel")

    def verb(ground: Ground) -> Edit:
        return verbs.freeze(ground, name, begin, end, reason, channels=channels, because=because or None)

    return write(verb, reason, brake=True, **how)


@command
def notice(
    name: str,
    versions: str,
    text: str,
    channel: str,
    url: str,
    support_ends: str,
    at: str,
    **how: Unpack[How],
) -> int:
    """Tell users of some versions something."""
    when, channels = moment(at), _some(channel or ALL, "--channel")

    def verb(ground: Ground) -> Edit:
        return verbs.notice(
            ground, name, versions, when, text, channels=channels, url=url or None, support_ends=support_ends or None
        )

    return write(verb, "", **how)


@command
def conclude(experiment: str, keep: str, reason: str, at: str, **how: Unpack[How]) -> int:
    """End an experiment."""
    when = moment(at)

    def verb(ground: Ground) -> Edit:
        return verbs.conclude(ground, experiment, keep, when, reason)

    return write(verb, reason, **how)


def _some(text: str, name: str) -> tuple[str, ...] | None:
    """The words between commas; None for all. Raises Usage."""
    words = tuple(word.strip() for word in text.split(","))
    if not all(words):
        raise Usage(f"{name} {text!r}: a name is missing; write {ALL}, or names with commas between them")
    return None if words == (ALL,) else words


def _downloads(text: str) -> Literal["keep", "hide", "gone"]:
    match text:
        case "keep" | "hide" | "gone":
            return text
    raise Usage(f"--downloads {text}: is not allowed here; write keep, hide or gone")
