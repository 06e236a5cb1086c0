"""How long one answer takes: `python benchmarks/decide.py`.

Prints medians of one run and their ratios to `decide`; asserts nothing, as times belong to a machine.
The catalog is a large one: 200 versions on two channels, four targets; the client is one version behind.
"""

import sys
import timeit
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from delivery.endpoint.answers import answer
from delivery.endpoint.check import parse
from delivery.endpoint.look import Live
from delivery.rules.catalog import from_bytes, to_bytes
from delivery.rules.compile import compile
from delivery.rules.decide import decide
from tests.unit.endpoint.parts import CATALOG, NOW, SETTINGS, World, offering, release

ROUNDS, CALLS = 9, 2_000
VERSIONS = [f"1.{minor}.0" for minor in range(200)]
LARGE = replace(
    CATALOG,
    releases={version: release(version) for version in VERSIONS},
    offerings=tuple(
        offering(version, 1, 10 if version == VERSIONS[-1] else 100, channel=channel)
        for channel in ("beta", "stable")
        for version in VERSIONS
    ),
)
PATH, QUERY = "/v1/update/stable/linux/x86_64/1.198.0", "bundle=appimage&cohort=437&os=24.04"


def microseconds(call: Callable[[], object], calls: int = CALLS) -> float:
    """The median of some rounds, for one call."""
    return median(timeit.repeat(call, number=calls, repeat=ROUNDS)) / calls * 1e6


def main() -> None:
    """Measures and prints."""
    world = World()
    head = world.publish(LARGE)
    world.check()
    world.said = []
    table, data = compile(LARGE), to_bytes(LARGE)
    live = Live(head, table, b"", data)
    request = parse(PATH, QUERY, table.targets)
    assert request
    decision = decide(table, request, NOW)
    oldest = replace(request, version="0.0.1", cohort=None)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": QUERY}
    times = {
        "decide": microseconds(lambda: decide(table, request, NOW)),
        "decide, from the oldest": microseconds(lambda: decide(table, oldest, NOW)),
        "parse the URL": microseconds(lambda: parse(PATH, QUERY, table.targets)),
        "write the answer": microseconds(lambda: answer(decision, live, SETTINGS, NOW)),
        "a whole update check": microseconds(lambda: list(world.app(environ, lambda *_: print))),
        "Flask: /healthz": microseconds(lambda: world.get("/healthz"), 200),
        "load the catalog": microseconds(lambda: compile(from_bytes(data)), 1),
    }
    for what, spent in times.items():
        print(f"{what:25}{spent:12.1f} us{spent / times['decide']:10.1f} x")
    print(f"the catalog of {len(VERSIONS)} versions has {len(data) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
