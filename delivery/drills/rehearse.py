"""Runs one drill: lets the fleet ask, breaks, watches, mends, watches, and hands over what was seen."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from delivery.drills.drill import Drill, Shown, Stage
from delivery.drills.fleet import Fleet
from delivery.drills.judge import Staged, judge, recovered_at, settled
from delivery.drills.kinds import kinds, offers, under
from delivery.drills.subject import NoDrill, Subject
from delivery.present.drill import Phase, Report, Rung
from delivery.rules.compile import Table

WITHIN_S = 45.0  # in which everybody must be answered as expected, on a machine that does other things too
TICK_S = 0.05
WELL_S = 1.0  # that the fleet is watched at most before anything is broken, once everybody was answered

LINUX = "it needs Linux, which can limit the files of a process and has many loopback addresses"

Say = Callable[[str], None]


def rehearse(drill: Drill, subject: Subject, seconds: float, say: Say) -> Report:
    """One drill, each of its stages watched for so many seconds at least.

    Everything is mended at the end, also when this is interrupted. Raises NoDrill: it cannot be carried out.
    """
    if drill.needs_linux and sys.platform != "linux":
        raise NoDrill(LINUX)
    try:
        table = subject.table()
        asking = kinds(table, datetime.now(UTC))
        pubkey = subject.facts().product.value.keys.artifacts[0].public
        fleet = Fleet(asking, subject.url("updates"), subject.url("downloads"), pubkey)
        with fleet.asking():
            return _Run(drill, subject, table, fleet, seconds, say).through()
    except NoDrill:
        raise
    except Exception as error:  # what breaks and mends may fail in as many ways: the next drill goes on all the same
        raise NoDrill(f"its own machinery failed, {type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Run:
    """A drill under way."""

    drill: Drill
    subject: Subject
    table: Table  # of before: a stage may commit other facts
    fleet: Fleet
    seconds: float
    say: Say
    notes: list[str] = field(default_factory=list)

    def through(self) -> Report:
        """From the first check to the verdict."""
        try:
            well = min(WELL_S, self.seconds)
            self._await(lambda: settled(self.fleet.since(0), self.fleet.kinds, Rung.endpoint), well)
            stages = [self._stage(stage) for stage in self.drill.stages]
            mending = self.fleet.now()
            self.say("mending")
        finally:
            self.subject.mend()
        self._await(lambda: recovered_at(self.fleet.since(mending), self.fleet.kinds) is not None, 0)
        odd = recovered_at(self.fleet.since(mending), self.fleet.kinds)
        recovered = None if odd is None else max(0.0, odd - mending)
        self.say("never as before" if recovered is None else f"as before after {recovered:.1f} s")
        return self._report(stages, mending, recovered)

    def _stage(self, stage: Stage) -> Staged:
        self.say(stage.what)
        never = stage.never(self.subject) if stage.never else frozenset()
        offered = offers(under(self.table, never, now := datetime.now(UTC)), self.fleet.kinds, now)
        began = self.fleet.now()
        stage.act(self.subject, self.fleet)
        done = self.fleet.now()
        shown = self._watch(stage, done)
        self.notes.extend(shown.notes)
        its = (stage.what, stage.answers, stage.reaches, never, offered, began, done, self.fleet.now())
        return Staged(*its, stage.within, shown.lacks)

    def _watch(self, stage: Stage, done: float) -> Shown:
        """Until all is as it must come to be."""

        def is_shown() -> bool:
            everybody = settled(self.fleet.since(done), self.fleet.kinds, stage.reaches)
            return everybody and not stage.shows(self.subject).lacks

        self._await(is_shown, max(stage.least, min(self.seconds, stage.most)))
        return stage.shows(self.subject)

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
            judge(self.fleet.kinds, asks, stages, recovered, self.drill.recovers_within, self.fleet.unsigned()),
            tuple(self.notes),
        )
