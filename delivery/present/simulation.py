"""A simulation in words and numbers: curves, a table by days for a terminal, and all of it for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE_HEAD
from rich.table import Table

from delivery.rules.simulate import Simulation

PICTURES = (".svg", ".png")  # what `plot` can draw; said here, for it takes a second to load
_COLUMNS = 3  # versions, and rollouts, for which a table has room
_LIGHT = 0.5  # percent that nobody would see in a picture

Series = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A name, and a value in percent for each hour."""

    name: str
    values: Series


def adoption(simulation: Simulation, most: int) -> list[Curve]:
    """The share that each version has of all installations, newest first; only those that most ever had."""
    columns = enumerate(simulation.versions)
    curves = [Curve(name, 100 * simulation.adoption[:, number] / simulation.fleet.installs) for number, name in columns]
    return _most(curves, [float(curve.values.max()) for curve in curves], most)


def exposure(simulation: Simulation, most: int) -> list[Curve]:
    """To which share of its channel's installations each rollout was given so far, newest first; those that rose most.

    Those that are given to hardly anybody any more are left out, if any other is.
    """
    curves = []
    for number, rollout in enumerate(simulation.rollouts):
        seen = simulation.seen[:, simulation.channels.index(rollout.partition("/")[0])]
        curves.append(Curve(rollout, 100 * simulation.exposed[:, number] / np.maximum(seen, 1)))
    return _most(curves, [float(curve.values.max() - curve.values[0]) for curve in curves], most)


def table(simulation: Simulation) -> Table:
    """A day a row: who has what and was given what at its end, and its busiest hour."""
    has, given = adoption(simulation, _COLUMNS), exposure(simulation, _COLUMNS)
    made = Table(box=SIMPLE_HEAD, caption_justify="left", caption=_caption(simulation))
    made.add_column(f"a day from\n{simulation.start:%H:%M} UTC", no_wrap=True)
    for name in (
        *(f"have\n{curve.name}" for curve in has),
        *("given\n" + curve.name.replace("/", "\n") for curve in given),
        *("failed", "checks/s\nat most", "origin/s\nat most", "down-\nloads"),
    ):
        made.add_column(name, justify="right", no_wrap=True)
    for number, day in enumerate(simulation.days()):
        last = min(24 * (number + 1), simulation.hours) - 1
        shares = (f"{curve.values[last]:.1f} %" for curve in (*has, *given))
        load = (f"{day.failures:,}", *(f"{each:,.1f}" for each in (day.most_checks, day.most_origin)))
        made.add_row(f"{day.at:%a %d %b}", *shares, *load, f"{day.downloaded / 1e9:,.1f} GB")
    return made


def machine(simulation: Simulation) -> dict[str, Any]:
    """All of it. Keys are added, never renamed or removed. Lists have an item for each hour from `start` on."""
    return {
        "start": simulation.start.isoformat(),
        "hours": simulation.hours,
        "seed": simulation.seed,
        "installs": simulation.fleet.installs,
        "adoption": _columns(simulation.versions, simulation.adoption),
        "exposed": _columns(simulation.rollouts, simulation.exposed),
        "seen": _columns(simulation.channels, simulation.seen),
        "failures": _columns(simulation.versions, simulation.failures),
        "checks_per_second": [round(each, 3) for each in simulation.checks.tolist()],
        "origin_per_second": [round(each, 3) for each in simulation.origin.tolist()],
        "bytes_per_second": [round(each) for each in simulation.traffic.tolist()],
    }


def assumed(simulation: Simulation) -> str:
    """What was assumed of the fleet, in one sentence."""
    fleet = simulation.fleet
    single = "".join(f", {rate:.1%} of those to {version}" for version, rate in fleet.failures.items())
    return (
        f"Assumed: a check every {fleet.interval:g} h, {fleet.no_cohort:.0%} without a cohort, {fleet.manual:.1%} of "
        f"checks by hand, {fleet.failure:.1%} of updates fail{single}, {fleet.churn:.1%} leave and come a day; "
        f"an answer is kept {fleet.ttl:g} s by {fleet.caches} caches. Seed {simulation.seed}."
    )


def _most(curves: Sequence[Curve], weights: Sequence[float], most: int) -> list[Curve]:
    """The few of most weight, in reverse order; light ones only if there are no others."""
    ordered = sorted(range(len(curves)), key=weights.__getitem__, reverse=True)[:most]
    heavy = [number for number in ordered if weights[number] >= _LIGHT] or ordered
    return [curves[number] for number in sorted(heavy, reverse=True)]


def _caption(simulation: Simulation) -> str:
    shares = "Shares at the end of the day: of all installations (have), of all that the channel had so far (given)."
    return f"{shares} {assumed(simulation)}"


def _columns(names: Sequence[str], values: npt.NDArray[np.int64]) -> dict[str, list[int]]:
    """Those that are not zero all the time."""
    return {name: values[:, number].tolist() for number, name in enumerate(names) if values[:, number].any()}
