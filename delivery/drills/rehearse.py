"""Runs one drill: lets the fleet ask, breaks, watches, mends, watches, and hands over what was seen."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.drills.drill import Drill, Stage
from delivery.drills.fleet import Fleet
from delivery.drills.judge import Staged, judge, recovered_at, settled
from delivery.drills.kinds import kinds
from delivery.drills.subject import Subject
from delivery.present.drill import Phase, Report, Rung

WITHIN_S = 45.0  # in which everybody must be answered as expected, on a machine that does other things too
TICK_S = 0.05
WELL_S = 1.0  # that the fleet is watched before anything is broken

Say = Callable[[str], None]


def rehearse(drill: Drill, subject: Subject, seconds: float, say: Say) -> Report:
    """One drill, each of its stages watched for so many seconds at least.

    Everything is mended at the end, also when this is interrupted. Raises NoDrill: it cannot be carried out.
    """
    asking = kinds(subject.table(), datetime.now(UTC))
    pubkey = subject.facts().product.value.keys.artifacts[0].public
    fleet = Fleet(asking, subject.url("updates"), subject.url("downloads"), pubkey)
    with fleet.asking():
        return _Run(drill, subject, fleet, seconds, say).through()


@dataclass(frozen=True, slots=True)
class _Run:
    """A drill under way."""

    drill: Drill
    subject: Subject
    fleet: Fleet
    seconds: float
    say: Say

    def through(self) -> Report:
        """From the first check to the verdict."""
        try:
            self._await(lambda: settled(self.fleet.since(0), self.fleet.kinds, Rung.endpoint), WELL_S)
            usual = {ask.kind: ask.offered for ask in self.fleet.since(0)}
            stages = [self._stage(stage) for stage in self.drill.stages]
            mending = self.fleet.now()
            self.say("mending")
        finally:
            self.subject.mend()
        self._await(lambda: recovered_at(self.fleet.since(mending), self.fleet.kinds, usual) is not None, 0)
        odd = recovered_at(self.fleet.since(mending), self.fleet.kinds, usual)
        recovered = None if odd is None else max(0.0, odd - mending)
        self.say("never as before" if recovered is None else f"as before after {recovered:.1f} s")
        return self._report(stages, mending, recovered)

    def _stage(self, stage: Stage) -> Staged:
        self.say(stage.what)
        never = stage.never(self.subject) if stage.never else frozenset[tuple[str, str]]()
        began = self.fleet.now()
        stage.act(self.subject, self.fleet)
        done = self.fleet.now()
        watched = min(self.seconds, stage.most)
        self._await(lambda: settled(self.fleet.since(done), self.fleet.kinds, stage.reaches), watched)
        return Staged(stage.what, stage.answers, stage.reaches, never, began, done, self.fleet.now())

    def _await(self, wanted: Callable[[], bool], at_least: float) -> None:
        """Watch for so many seconds, and on until it is so or nobody should wait any longer."""
        began = self.fleet.now()
        while (watched := self.fleet.now() - began) < WITHIN_S and (watched < at_least or not wanted()):
            time.sleep(TICK_S)

    def _report(self, stages: Sequence[Staged], mending: float, recovered: float | None) -> Report:
        asks, ended = tuple(self.fleet.asks), self.fleet.now()
        phases = [
            Phase("all is well", 0.0, stages[0].began, broken=False),
            *(Phase(stage.what, stage.began, stage.ended, broken=True) for stage in stages),
            Phase("mended", mending, ended, broken=False),
        ]
        return Report(
            self.drill.name,
            self.drill.what,
            self.drill.expected,
            tuple(kind.name for kind in self.fleet.kinds),
            tuple(phases),
            asks,
            recovered,
            judge(self.fleet.kinds, asks, stages, recovered, self.fleet.unsigned()),
        )
