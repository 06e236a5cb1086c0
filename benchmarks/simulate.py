"""How long a simulation takes, and how that grows: `python -m benchmarks.simulate`.

A fleet through the facts of HEAD for 14 days (and 7 of warm-up), with a ramp that parts the cohorts a thousand times.
Target: a million installations in under 30 seconds on two cores. Asserts nothing, as times belong to a machine.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from delivery.history import snapshot
from delivery.rules.assemble import assemble
from delivery.rules.compile import Table, compile
from delivery.rules.fleet import typical
from delivery.rules.read import read
from delivery.rules.simulate import simulate
from delivery.rules.timeline import Stage

ROOT = Path(__file__).parents[1]
START = datetime(2026, 11, 20, tzinfo=UTC)
TARGET_S = 30


def facts(*, ramp: bool) -> Table:
    """HEAD's, where stable's newest rollout goes to everyone in four days if `ramp`."""
    found, problems = read(snapshot.at_commit(ROOT, "HEAD"))
    assert found, problems
    catalog = assemble(found, "laptop")
    newest = max((each for each in catalog.offerings if each.channel == "stable"), key=lambda each: each.stages[0].at)
    last = Stage(START + timedelta(days=1), 1000, False, newest.fact, over=4 * 86_400)
    ramped = replace(newest, stages=(*newest.stages, last))
    offerings = tuple(ramped if each == newest and ramp else each for each in catalog.offerings)
    return compile(replace(catalog, offerings=offerings))


def main() -> None:
    """Measures and prints."""
    print(f"{'installations':>15}{'ramp':>8}{'seconds':>10}{'of CPU':>10}{'decide asked':>15}{'target':>10}")
    for installs, ramp in ((10_000, False), (100_000, False), (1_000_000, False), (1_000_000, True)):
        table = facts(ramp=ramp)
        begun, busy = perf_counter(), process_time()
        made = simulate(table, typical(table, START, installs), START)
        target = f"{TARGET_S} s" if installs == 1_000_000 else ""
        spent = f"{perf_counter() - begun:>10.1f}{process_time() - busy:>10.1f}"
        print(f"{installs:>15,}{'yes' if ramp else 'no':>8}{spent}{made.asked:>15,}{target:>10}")


if __name__ == "__main__":
    main()
