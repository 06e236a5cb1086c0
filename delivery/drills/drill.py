"""What a drill is: what is broken, in one or more stages, and who may answer while it is."""

from collections.abc import Callable
from dataclasses import dataclass

from delivery.drills.fleet import Fleet
from delivery.drills.judge import ENDPOINT, Halts
from delivery.drills.subject import Subject
from delivery.present.drill import Rung

Act = Callable[[Subject, Fleet], None]
Halted = Callable[[Subject], Halts]
Shows = Callable[[Subject], "Shown"]

STATIC = frozenset({Rung.static})
EITHER = frozenset({Rung.endpoint, Rung.static})
ANYBODY = frozenset(Rung)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a stage shows besides who is answered: `notes` for people, and what it `lacks`, or it fails."""

    notes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def _nothing_more(_: Subject) -> Shown:
    return Shown()


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that is done to the system, and what installations then meet.

    Only `answers` may answer, with what they should, and the stage lasts until `reaches` is who answers everybody and
    nothing lacks of what it `shows`. `never` is what nobody may be offered while it lasts, once it is done, each by its
    channel. `least` and `most` bound the seconds that are watched: the system gives up after some. `within` is how many
    seconds the endpoint may take for nine of ten answers.
    """

    what: str
    act: Act
    answers: frozenset[Rung] = ENDPOINT
    reaches: Rung = Rung.endpoint
    never: Halted | None = None
    least: float = 0.0
    most: float = 60.0
    within: float | None = None
    shows: Shows = _nothing_more


@dataclass(frozen=True, slots=True)
class Drill:
    """Its stages come one on top of the other; all of them are undone at the end.

    Everybody must be answered as before `recovers_within` seconds after the mend began, on a machine that does other
    things too. Some need what only Linux has.
    """

    name: str
    what: str
    expected: str
    stages: tuple[Stage, ...]
    recovers_within: float = 30.0
    needs_linux: bool = False
