"""What the brake holds now beside what facts say: explain and blame answer as installations are answered.

Of the past only what was merged is known: the override says what is halted now, and no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from delivery.commands import live
from delivery.commands.desk import ROOT
from delivery.commands.replay import Past
from delivery.deploy.obey import in_force
from delivery.laptop import status as reports
from delivery.laptop.places import Places
from delivery.rules.brake import Halt, Override, braked, pending
from delivery.rules.compile import compile
from delivery.rules.expected import listed
from delivery.rules.shapes import Environment
from infra.names import Names


@dataclass(frozen=True, slots=True)
class Held:
    """What is halted where; `environment` is None where nobody was asked, and `said` says why, or how much it is."""

    environment: Environment | None
    override: Override | None
    halts: tuple[Halt, ...]
    said: str

    def machine(self) -> Mapping[str, Any]:
        """The same for scripts."""
        number = self.override.number if self.override else None
        names = [halt.name for halt in self.halts]
        return {"environment": self.environment, "override": number, "halts": names, "said": self.said}


def under_the_brake(asked: Past, environment: str, *, then: bool) -> tuple[Past, Held]:
    """What is asked, under what is halted now; `then` where another time or commit than now and HEAD is asked.

    Without an environment it is the laptop's that runs here, if one does. Raises Usage, Refused, EngineError.
    """
    if then:
        return asked, _nobody("of the past only what was merged is known, not what was halted by the brake")
    if not environment and not reports.running(Places(ROOT)):
        return asked, _nobody("nothing runs here whose brake could hold anything; --environment asks elsewhere")
    where = live.environment(environment or "laptop")
    product = asked.facts.product.value
    override = in_force(live.reached(Names.of(product, where)).place(product), asked.facts)
    catalog, halts = asked.table.catalog, pending(override, asked.table.catalog)
    on = listed(sorted({halt.channel for halt in halts}), "and")
    said = f"the brake of {where} holds {on}" if halts else f"the brake of {where} holds nothing"
    return replace(asked, table=compile(braked(catalog, override))), Held(where, override, halts, said)


def _nobody(said: str) -> Held:
    return Held(None, None, (), said)
