"""How changes go, as a picture, SVG or PNG: how many a week, how long each took, and how long it took to mend one.

Bars differ by hatch and points by marker as well as by colour (Okabe and Ito's), as in `plot`. The same audit gives the
same file.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from delivery.present.audit import PROXIES, Audit, Audited, figures, lasted
from delivery.present.drill import PICTURES
from delivery.rules.plan import Effect

_BARS = (
    (Effect.narrower, "#009E73", "//"),
    (Effect.next_step, "#0072B2", ""),
    (Effect.wider, "#E69F00", ".."),
)
_POINTS = (("commit to merge", "#000000", "o"), ("merge to live", "#0072B2", "s"), ("to restore", "#D55E00", "^"))

_TICKS = (1, 10, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)  # seconds
# Of years, months, days, hours, minutes and seconds: each tick says its own month, for an axis may have two.
_DATES = ["%Y", "%b %Y", "%d %b", "%H:%M", "%H:%M", "%S"]
_DATES_AT_0 = ["%Y", "%b %Y", "%d %b", "%d %b", "%H:%M", "%H:%M"]


def save(audit: Audit, file: Path) -> None:
    """Draws it. Raises OSError, and ValueError for a file that is no picture's name."""
    if file.suffix not in PICTURES:
        raise ValueError(f"{file.name} is neither .svg nor .png")
    with mpl.rc_context({"svg.hashsalt": "espice", "font.size": 10, "axes.axisbelow": True}):
        says = "\n".join([*(f"{each.name}: {each.value}; {each.of}" for each in figures(audit)), *PROXIES])
        about = {"Date": None, "Description": says} if file.suffix == ".svg" else {"Software": None}
        figure(audit).savefig(file, dpi=150, metadata=about)


def figure(audit: Audit) -> Figure:
    """Two panels over one axis of time."""
    drawn = Figure(figsize=(11, 7), layout="constrained")
    weeks, took = drawn.subplots(2, 1, sharex=True)
    met = [each for each in audit.changes if each.change.is_met]
    _weeks(weeks, met)
    _took(took, met)
    if met:
        ends = [audit.until, *(each.taken.at for each in met if each.taken)]
        took.set_xlim(min(_days(_monday(each.change.at) for each in met)), max(_days(ends)))
    locator = AutoDateLocator(tz=UTC)  # type: ignore[no-untyped-call]
    took.xaxis.set_major_locator(locator)
    took.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, tz=UTC, formats=_DATES, zero_formats=_DATES_AT_0, show_offset=False)  # type: ignore[no-untyped-call]
    )
    drawn.suptitle(audit.title, x=0.01, ha="left", weight="bold")
    return drawn


def _weeks(panel: Axes, met: Sequence[Audited]) -> None:
    below: Counter[datetime] = Counter()
    for effect, colour, hatch in _BARS:
        counts = Counter(_monday(each.change.at) for each in met if each.change.effect == effect.value)
        weeks = sorted(counts)
        panel.bar(
            _days(weeks),
            [counts[week] for week in weeks],
            bottom=[below[week] for week in weeks],
            width=6.5,
            align="edge",
            color=colour,
            hatch=hatch,
            edgecolor="white",
            label=effect.value,
        )
        below += counts
    panel.set_title("Changes that users meet, by week", loc="left")
    panel.set_ylabel("changes")
    panel.yaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(axis="y", color="#dddddd", linewidth=0.6)
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)


def _took(panel: Axes, met: Sequence[Audited]) -> None:
    """What is not recorded has no point; less than a second has one at a second, for an axis in powers has no 0."""
    found: Mapping[str, list[tuple[datetime, timedelta]]] = {
        "commit to merge": [(each.change.at, each.change.at - each.change.written) for each in met],
        "merge to live": [(each.change.at, lead) for each in met if (lead := each.change.lead) is not None],
        "to restore": [(each.taken.at, each.taken.lasted) for each in met if each.taken and each.change.offers],
    }
    for name, colour, marker in _POINTS:
        points = found[name]
        seconds = [max(span.total_seconds(), 1.0) for _, span in points]
        label = f"{name} ({len(points)} recorded)"
        panel.plot(
            _days(at for at, _ in points),
            seconds,
            color=colour,
            marker=marker,
            linestyle="",
            label=label,
            clip_on=False,
        )
    panel.set_title("How long it took", loc="left")
    panel.set_yscale("log")
    least, most = panel.get_ylim()
    panel.set_yticks(_TICKS, ["≤ 1 s", *(lasted(timedelta(seconds=tick)) for tick in _TICKS[1:])])
    panel.minorticks_off()
    panel.set_ylim(least, most)
    panel.grid(axis="y", color="#dddddd", linewidth=0.6)
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)


def _days(moments: Iterable[datetime]) -> list[float]:
    """As matplotlib counts them: an axis to which nobody gave a date could not tell how wide a bar of days is."""
    return [float(date2num(at)) for at in moments]  # type: ignore[no-untyped-call]


def _monday(at: datetime) -> datetime:
    return (at - timedelta(days=at.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
