"""The embedded engine against the real one, on one cloud in a file: `python -m benchmarks.engines`.

A preview of nothing, an apply of nothing new, an apply of one change; then how both grow with the number of resources.
Needs the real engine: `./inv engine`. Times belong to this machine; the ratios within one run say more.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pulumi
from pulumi_aws import sns

from benchmarks.measure import Figure, show, typical
from delivery.engines.stack import Engine, Outcome, Stack
from tests.engines.programs import Cloud, engine_on, real_on

RESOURCES = 60  # about as many as the live stack writes in a long life
SIZES = (25, 50, 100, 200)


def topics(count: int, changed: str = "") -> Stack:
    """So many things in a row of fives, of which the first is described by `changed`."""

    def program() -> None:
        made: list[sns.Topic] = []
        for number in range(count):
            opts = pulumi.ResourceOptions(depends_on=made[number // 5 * 5 - 1 : number // 5 * 5])
            made.append(
                sns.Topic(f"t{number}", name=f"t{number}", display_name=changed if number == 0 else "", opts=opts)
            )

    return Stack("espice", "laptop", program)


def done(outcome: Outcome, changes: int) -> None:
    """AssertionError if it did not do just that."""
    assert outcome.errors == ()
    assert len(outcome.changes) == changes, outcome.changes


def preview(engine: Engine, count: int) -> Callable[[], None]:
    return lambda: done(engine.preview(topics(count)), 0)


def nothing(engine: Engine, count: int) -> Callable[[], None]:
    return lambda: done(engine.apply(topics(count)), 0)


def change(engine: Engine, count: int) -> Callable[[], None]:
    turns = iter(range(1, 1000))
    return lambda: done(engine.apply(topics(count, f"change {next(turns)}")), 1)


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clouds = [Cloud(folder / f"{each}.json") for each in ("embedded", "real")]
        with engine_on(clouds[0], folder / "state") as embedded, real_on(clouds[1], folder / "real") as real:
            compare(embedded, real)
            grow(embedded, real)


def compare(embedded: Engine, real: Engine) -> None:
    """Both, run by run."""
    for engine in (embedded, real):
        engine.apply(topics(RESOURCES))
    runs = {"preview of nothing": preview, "apply of nothing new": nothing, "apply of one change": change}
    for what, run in runs.items():
        figures = [
            Figure("embedded", typical(run(embedded, RESOURCES), rounds=5)),
            Figure("real", typical(run(real, RESOURCES), rounds=5)),
        ]
        show(f"{what.capitalize()}, {RESOURCES} resources", figures)
        for engine in (embedded, real):
            engine.apply(topics(RESOURCES))


def grow(embedded: Engine, real: Engine) -> None:
    """Both, by the number of resources."""
    for what, engine in (("embedded", embedded), ("real", real)):
        figures = []
        for count in SIZES:
            engine.apply(topics(count))
            figures.append(Figure(f"{count} resources", typical(nothing(engine, count), rounds=3)))
        show(f"Apply of nothing new by the {what} engine", figures)


if __name__ == "__main__":
    main()
