"""drill: break a part of a laptop of its own while installations ask, and see that the ladder holds."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from delivery.commands.desk import ROOT, Usage, command, err, out, picture, print_json
from delivery.drills.drill import Drill
from delivery.drills.every import DRILLS
from delivery.drills.rehearse import rehearse
from delivery.drills.scratch import scratch
from delivery.drills.subject import NoDrill, Subject
from delivery.laptop.up import ended_by_signals
from delivery.present import drill as rendered
from delivery.present.drill import Report

LIST, ALL = "list", "all"  # instead of a drill's name
LONGEST_S = 600.0
WIDE = 150  # columns, where what is printed goes into a file or a pipe
_SECONDS = re.compile(r"[0-9]{1,3}(\.[0-9]+)?")


@command
def drill(name: str, plot: str, seconds: str, as_json: bool) -> int:
    """Carry out one drill, or all, or list them. Exit status 1 if any did not go as expected."""
    if name == LIST:
        return _list(as_json)
    chosen, watched = _chosen(name), _seconds(seconds)
    file = _picture(plot, len(chosen))
    tried: list[tuple[str, Report | None]] = []
    try:
        with ended_by_signals(), scratch(ROOT, _progress) as subject:
            tried.extend((each.name, _one(each, subject, watched, file, as_json)) for each in chosen)
    except NoDrill as error:
        err.print(f"drill: {error}", markup=False)
        if not tried:
            return 1
    except KeyboardInterrupt:
        err.print("drill: ended and mended; nothing is left running")
        return 130
    went = {each for each, report in tried if report and report.passed}
    failed = [each.name for each in chosen if each.name not in went]
    if as_json:
        print_json([rendered.machine(report) for _, report in tried if report])
    elif name == ALL:
        said = f"; not as expected: {', '.join(failed)}" if failed else ""
        out.print(f"{len(went)} of {len(chosen)} drills passed{said}")
    return 1 if failed else 0


def _list(as_json: bool) -> int:
    if as_json:
        print_json([{"drill": each.name, "what": each.what, "expected": each.expected} for each in DRILLS.values()])
        return 0
    for each in DRILLS.values():
        out.print(f"{each.name:22} {each.what}\n{'':22} -> {each.expected}", markup=False)
    return 0


def _one(chosen: Drill, subject: Subject, seconds: float, file: Path | None, as_json: bool) -> Report | None:
    """None if it cannot be carried out; the next one may."""
    _progress(f"{chosen.name}: {chosen.what}")
    try:
        report = rehearse(chosen, subject, seconds, _progress)
    except NoDrill as error:
        err.print(f"{chosen.name}: {error}", markup=False)
        return None
    if not as_json:
        for line in rendered.told(report):
            out.print(line, markup=False)
        (out if out.is_terminal else Console(width=WIDE)).print(rendered.table(report))
    if file:
        _draw(report, file)
    return report


def _draw(report: Report, file: Path) -> None:
    from delivery.present import drill_plot  # noqa: PLC0415 - matplotlib takes a second to load

    drill_plot.save(report, file)
    _progress(f"drawn: {file}")


def _progress(text: str) -> None:
    """On standard error: what is printed as JSON stands alone."""
    err.print(f"- {text}", markup=False, style="dim")


def _chosen(name: str) -> Sequence[Drill]:
    if name == ALL:
        return tuple(DRILLS.values())
    if name not in DRILLS:
        raise Usage(f"there is no drill {name}; there are {', '.join(DRILLS)}, and {ALL}")
    return (DRILLS[name],)


def _seconds(text: str) -> float:
    if not (_SECONDS.fullmatch(text) and float(text) <= LONGEST_S):
        raise Usage(f"--seconds {text}: is no number of seconds up to {LONGEST_S:.0f}; write it like 5")
    return float(text)


def _picture(plot: str, drills: int) -> Path | None:
    """Where to draw, if anywhere. Raises Usage before any work is done."""
    if plot and drills > 1:
        raise Usage("--plot: draws one drill; name one")
    return picture(plot)
