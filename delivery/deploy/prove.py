"""Proves that what is live works as installations have it: head, update checks, static manifests, whole updates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.deploy import prove_answers as told
from delivery.deploy.prove_answers import Live, Wrong, at_once
from delivery.deploy.prove_updates import Barred, Journey, Updates, journeys
from delivery.engines.making import Progress, Tell


@dataclass(frozen=True, slots=True)
class Proved:
    """What was asked of the edge of `live`, and everything that was wrong. `done` are the updates that went through."""

    live: Live
    at: datetime
    checks: int
    manifests: int
    done: tuple[Journey, ...]
    barred: tuple[Barred, ...]
    wrong: tuple[Wrong, ...]

    @property
    def evidence(self) -> dict[str, str]:
        """By channel/version, what a rollout's first step above 0 may say it was seen by."""
        found: dict[str, list[Journey]] = {}
        for each in self.done:
            found.setdefault(f"{each.channel}/{each.version}", []).append(each)
        return {} if self.wrong else {name: self._seen(those) for name, those in sorted(found.items())}

    def _seen(self, those: list[Journey]) -> str:
        asked = those[0].request
        where = ", ".join(each.request.target for each in those)
        all_ = f"all {len(those)} targets" if len(those) == len(self.live.table.targets) else where
        seen = f"full update to {those[0].version} through {asked.channel} on {all_}"
        return f"{seen}, {self.live.environment} serial {self.live.head.serial}, {self.at:%Y-%m-%dT%H:%M:%SZ}"


def prove(live: Live, sha256: str, apply: str, tell: Tell) -> Proved:
    """Ask for everything, and be told how far it is. HEAD's catalog is `sha256`; `apply` makes it live."""
    now = datetime.now(UTC)
    asks, static, those = list(told.questions(live.table)), list(told.manifests(live, now)), list(journeys(live, now))
    wrong = list(told.head(live, sha256, apply, now))
    wrong += _counted("update checks", at_once(lambda ask: tuple(told.answers(live, ask)), asks), len(asks), tell)
    wrong += _counted("static manifests", at_once(lambda one: tuple(told.manifest(*one)), static), len(static), tell)
    wanted = [each for each in those if isinstance(each, Journey)]
    with TemporaryDirectory(prefix="espice-") as folder:
        updates = Updates.of(live, Path(folder), tell, wanted)
        found = list(at_once(updates.update, wanted, updates.end))
    wrong += [each for some in found for each in some]
    done = tuple(journey for journey, some in zip(wanted, found, strict=True) if not some)
    barred = tuple(each for each in those if isinstance(each, Barred))
    return Proved(live, now, len(asks), len(static), done, barred, tuple(dict.fromkeys(wrong)))


def _counted(what: str, found: Iterable[tuple[Wrong, ...]], total: int, tell: Tell) -> list[Wrong]:
    wrong: list[Wrong] = []
    for number, some in enumerate(found, 1):
        wrong += some
        tell(Progress(what, number, total))
    return wrong
