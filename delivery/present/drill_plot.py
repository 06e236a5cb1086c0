"""A drill as a picture, SVG or PNG: who answered each kind of installation, over time.

Answers differ by marker and height as well as by colour (Okabe and Ito's), so that they are told apart in grey and by
colour-blind people.
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from delivery.present.drill import PICTURES, Report, Rung, told

_LOOKS = {
    Rung.endpoint: ("#0072B2", "o", 0.22, "the endpoint, or the edge's copy"),
    Rung.static: ("#E69F00", "s", 0.0, "the static manifest"),
    Rung.nobody: ("#000000", "x", -0.22, "nobody"),
}


def save(report: Report, file: Path) -> None:
    """Draws it. Raises OSError, and ValueError for a file that is no picture's name."""
    if file.suffix not in PICTURES:
        raise ValueError(f"{file.name} is neither .svg nor .png")
    with mpl.rc_context({"svg.hashsalt": "espice", "font.size": 10, "axes.axisbelow": True}):
        says = {"Date": None, "Description": "\n".join(told(report))}
        figure(report).savefig(file, dpi=150, metadata=says if file.suffix == ".svg" else {"Software": None})


def figure(report: Report) -> Figure:
    """A row for each kind of installation; shaded while something is broken."""
    drawn = Figure(figsize=(11, 2.2 + 0.42 * len(report.kinds)), layout="constrained")
    panel = drawn.subplots()
    _phases(panel, report)
    for rung, (colour, marker, height, says) in _LOOKS.items():
        asks = [ask for ask in report.asks if ask.rung is rung]
        rows = [-report.kinds.index(ask.kind) + height for ask in asks]
        panel.scatter([ask.ended for ask in asks], rows, c=colour, marker=marker, s=14, label=says, linewidths=1)
    wrong = [ask for ask in report.asks if ask.wrong]
    if wrong:
        rows = [-float(report.kinds.index(ask.kind)) for ask in wrong]
        panel.scatter([ask.ended for ask in wrong], rows, c="#D55E00", marker="*", s=160, label="a wrong offer")
    panel.set_yticks([-number for number in range(len(report.kinds))], report.kinds)
    panel.set_ylim(-len(report.kinds) + 0.4, 0.6)
    panel.set_xlim(left=0)
    panel.set_xlabel("seconds")
    panel.grid(axis="x", color="#dddddd", linewidth=0.6)
    panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=4, frameon=False)
    verdict = "passed" if report.passed else "FAILED"
    drawn.suptitle(f"{report.name}: {report.what} ({verdict})", x=0.01, ha="left", weight="bold", size=11, wrap=True)
    return drawn


def _phases(panel: Axes, report: Report) -> None:
    for phase in report.phases:
        if phase.broken:
            panel.axvspan(phase.began, phase.ended, color="#f0f0f0", zorder=0, linewidth=0)
        panel.axvline(phase.began, color="#888888", linewidth=0.8, linestyle=":")
