"""simulate: a fleet of installations through the facts of a commit, before they meet a real one."""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Printed

from delivery.commands.desk import ROOT, Usage, command, err, moment, out, picture, print_json, whole
from delivery.history import snapshot
from delivery.present import simulation as rendered
from delivery.rules.assemble import assemble
from delivery.rules.compile import Table, compile
from delivery.rules.fleet import Fleet, typical
from delivery.rules.precedence import precedence
from delivery.rules.problem import Refused
from delivery.rules.read import read
from delivery.rules.simulate import Simulation
from delivery.rules.simulate import simulate as run

MOST_INSTALLS, MOST_DAYS, MOST_SEED = 10_000_000, 366, 2**32 - 1


@command
def simulate(
    ref: str, since: str, days: str, installs: str, failures: Sequence[str], seed: str, plot: str, as_json: bool
) -> int:
    """Prints who has which version day by day, and what that asks of edge and origin; draws it where `plot` says."""
    start = moment(since, "--from").replace(minute=0, second=0)
    length, many = whole(days, "--days", 1, MOST_DAYS), whole(installs, "--installs", 1, MOST_INSTALLS)
    chance, file = whole(seed, "--seed", 0, MOST_SEED), picture(plot)
    commit, table = _facts(ref)
    fleet = typical(table, start, many, failures=_rates(failures, table))
    made = _run(table, fleet, start, length, chance)
    title = _title(made, commit)
    if as_json:
        print_json({"commit": commit, **rendered.machine(made)})
    else:
        out.print(title, style="bold")
        _print(rendered.table(made))
    if file:
        _draw(made, file, title)
    return 0


def _facts(ref: str) -> tuple[str, Table]:
    """The commit and what it decides. Only the form of its facts is checked: old facts meet no newer rule."""
    commit = snapshot.commit_id(ROOT, ref)
    facts, problems = read(snapshot.at_commit(ROOT, commit))
    if facts is None:
        raise Refused(problems)
    return commit, compile(assemble(facts, "laptop"))


def _rates(said: Sequence[str], table: Table) -> Mapping[str, float]:
    """What --failure says: version -> share of updates that fail. Raises Usage."""
    rates = {}
    for each in said:
        version, _, rate = each.partition("=")
        precedence(version)
        if version not in table.catalog.releases:
            raise Usage(f"--failure {each}: there is no version {version}; releases/versions/ has all there are")
        if not re.fullmatch(r"0(\.[0-9]+)?|1(\.0+)?", rate):
            raise Usage(f"--failure {each}: says no share from 0 to 1; write it like {version}=0.03")
        rates[version] = float(rate)
    return rates


def _run(table: Table, fleet: Fleet, start: datetime, days: int, seed: int) -> Simulation:
    """With a bar on standard error, where somebody looks at it."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as shown:
        bar = shown.add_task(f"{fleet.installs:,} installations, {days} days", total=1.0)
        return run(table, fleet, start, days, seed, lambda done: shown.update(bar, completed=done))


def _title(made: Simulation, commit: str) -> str:
    end = made.start + timedelta(hours=made.hours)
    return (
        f"{made.fleet.installs:,} installations through the facts of {commit[:8]}, "
        f"{made.start:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M} UTC"
    )


def _print(table: Printed) -> None:
    """As wide as it is: a narrow terminal or a file gets whole numbers, not dots."""
    needed = out.measure(table, options=out.options.update(max_width=1000)).maximum
    Console(width=max(needed, out.width), highlight=False).print(table)


def _draw(made: Simulation, file: Path, title: str) -> None:
    os.environ.setdefault("MPLCONFIGDIR", str(ROOT / ".state" / "matplotlib"))  # its cache of fonts
    from delivery.present import plot  # noqa: PLC0415 - it takes a second

    plot.save(made, file, title)
    err.print(f"drew {file}", markup=False)
