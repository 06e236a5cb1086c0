"""Opens the one issue that asks people to review a use of the brake: claim it, look whether it is there, open it.

Unlike an announcement, an issue can be looked for. So no claim is believed that says it is open: whoever may push could
write that. One that nobody ended, or whose issue is not there, is taken over by a later run, once its run has surely
ended; and that run opens nothing that is there.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.announce.claims import Claim, Claims, State, claimed, now
from delivery.proposals.forge import Forge

OURS = timedelta(minutes=5)  # so long a run has its claim for itself
BEGUN = timedelta(minutes=2)  # so long it may look before it opens, which then takes GitHub a minute or two at most


@dataclass(frozen=True, slots=True)
class Issue:
    """What is to be opened, at most once: the name of its claim, and since when there may be one of this title."""

    name: str
    title: str
    body: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the issue is; None where it is not there yet, and `says` why."""

    where: str | None
    says: str


def open_once(claims: Claims, forge: Forge, wanted: Issue) -> Opened:
    """Open it if nobody did. Raises ForgeError and NoHistory: it may be open, which a later run finds out."""
    before = claims.read().get(wanted.name)
    is_said = before is not None and before.state is State.sent
    if is_said and (where := forge.issue(wanted.title, wanted.since)):
        return Opened(where, "was opened")
    if before and before.state in (State.sending, State.sent) and abs(now() - before.at) < OURS:
        return Opened(None, f"another run began to open it {before.at:%H:%M:%S} UTC; type it again in some minutes")
    mine = claimed(State.sending)
    if not claims.move(wanted.name, before, mine):
        return Opened(None, "another run opens it at this moment")
    there = forge.issue(wanted.title, wanted.since)
    if there is None and now() > mine.at + BEGUN:
        _end(claims, wanted, mine, State.failed)
        return Opened(None, "the forge was too slow to be asked for it; type it again")
    where = there or forge.open_issue(wanted.title, wanted.body)
    _end(claims, wanted, mine, State.sent, where)
    return Opened(where, "was there" if there else "opened")


def _end(claims: Claims, wanted: Issue, mine: Claim, state: State, where: str | None = None) -> None:
    claims.move(wanted.name, mine, replace(mine, state=state, at=now(), where=where))
