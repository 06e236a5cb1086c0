"""Tells one place one thing, once: claim it, look once more whether it still holds, send it, write what became of it.

Whoever claims a thing tells it, and nobody else does. A claim that nobody ended is never told again by itself, for
nobody can know whether it was sent: people look there, and say which.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from delivery.announce.claims import REF, Claim, Claims, State, claimed, now
from delivery.announce.send import Arrival, Place
from delivery.rules.announce import Announcement


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an announcement at its place; `wrong` where people must do something, or another run."""

    announcement: Announcement
    state: State | None
    says: str
    wrong: bool = False


def tell(
    claims: Claims, name: str, wanted: Announcement, place: Place, still: Callable[[], bool], *, again: bool = False
) -> Told:
    """Tell it if nobody did. `still` says whether it is due even now; `again`: although it may have been sent.

    `name` is the claim's. Raises ForgeError and NoHistory: a claim could not be read or written, so nothing was sent,
    or it was sent and stays `sending`.
    """
    before = claims.read().get(name)
    if before and not again and (settled := ended(wanted, before)):
        return settled
    claim = claimed(State.sending)
    if not claims.move(name, before, claim):
        return Told(wanted, State.sending, "another run tells it at this moment")
    if not _holds(claims, name, claim, still):
        return Told(wanted, State.failed, "is not live for everyone any more, so it was not told")
    outcome = place.send(wanted.title, wanted.text)
    if outcome.arrival is Arrival.unknown:
        return Told(wanted, State.sending, f"{outcome.why}: {maybe(wanted)}", wrong=True)
    state = State(outcome.arrival.value)
    claims.move(name, claim, replace(claim, state=state, at=now()))
    if state is State.sent:
        return Told(wanted, state, "told")
    return Told(wanted, state, f"{outcome.why}; the next ./inv announce tries again", wrong=True)


def _holds(claims: Claims, name: str, claim: Claim, still: Callable[[], bool]) -> bool:
    """Whether it is due even now; where it is not, or cannot be told, the claim is let go."""
    holds = False
    try:
        holds = still()
        return holds
    finally:
        if not holds:
            claims.move(name, claim, replace(claim, state=State.failed, at=now()))


def ended(wanted: Announcement, claim: Claim) -> Told | None:
    """What can be said by its claim alone; None where it is to be told."""
    if claim.state is State.sent:
        return Told(wanted, claim.state, f"was told {claim.at:%Y-%m-%d %H:%M} UTC")
    if claim.state is State.lost:
        broken = f"{REF} holds for it what is no claim, and git log {REF} says who wrote that"
        return Told(wanted, claim.state, f"{broken}: {maybe(wanted)}", wrong=True)
    if claim.state is State.sending:
        began = f"was begun {claim.at:%Y-%m-%d %H:%M} UTC and not ended"
        return Told(wanted, claim.state, f"{began}: {maybe(wanted)}", wrong=True)
    return None


def maybe(wanted: Announcement) -> str:
    """What people do about what may have been sent."""
    typed = f"{wanted.name} --to {wanted.to}"
    return (
        f"it may have been sent. Look there; then ./inv announce --again {typed} tells it, "
        f"or ./inv announce --sent {typed} notes that it was"
    )
