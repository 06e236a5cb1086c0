"""Proves that what is live works as installations have it: head, checks, static manifests, files, whole updates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.deploy import prove_answers as told
from delivery.deploy import prove_files as kept
from delivery.deploy.prove_answers import Live, Wrong, at_once
from delivery.deploy.prove_updates import MOST, Barred, Journey, Updates, affordable, journeys
from delivery.engines.making import Progress, Tell


@dataclass(frozen=True, slots=True)
class Proved:
    """What was asked of the edge of `live`, and everything that was wrong. `done` are the updates that went through.

    `left` are those that were not tried, since all would have been too many bytes.
    """

    live: Live
    at: datetime
    checks: int
    manifests: int
    files: int
    done: tuple[Journey, ...]
    left: tuple[Journey, ...]
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
        seen = f"full update to {those[0].version} through {those[0].request.channel} on {self._where(those)}"
        return f"{seen}, {self.live.environment} serial {self.live.head.serial}, {self.at:%Y-%m-%dT%H:%M:%SZ}"

    def _where(self, those: list[Journey]) -> str:
        """Says of a target that all of it was seen only where it was."""
        known, found = self.live.table.targets, {(each.request.target, each.request.bundle) for each in those}
        targets = sorted({target for target, _ in found})
        named = f"all {len(targets)} targets" if len(targets) == len(known) else ", ".join(targets)
        if found == {(target, bundle) for target in targets for bundle in known[target].updates}:
            return f"{named}, each bundle"
        if found == {(target, known[target].updates[0]) for target in targets}:
            return f"{named}, first bundle"
        return ", ".join(f"{target} {bundle}" for target, bundle in sorted(found))


def prove(live: Live, sha256: str, apply: str, tell: Tell) -> Proved:
    """Ask for everything, and be told how far it is. HEAD's catalog is `sha256`; `apply` makes it live."""
    now = datetime.now(UTC)
    asks, static, those = list(told.questions(live.table)), list(told.manifests(live, now)), list(journeys(live, now))
    all_ = [each for each in those if isinstance(each, Journey)]
    files = kept.files(live, [*asks, *(each.request for each in all_)], now)
    wrong = list(told.head(live, sha256, apply, now))
    wrong += _counted("update checks", at_once(lambda ask: tuple(told.answers(live, ask)), asks), len(asks), tell)
    wrong += _counted("static manifests", at_once(lambda one: tuple(told.manifest(*one)), static), len(static), tell)
    wrong += _counted("files", at_once(lambda one: tuple(kept.file(one)), files), len(files), tell)
    wanted = affordable(live, all_, MOST)
    left = tuple(each for each in all_ if each not in wanted)
    with TemporaryDirectory(prefix="espice-") as folder:
        updates = Updates.of(live, Path(folder), tell, wanted)
        found = list(at_once(updates.update, wanted, updates.end))
    wrong += [each for some in found for each in some]
    done = tuple(journey for journey, some in zip(wanted, found, strict=True) if not some)
    barred = tuple(each for each in those if isinstance(each, Barred))
    counts = len(asks), len(static), len(files)
    return Proved(live, now, *counts, done, left, barred, tuple(dict.fromkeys(wrong)))


def _counted(what: str, found: Iterable[tuple[Wrong, ...]], total: int, tell: Tell) -> list[Wrong]:
    wrong: list[Wrong] = []
    for number, some in enumerate(found, 1):
        wrong += some
        tell(Progress(what, number, total))
    return wrong
