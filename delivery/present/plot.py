"""A simulation as a picture, SVG or PNG: who has which version, whom rollouts reach, what it asks of edge and origin.

Lines differ by dash, marker and lightness as well as by colour (Okabe and Ito's), so that they are told apart in grey
and by colour-blind people. The same simulation gives the same file.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, DayLocator
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from delivery.present.simulation import PICTURES, Curve, adoption, assumed, exposure
from delivery.rules.simulate import Simulation

_TITLES = (
    "Adoption: which version they have",
    "Exposure: to how many each rollout was given so far",
    "Load: update checks and downloads, means of an hour",
)
_COUNTED = ("share of installations", "share of its channel's installations", "requests per second")
_Hours = npt.NDArray[np.object_]  # the moments at which hours end
_Look = tuple[str, Any, str]  # colour, dash, marker
_LOOKS: tuple[_Look, ...] = (  # as many lines as can be told apart
    ("#000000", "-", "o"),
    ("#0072B2", "--", "s"),
    ("#D55E00", "-.", "^"),
    ("#009E73", (0, (1, 1)), "D"),
    ("#CC79A7", (0, (5, 1, 1, 1)), "v"),
    ("#E69F00", (0, (8, 2)), "X"),
)


def save(simulation: Simulation, file: Path, title: str) -> None:
    """Writes the picture; the suffix says which kind. Raises OSError, and ValueError for another suffix."""
    if file.suffix not in PICTURES:
        raise ValueError(f"{file.name} is neither .svg nor .png")
    with mpl.rc_context({"svg.hashsalt": "espice", "font.size": 10, "axes.axisbelow": True}):
        unstamped = {"Date": None} if file.suffix == ".svg" else {"Software": None}
        figure(simulation, title).savefig(file, dpi=150, metadata=unstamped)


def figure(simulation: Simulation, title: str) -> Figure:
    """Three panels over one axis of time: adoption, exposure, load."""
    start = simulation.start.astimezone(UTC)
    drawn = Figure(figsize=(11, 11), layout="constrained")
    panels: Sequence[Axes] = drawn.subplots(3, 1, sharex=True)
    has, given = adoption(simulation, len(_LOOKS)), exposure(simulation, len(_LOOKS))
    looks = _by_version([*has, *given])
    hours = np.array([start + timedelta(hours=hour + 1) for hour in range(simulation.hours)])
    _lines(panels[0], hours, has, looks)
    _lines(panels[1], hours, given, looks)
    ground = _load(panels[2], hours, simulation)
    for panel, name, counted in zip(panels, _TITLES, _COUNTED, strict=True):
        panel.set_title(name, loc="left")
        panel.set_ylabel(counted)
        _days(panel, start, hours[-1])
    for panel in (panels[0], panels[1], ground):
        _weekends(panel, start, hours[-1])
    drawn.suptitle(title, x=0.01, ha="left", weight="bold")
    small = fill(f"Days in UTC, weekends shaded. {assumed(simulation)}", 150)
    drawn.supxlabel(small, x=0.01, ha="left", size=8, color="#555555")
    return drawn


def _by_version(curves: Sequence[Curve]) -> Mapping[str, _Look]:
    """One look for a version in all panels. Those that are too many share the last."""
    versions = list(dict.fromkeys(_version(curve) for curve in curves))
    return {version: _LOOKS[min(number, len(_LOOKS) - 1)] for number, version in enumerate(versions)}


def _version(curve: Curve) -> str:
    return curve.name.rpartition("/")[2]


def _lines(panel: Axes, hours: _Hours, curves: Sequence[Curve], looks: Mapping[str, _Look]) -> None:
    """Markers once a day, each curve's at other hours; hollow for a second channel with the same version."""
    drawn: set[str] = set()
    for number, curve in enumerate(curves):
        colour, dash, marker = looks[_version(curve)]
        panel.plot(
            hours,
            curve.values,
            label=curve.name,
            color=colour,
            linestyle=dash,
            linewidth=1.8,
            marker=marker,
            markersize=6,
            markevery=(4 * number % 24, 24),
            markerfacecolor="white" if _version(curve) in drawn else colour,
        )
        drawn.add(_version(curve))
    panel.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    panel.set_ylim(0, 102)
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)


def _load(panel: Axes, hours: _Hours, simulation: Simulation) -> Axes:
    """Requests on the left; downloads as a grey area on the right, behind them. Returns the axes that lie behind."""
    behind = panel.twinx()
    area = behind.fill_between(
        hours, 8e-6 * simulation.traffic, color="#bdbdbd", label="downloads (right)", linewidth=0
    )
    edge = panel.plot(hours, simulation.checks, color="#000000", linewidth=1.6, label="checks at the edge")
    origin = panel.plot(hours, simulation.origin, color="#E69F00", linestyle="--", linewidth=1.6, label="at the origin")
    behind.set_ylabel("megabits per second")
    behind.set_ylim(bottom=0)
    panel.set_ylim(bottom=0)
    panel.set_zorder(behind.get_zorder() + 1)
    panel.patch.set_visible(False)
    panel.legend(handles=[*edge, *origin, area], loc="upper left", bbox_to_anchor=(1.08, 1), frameon=False)
    return behind


def _days(panel: Axes, start: datetime, end: datetime) -> None:
    locator = DayLocator(interval=max(1, round((end - start).days / 14)), tz=UTC)  # type: ignore[no-untyped-call]
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(DateFormatter("%a\n%d %b", tz=UTC))  # type: ignore[no-untyped-call]
    panel.grid(color="#dddddd", linewidth=0.6)
    panel.set_xlim(start, end)  # type: ignore[arg-type] # matplotlib takes dates on an axis of dates


def _weekends(panel: Axes, start: datetime, end: datetime) -> None:
    """Then machines are off."""
    midnight = start.replace(hour=0, minute=0, second=0)
    for day in (midnight + timedelta(days=number) for number in range((end - start).days + 2)):
        if day.weekday() >= 5:
            panel.axvspan(day, day + timedelta(days=1), color="#f0f0f0", zorder=0, linewidth=0)  # type: ignore[arg-type]
