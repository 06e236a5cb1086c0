"""What a drill saw, and how it is shown: words and a table for a terminal, all of it for machines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

PICTURES = (".svg", ".png")  # what `drill_plot` can draw; said here, for it takes a second to load


class Rung(StrEnum):
    """Who answered an installation, from the top of its ladder down."""

    endpoint = "endpoint"
    static = "static"
    nobody = "nobody"


@dataclass(frozen=True, slots=True)
class Ask:
    """One update check. Times are seconds since the drill began; `wrong` says why its offer must never be made."""

    began: float
    ended: float
    kind: str
    rung: Rung
    offered: str | None
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """What was broken, mended or just watched, from when to when."""

    what: str
    began: float
    ended: float
    broken: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A whole drill. `problems` are empty when all went as expected; `recovered` counts seconds from the mend.

    `notes` are what was measured besides, in words.
    """

    name: str
    what: str
    expected: str
    kinds: tuple[str, ...]
    phases: tuple[Phase, ...]
    asks: tuple[Ask, ...]
    recovered: float | None
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all went as expected."""
        return not self.problems

    def answered(self) -> float:
        """The share of checks that somebody answered while something was broken; 1 where nobody asked."""
        asked = [ask for phase in self.phases if phase.broken for ask in within(self.asks, phase)]
        return sum(ask.rung is not Rung.nobody for ask in asked) / len(asked) if asked else 1.0

    def wrong(self) -> int:
        """How many offers were made that must never be made."""
        return sum(ask.wrong is not None for ask in self.asks)


def within(asks: Sequence[Ask], phase: Phase) -> list[Ask]:
    """The checks that ended while this phase lasted."""
    return [ask for ask in asks if phase.began <= ask.ended < phase.ended]


def told(report: Report) -> Iterator[str]:
    """The story and the verdict, line by line."""
    yield f"{report.name}: {report.what}"
    for phase in report.phases:
        yield f"  {phase.began:6.1f} s  {phase.what}"
    recovered = "never" if report.recovered is None else f"{report.recovered:.1f} s after the mend"
    yield f"  answered while broken: {report.answered():.1%}, wrong offers: {report.wrong()}"
    yield f"  all as before: {recovered}"
    for note in report.notes:
        yield f"  {note}"
    yield f"  expected: {report.expected}"
    yield "  passed" if report.passed else "  FAILED"
    for problem in report.problems:
        yield f"    {problem}"


def table(report: Report) -> Table:
    """Who was answered by whom, before, while it was broken, and after."""
    made = Table(box=SIMPLE_HEAD, caption_justify="left", caption=_CAPTION)
    made.add_column("kind of installation", no_wrap=True)
    for when in _WHEN:
        made.add_column(f"{when}\nendpoint static nobody  none", justify="right", no_wrap=True)
    for kind in report.kinds:
        cells = (_counted(each) for each in _by_time(report, kind))
        made.add_row(kind, *(f"{e:8} {s:6} {n:6} {none:5}" for e, s, n, none in cells))
    return made


def machine(report: Report) -> dict[str, Any]:
    """For machines. Keys are added, never renamed or removed."""
    return {
        "drill": report.name,
        "what": report.what,
        "expected": report.expected,
        "passed": report.passed,
        "problems": list(report.problems),
        "notes": list(report.notes),
        "answered": round(report.answered(), 4),
        "wrong_offers": report.wrong(),
        "recovered_s": None if report.recovered is None else round(report.recovered, 2),
        "phases": [
            {"what": phase.what, "from_s": round(phase.began, 2), "to_s": round(phase.ended, 2), "broken": phase.broken}
            for phase in report.phases
        ],
        "answers": {
            kind: {
                when: dict(zip(("endpoint", "static", "nobody", "none"), _counted(asks), strict=True))
                for when, asks in zip(_WHEN, _by_time(report, kind), strict=True)
            }
            for kind in report.kinds
        },
    }


_WHEN = ("before", "while broken", "after")
_CAPTION = (
    "Checks by who answered: the endpoint (or the edge's copy), the static manifest, nobody.\n"
    "none: how many of these were answered with nothing to install."
)


def _by_time(report: Report, kind: str) -> Iterator[list[Ask]]:
    """This kind's checks before the first break, until the mend, and after it."""
    asks = [ask for ask in report.asks if ask.kind == kind]
    broken = [phase for phase in report.phases if phase.broken]
    first, last = (broken[0].began, broken[-1].ended) if broken else (float("inf"), float("inf"))
    yield [ask for ask in asks if ask.ended < first]
    yield [ask for ask in asks if first <= ask.ended < last]
    yield [ask for ask in asks if ask.ended >= last]


def _counted(asks: Sequence[Ask]) -> tuple[int, int, int, int]:
    by = Counter(ask.rung for ask in asks)
    none = sum(ask.offered is None and ask.rung is not Rung.nobody for ask in asks)
    return by[Rung.endpoint], by[Rung.static], by[Rung.nobody], none
