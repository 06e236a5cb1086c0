"""What something costs, as a picture, SVG or PNG: dollars over the number of installations.

Lines differ by dash, marker and lightness as well as by colour, as in `plot`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from delivery.present.costs import many

_LOOKS = (("#000000", "-", "o"), ("#D55E00", "-.", "^"), ("#0072B2", "--", "s"), ("#009E73", (0, (1, 1)), "D"))


def save(
    named: Sequence[int],
    clients: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    file: Path,
    title: str,
    says: str,
) -> None:
    """Draws dollars over clients, both in powers of ten; `named` are the numbers below the axis.

    The suffix of the file says which kind; an .svg also holds `says`, for those who cannot see it. The same curves give
    the same file.
    """
    with mpl.rc_context({"svg.hashsalt": "espice", "font.size": 10, "axes.axisbelow": True}):
        drawn = Figure(figsize=(9, 5.5), layout="constrained")
        panel = drawn.subplots()
        for (name, values), (colour, dash, marker) in zip(curves.items(), _LOOKS, strict=True):
            panel.plot(
                clients, values, label=name, color=colour, linestyle=dash, marker=marker, linewidth=1.8, markevery=10
            )
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xticks(list(named), [many(each) for each in named])
        panel.set_xlabel("installations")
        panel.set_ylabel("US dollars a month")
        panel.grid(color="#dddddd", linewidth=0.6)
        panel.legend(loc="upper left", frameon=False)
        drawn.suptitle(title, x=0.01, ha="left", weight="bold")
        about = {"Date": None, "Description": says} if file.suffix == ".svg" else {"Software": None}
        drawn.savefig(file, dpi=150, metadata=about)
