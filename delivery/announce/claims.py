"""What was told where, and what somebody began to tell: kept in git, in a ref of its own, so that nobody tells twice.

`refs/espice/announced` is a line of commits. A tree of it has a file for each: `production/stable/1.4.0/mastodon.json`
for an announcement, `review/production/2026-11-26-140000-stable.json` for the issue that asks to review a halt. It lies
at GitHub where proposals do, and everyone sees the same; else in this repository.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from random import uniform
from secrets import token_hex
from time import sleep
from typing import Annotated

import msgspec

from delivery.history import snapshot
from delivery.history.git import line
from delivery.proposals import branches
from delivery.proposals.branches import Move
from delivery.proposals.forge import Forge, Moved, Unreachable
from delivery.proposals.github import GitHub
from delivery.proposals.github_git import Remote
from delivery.rules.read import File

REF = "refs/espice/announced"
_TRIES = 100  # each time that one loses, another has won
_PAUSE_S = 0.05  # at most, between two of them
_SUFFIX = ".json"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class State(StrEnum):
    """How far it got. What stays `sending` may have been sent."""

    sending = "sending"
    sent = "sent"
    failed = "failed"  # nobody got it
    lost = "lost"  # what was written of it is no claim: it may have been sent


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of one thing that is to be told, and when; `where` it can be read, if that is known.

    `by` is another one for each run: git takes two pushes of the very same commit for one, and both would have won.
    """

    state: State
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    by: str
    where: str | None = None


def claimed(state: State) -> Claim:
    """A claim of this run's, made now."""
    return Claim(state, now(), token_hex(8))


def now() -> datetime:
    """This moment, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def _read(data: File) -> Claim:
    """Whoever may write to the ref may write anything: what is no claim loses its own name, and no other."""
    try:
        return msgspec.json.decode(data, type=Claim)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Claim(State.lost, _NEVER, sha256(data).hexdigest())


def here_or_at_github(repo: Path, forge: Forge) -> "Claims":
    """Where proposals are, claims are."""
    return Claims(repo, forge.remote if isinstance(forge, GitHub) else None)


@dataclass(frozen=True, slots=True)
class Claims:
    """The record in this repository, or in the one at `remote`. Raises ForgeError, NoHistory."""

    repo: Path
    remote: Remote | None = None

    def read(self) -> Mapping[str, Claim]:
        """By name, such as production/stable/1.4.0/mastodon."""
        return self._at(self._tip())

    def move(self, name: str, old: Claim | None, new: Claim) -> bool:
        """Whether it is `new` now; False where it was not `old` any more, and nothing was done."""
        for _ in range(_TRIES):
            tip = self._tip()
            if self._at(tip).get(name) != old:
                return False
            why = f"{name}: {new.state}"
            commit = branches.commit(
                self.repo, tip or self._empty(), {f"{name}{_SUFFIX}": msgspec.json.encode(new)}, why
            )
            try:
                self._advance(tip, commit, why)
                return True
            except Moved:
                sleep(uniform(0, _PAUSE_S))  # noqa: S311 - no secret
        raise Unreachable(f"others wrote to {REF} {_TRIES} times in between; try again later")

    def _tip(self) -> str | None:
        if self.remote is None:
            return branches.tips(self.repo, REF).get(REF)
        tip = self.remote.tip(REF)
        if tip:
            self.remote.fetch(tip)
        return tip

    def _at(self, tip: str | None) -> Mapping[str, Claim]:
        files = snapshot.at_commit(self.repo, tip, ()) if tip else {}
        return {path.removesuffix(_SUFFIX): _read(data) for path, data in files.items() if path.endswith(_SUFFIX)}

    def _advance(self, old: str | None, new: str, why: str) -> None:
        if self.remote is None:
            branches.advance(self.repo, why, Move(REF, old, new))
        else:
            self.remote.put(REF, new, old)

    def _empty(self) -> str:
        return branches.commit_tree(self.repo, line(self.repo, "mktree"), "announcements begin")
