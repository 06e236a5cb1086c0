"""What a drill is: what is broken, in one or more stages, and who may answer while it is."""

from collections.abc import Callable
from dataclasses import dataclass

from delivery.drills.fleet import Fleet
from delivery.drills.subject import Subject
from delivery.present.drill import Rung

Act = Callable[[Subject, Fleet], None]
Halted = Callable[[Subject], frozenset[tuple[str, str]]]

ENDPOINT = frozenset({Rung.endpoint})
STATIC = frozenset({Rung.static})
EITHER = frozenset({Rung.endpoint, Rung.static})
ANYBODY = frozenset(Rung)


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that is done to the system, and what installations then meet.

    Only `answers` may answer, and the stage lasts until `reaches` is who answers everybody. `never` is what nobody may
    be offered while it lasts, once it is done, each by its channel. `most` bounds the seconds that are watched, where
    the system gives up after some.
    """

    what: str
    act: Act
    answers: frozenset[Rung] = ENDPOINT
    reaches: Rung = Rung.endpoint
    never: Halted | None = None
    most: float = 60.0


@dataclass(frozen=True, slots=True)
class Drill:
    """Its stages come one on top of the other; all of them are undone at the end."""

    name: str
    what: str
    expected: str
    stages: tuple[Stage, ...]
