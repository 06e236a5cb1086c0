"""How much of the update checks caches answer, as a picture, SVG or PNG: over the number of installations.

Lines are what the formula says, hollow markers what was measured; curves differ as in `plot`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from delivery.present.costs import many

_LOOKS = (("#D55E00", "-.", "^"), ("#0072B2", "--", "s"), ("#009E73", (0, (1, 1)), "D"))


_Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares of checks that caches answer: by the formula for each fleet, and measured, as (installations, share)."""

    formula: Sequence[float]
    measured: _Points


def save(fleets: Sequence[int], often: float, curves: Mapping[str, Curve], file: Path, title: str, says: str) -> None:
    """Draws the shares, and the requests that are left for the origin where each installation asks so `often` a second.

    The suffix of the file says which kind; an .svg also holds `says`, for those who cannot see it. The same curves give
    the same file.
    """
    with mpl.rc_context({"svg.hashsalt": "espice", "font.size": 10, "axes.axisbelow": True}):
        drawn = Figure(figsize=(9, 9), layout="constrained")
        hits, origin = drawn.subplots(2, 1, sharex=True)
        origin.plot(
            fleets, [often * fleet for fleet in fleets], label="all checks, at the edge", color="#000000", linewidth=1.6
        )
        for (name, curve), look in zip(curves.items(), _LOOKS, strict=True):
            by_formula = list(zip(fleets, curve.formula, strict=True))
            _draw(hits, by_formula, curve.measured, name, look)
            _draw(origin, _left(by_formula, often), _left(curve.measured, often), name, look)
        for panel, name in ((hits, "share that caches answer"), (origin, "requests per second at the origin")):
            panel.set_xscale("log")
            panel.set_ylabel(name)
            panel.grid(color="#dddddd", linewidth=0.6)
            panel.legend(loc="upper left", frameon=False)
        hits.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        hits.set_ylim(-0.02, 1.02)
        origin.set_yscale("log")
        origin.set_xticks(list(fleets), [many(each) for each in fleets])
        origin.set_xlabel("installations behind one cache; lines: the formula, markers: measured")
        drawn.suptitle(title, x=0.01, ha="left", weight="bold")
        about = {"Date": None, "Description": says} if file.suffix == ".svg" else {"Software": None}
        drawn.savefig(file, dpi=150, metadata=about)


def _left(hits: _Points, often: float) -> _Points:
    return [(fleet, often * fleet * (1 - hit)) for fleet, hit in hits]


def _draw(panel: Axes, line: _Points, points: _Points, name: str, look: tuple[str, object, str]) -> None:
    colour, dash, marker = look
    panel.plot(*zip(*line, strict=True), label=name, color=colour, linestyle=dash, linewidth=1.8)
    panel.plot(*zip(*points, strict=True), color=colour, linestyle="", marker=marker, markersize=7, mfc="white")
