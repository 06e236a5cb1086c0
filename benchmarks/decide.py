"""How long one answer takes: `python -m benchmarks.decide`.

The catalog is a large one: 200 versions on two channels, four targets; the client is one version behind.
"""

from dataclasses import replace

from benchmarks.measure import Figure, show, typical
from delivery.endpoint.answers import answer
from delivery.endpoint.check import parse
from delivery.endpoint.look import Live
from delivery.endpoint.packed import Packed
from delivery.rules.catalog import from_bytes, to_bytes
from delivery.rules.compile import compile
from delivery.rules.decide import decide
from tests.unit.endpoint.parts import CATALOG, NOW, SETTINGS, World, offering, release

CALLS = 2_000
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


def main() -> None:
    """Measures and prints."""
    world = World()
    head = world.publish(LARGE)
    world.check()
    world.said = []
    table, data = compile(LARGE), to_bytes(LARGE)
    live = Live(head, table, b"", Packed.of(data))
    request = parse(PATH, QUERY, table.targets)
    assert request
    decision = decide(table, request, NOW)
    oldest = replace(request, version="0.0.1", cohort=None)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": QUERY}
    figures = [
        Figure("decide", typical(lambda: decide(table, request, NOW), calls=CALLS), 20e-6),
        Figure("decide, from the oldest version", typical(lambda: decide(table, oldest, NOW), calls=CALLS)),
        Figure("parse the URL", typical(lambda: parse(PATH, QUERY, table.targets), calls=CALLS)),
        Figure("write the answer", typical(lambda: answer(decision, live, SETTINGS, NOW), calls=CALLS)),
        Figure("a whole update check", typical(lambda: list(world.app(environ, lambda *_: print)), calls=CALLS)),
        Figure("Flask: /healthz", typical(lambda: world.get("/healthz"), calls=200)),
        Figure("load the catalog", typical(lambda: compile(from_bytes(data)))),
    ]
    show(f"One answer, of a catalog of {len(VERSIONS)} versions ({len(data) / 1e6:.1f} MB)", figures)


if __name__ == "__main__":
    main()
