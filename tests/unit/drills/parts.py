"""A small world whose kinds ask, and checks as a fleet makes them."""

from collections.abc import Sequence

from delivery.drills.kinds import Kind, kinds
from delivery.present.drill import Ask, Rung
from delivery.rules.compile import Table
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOON, step, stop, withdrawal, world

TABLE: Table = worlds.table(
    world(
        {
            "stable/1.3.0": [step(100, -500)],
            "stable/1.4.0": [step(10)],
            "beta/1.4.0-beta.1": [step(100, -400)],
            "beta/1.4.0": [step(100, -300)],
            "beta/1.5.0-beta.1": [step(100, -200)],
        },
        versions=["1.2.0"],
        stops=[stop("beta", "1.5.0-beta.1")],
        withdrawals=[withdrawal("1.4.0-beta.1", "beta")],
    )
)
KINDS = kinds(TABLE, NOON)


def named(end: str) -> Kind:
    """The kind whose name ends so."""
    return next(kind for kind in KINDS if kind.name.endswith(end))


def asked(began: float, rung: Rung = Rung.endpoint, kinds: Sequence[Kind] = KINDS) -> list[Ask]:
    """A check of each kind, answered by this rung as it should be."""
    offered = {Rung.endpoint: lambda kind: kind.offered, Rung.static: lambda kind: kind.static}
    return [
        Ask(began, began + 0.1, kind.name, rung, offered[rung](kind) if rung in offered else None) for kind in kinds
    ]
