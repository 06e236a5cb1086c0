"""Circuits that the site draws: netlists simulated by ngspice, and their traces reduced to what a screen can show.

A netlist of `site/content/circuits/` is an ordinary one that writes its vectors to `series` by `wrdata`, once or
several times. Comments that begin with `*!` say what is drawn:

    *! x [log] QUANTITY UNIT     the vector all others stand over, and whether decades are drawn
    *! y QUANTITY UNIT
    *! trace CHANNEL VECTOR NAME…
    *! points COUNT              how many a trace keeps

What comes out lies beside it as JSON, with the netlist's sha256: `./inv check` says whose netlist changed since.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path, PurePosixPath

from delivery.rules.problem import Problem
from delivery.rules.read import File

CIRCUITS = Path("site/content/circuits")
MISSING = "ngspice is not on this machine; install it, as by `apt-get install ngspice`, and run this again"
_SECONDS = 120
_WIDELY = "set wr_singlescale\nset wr_vecnames\nset numdgt=8\n"

Points = list[tuple[float, float]]


class NoSimulation(Exception):  # noqa: N818 - it names what there is none of
    """A circuit was not simulated; the sentence says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What a scale measures, in which SI unit; `log` counts decades."""

    quantity: str
    unit: str
    log: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A vector of the simulation that is drawn, in which channel's colour, under which name."""

    channel: int
    vector: str
    name: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the comments of a netlist ask for."""

    title: str
    x: Axis
    y: Axis
    wishes: tuple[Wish, ...]
    points: int


def names(root: Path) -> list[str]:
    """The circuits below a checkout, sorted."""
    return sorted(path.stem for path in (root / CIRCUITS).glob("*.cir"))


def simulate(root: Path, name: str) -> Path:
    """Run a circuit and write its traces beside it. Raises NoSimulation."""
    netlist = root / CIRCUITS / f"{name}.cir"
    if not netlist.exists():
        raise NoSimulation(f"there is no circuit {name}; there are: {', '.join(names(root))}")
    program = shutil.which("ngspice")
    if program is None:
        raise NoSimulation(MISSING)
    data = netlist.read_bytes()
    try:
        drawing = read(data.decode())
        found = drawn(drawing, _run(program, netlist))
    except ValueError as error:
        raise NoSimulation(f"{CIRCUITS / netlist.name}: {error}") from error
    result = {
        "netlist_sha256": sha256(data).hexdigest(),
        "ngspice": _version(program),
        "title": drawing.title,
        "x": asdict(drawing.x),
        "y": asdict(drawing.y),
        "series": found,
    }
    path = netlist.with_suffix(".json")
    path.write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n")
    return path


def stale(files: Mapping[str, File]) -> Iterator[Problem]:
    """A problem for each circuit whose traces are not of the netlist beside them, or lack it."""
    here = {PurePosixPath(path): data for path, data in files.items() if path.startswith(f"{CIRCUITS}/")}
    netlists = {path: data for path, data in here.items() if path.suffix == ".cir"}
    for path, data in netlists.items():
        traces = path.with_suffix(".json")
        if _made_from(here.get(traces, b"")) != sha256(data).hexdigest():
            mend = f"run ./inv site simulate --name {path.stem}"
            yield Problem(str(traces), 0, "", f"was not made from {path.name} as it is now", mend)
    for path in here:
        netlist = path.with_name(f"{path.stem.removesuffix('.schematic')}.cir")
        if path.suffix == ".json" and netlist not in netlists:
            yield Problem(str(path), 0, "", f"is data of {netlist.name}, which is not there", "take it away")


def read(netlist: str) -> Drawing:
    """What a netlist's comments ask for. Raises ValueError where they ask for nothing that can be drawn."""
    asked = [line.removeprefix("*!").split() for line in netlist.splitlines() if line.startswith("*!")]
    said = {words[0]: words[1:] for words in asked if words}
    for needed in ("x", "y", "trace", "points"):
        if not said.get(needed):
            raise ValueError(f"a line `*! {needed} …` is missing")
    wishes = tuple(_wish(words[1:]) for words in asked if words and words[0] == "trace")
    title = netlist.splitlines()[0].removeprefix("*").strip()
    return Drawing(title, _axis(said["x"]), _axis(said["y"]), wishes, int(said["points"][0]))


def drawn(drawing: Drawing, written: str) -> list[dict[str, object]]:
    """The traces that are wished for, reduced and rounded, of what `wrdata` wrote: a block for each run."""
    series: list[dict[str, object]] = []
    for header, rows in _blocks(written):
        for wish in drawing.wishes:
            if wish.vector not in header:
                raise ValueError(f"it wrote no {wish.vector}, but {', '.join(header[1:])}")
            column = header.index(wish.vector)
            there = math.log10 if drawing.x.log else float  # as it will be looked at
            points = reduce([(there(row[0]), row[column]) for row in rows], drawing.points)
            kept = [[_rounded(10**x if drawing.x.log else x), _rounded(y)] for x, y in points]
            series.append({"name": wish.name, "channel": wish.channel, "points": kept})
    if not series:
        raise ValueError("it wrote no vectors")
    return series


def reduce(points: Points, count: int) -> Points:
    """At most `count` points that keep the trace's shape (largest triangle three buckets, Steinarsson 2013).

    The first and last stay; of each bucket between, the point that spans the largest triangle with the one kept before
    it and the mean of the bucket after it.
    """
    if count >= len(points) or count < 3:
        return points
    inner = len(points) - 2
    edges = [1 + inner * each // (count - 2) for each in range(count - 1)]
    kept = [points[0]]
    buckets = [points[start:end] for start, end in pairwise(edges)] + [[points[-1]]]
    for bucket, after in pairwise(buckets):
        kept.append(_farthest(kept[-1], bucket, after))
    return [*kept, points[-1]]


def _farthest(before: tuple[float, float], bucket: Points, after: Points) -> tuple[float, float]:
    x0, y0 = before
    x2, y2 = (sum(values) / len(after) for values in zip(*after, strict=True))
    return max(bucket, key=lambda point: abs((x0 - x2) * (point[1] - y0) - (x0 - point[0]) * (y2 - y0)))


def _run(program: str, netlist: Path) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / ".spiceinit").write_text(_WIDELY)
        shutil.copy(netlist, folder)
        ended = subprocess.run(
            [program, "-b", netlist.name], cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        series = folder / "series"
        if ended.returncode or not series.exists():
            said = re.findall(r"^.*(?:error|can't).*$", ended.stdout + ended.stderr, re.MULTILINE | re.IGNORECASE)
            raise ValueError("ngspice did not simulate it: " + ("; ".join(said[:3]) or f"status {ended.returncode}"))
        return series.read_text()


def _blocks(written: str) -> list[tuple[list[str], list[list[float]]]]:
    blocks: list[tuple[list[str], list[list[float]]]] = []
    for line in written.splitlines():
        words = line.split()
        if words and not re.match(r"[-+\d.]", words[0]):
            blocks.append((words, []))
        elif words:
            blocks[-1][1].append([float(word) for word in words])
    return blocks


def _axis(words: Sequence[str]) -> Axis:
    log = words[0] == "log"
    quantity, unit = words[1:] if log else words
    return Axis(quantity, unit, log)


def _wish(words: Sequence[str]) -> Wish:
    channel, vector, *name = words
    return Wish(int(channel), vector, " ".join(name))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _made_from(traces: File) -> str | None:
    try:
        return str(json.loads(traces)["netlist_sha256"])
    except (ValueError, TypeError, KeyError):
        return None


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False).stdout
    found = re.search(r"ngspice-(\S+)", said)
    return found.group(1) if found else "unknown"
