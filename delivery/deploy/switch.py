"""Moves an environment from one build of the update endpoint to the next: the lines of its stack file that say so.

Takes bytes and gives bytes. Each edit is proved: what is read back is what stood there, with the intention and nothing
else. A build is named as `next` without a share, is given one rung of the ladder after the other, and becomes `live`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from infra import config as stack_file
from infra.build import PREFIX
from infra.config import NEWEST, Endpoint, InfraConfig

LADDER = (0.0, 0.1, 0.5, 1.0)  # shares of the requests that `next` gets, one after the other

NOBODY = f"{PREFIX}{'0' * 64}"  # the build of a stack file that was never bootstrapped
_FIELDS = ("live", "next", "weight")


class SwitchRefused(Exception):  # noqa: N818 - what happened
    """The switch makes no sense as things are; the text says why and what to type instead."""


@dataclass(frozen=True, slots=True)
class Switch:
    """The stack file's new bytes, what they say of the endpoint, and the sentence that a commit is called by."""

    after: bytes
    ends: Endpoint
    summary: str


Turn = Callable[[Endpoint, str], tuple[Endpoint, str]]
"""What the endpoint should be set to, and how that is called, for what it is set to now and an environment."""


def turned(path: str, before: bytes, turn: Turn) -> Switch:
    """The stack file after this turn; comments and everything else in it stay.

    Raises:
        SwitchRefused: the file cannot be read, the turn makes no sense, or would not read back as it was meant.
    """
    infra = _read(path, before)
    environment = path.removeprefix("Pulumi.").removesuffix(".yaml")
    ends, summary = turn(infra.endpoint, environment)
    after = before
    for name in _FIELDS:
        if getattr(ends, name) != getattr(infra.endpoint, name):
            after = _put(path, after, name, getattr(ends, name))
    if _read(path, after) != replace(infra, endpoint=ends):
        raise SwitchRefused(f"{path} would not read back as it was meant; write the lines by hand, each key on its own")
    return Switch(after, ends, summary)


def name_next(digest: str, own: str) -> Turn:
    """Publish another build, which answers nobody yet. `own` is the build that `newest` means, where it says so."""

    def turn(now: Endpoint, environment: str) -> tuple[Endpoint, str]:
        kept = own if now.live == NEWEST else now.live
        ends = replace(now, live=kept if digest != NEWEST and kept != NOBODY else digest, next=digest, weight=0.0)
        if now.weight and now.next != digest:
            raise SwitchRefused(
                f"{_short(now.next)} has a share of {now.weight:g} already; "
                "go --back from it, or --finish, before another build is next"
            )
        if ends == now:
            raise SwitchRefused(f"{_short(digest)} is next already; give it a share by --weight")
        return ends, f"Name {_short(digest)} the next build of {environment}'s update endpoint"

    return turn


def weigh(weight: float, because: str) -> Turn:
    """Give `next` another share. More than the next rung of the ladder needs a reason; less never does."""

    def turn(now: Endpoint, environment: str) -> tuple[Endpoint, str]:
        if now.live == now.next:
            raise SwitchRefused("live and next are one build, so there is nothing to share; name another by --next")
        if weight == now.weight:
            raise SwitchRefused(f"{_short(now.next)} has a share of {weight:g} already")
        rung = min((each for each in LADDER if each > now.weight), default=1.0)
        if not because and weight > now.weight and weight != rung:
            raise SwitchRefused(
                f"after {now.weight:g} comes {rung:g} ({', '.join(f'{each:g}' for each in LADDER)}); "
                "another share needs its reason: --because"
            )
        return replace(now, weight=weight), f"Let {_short(now.next)} answer {weight:.0%} of {environment}'s requests"

    return turn


def finish() -> Turn:
    """Make `next`, which answers everything, the live build."""

    def turn(now: Endpoint, environment: str) -> tuple[Endpoint, str]:
        if now.live == now.next:
            raise SwitchRefused(f"{_short(now.next)} is live already")
        if now.weight != 1:
            raise SwitchRefused(
                f"{_short(now.next)} answers {now.weight:.0%}, not everything; --weight 1.0 comes before"
            )
        ends = replace(now, live=now.next, weight=0.0)
        return ends, f"Make {_short(now.next)} the live build of {environment}'s update endpoint"

    return turn


def back(before: Sequence[str]) -> Turn:
    """Let the build that was live answer everything again, by one line: the share of `next`, or after a finish `live`.

    `before` are the builds that the file named live in its history, newest first.
    """

    def turn(now: Endpoint, environment: str) -> tuple[Endpoint, str]:
        if now.live != now.next:
            if not now.weight:
                raise SwitchRefused(f"{_short(now.live)} answers everything already; {_short(now.next)} has no share")
            return replace(now, weight=0.0), f"Go back to {_short(now.live)} on {environment}"
        former = next((each for each in before if each not in (now.live, NEWEST, NOBODY)), None)
        if former is None:
            raise SwitchRefused("no build was live before this one; name another by --next")
        return replace(now, live=former), f"Go back to {_short(former)} on {environment}"

    return turn


def live_of(path: str, data: bytes) -> str | None:
    """The build that these bytes of a stack file name live; None if they cannot be read."""
    infra, _ = stack_file.read(path, data)
    return infra.endpoint.live if infra else None


def _read(path: str, data: bytes) -> InfraConfig:
    infra, problems = stack_file.read(path, data)
    if infra is None:
        raise SwitchRefused("\n".join(map(str, problems)))
    return infra


def _put(path: str, data: bytes, name: str, value: object) -> bytes:
    """The value in its line, the rest of which stays."""
    lines = data.decode().splitlines(keepends=True)
    number = stack_file.line(path, data, "endpoint", name) - 1
    lines[number] = re.sub(rf"({name}:\s*)\S+", lambda found: f"{found[1]}{value}", lines[number], count=1)
    return "".join(lines).encode()


def _short(digest: str) -> str:
    return digest if digest == NEWEST else digest[: len(PREFIX) + 12]
