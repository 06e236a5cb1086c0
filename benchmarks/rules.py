"""How long checks, catalogs, plans and decisions take, and how that grows: `./inv bench rules`.

Prints a table for repositories of 125 to 1,000 versions on 3 channels and 8 targets, with the targets that were set for
the largest beside the figures, and draws the growth as a picture under .state/. Asserts nothing: times belong to a
machine. The last two columns ask the newest and the oldest client, to show that a decision does not depend on the
number of versions.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from matplotlib import colormaps
from matplotlib.figure import Figure

from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog, from_bytes, to_bytes
from delivery.rules.check import check
from delivery.rules.compile import compile
from delivery.rules.decide import Request, decide
from delivery.rules.facts import Channel, Facts, Filed, Rollout, Spot, Step, Version
from delivery.rules.plan import plan
from tests.unit.rules.files import signature
from tests.unit.rules.worlds import world

SIZES = (125, 250, 500, 1000)
CHANNELS = ("alpha", "beta", "stable")
TARGETS = {f"{system}-{arch}": bundles for system, arch, bundles in (
    ("windows", "x86_64", ("nsis", "msi")), ("windows", "aarch64", ("nsis",)), ("darwin", "aarch64", ("app",)),
    ("darwin", "x86_64", ("app",)), ("linux", "x86_64", ("appimage", "deb", "rpm")), ("linux", "aarch64", ("deb",)),
    ("linux", "armv7", ("deb",)), ("freebsd", "x86_64", ("appimage",)))}  # fmt: skip
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PICTURE = Path(__file__).parents[1] / ".state" / "bench" / "rules.png"


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds, and microseconds for decisions."""

    check: float
    catalog: float
    compile: float
    plan: float
    decide: float
    oldest: float


GOALS = {"check": 1.5, "catalog": 0.5, "plan": 1.0, "decide": 20.0, "oldest": 20.0}
TITLES = {"check": "check", "catalog": "catalog", "compile": "load and index", "plan": "plan of one line",
          "decide": "decide (us)", "oldest": "… oldest client (us)"}  # fmt: skip


def repository(versions: int) -> Facts:
    """Facts of this many versions, each rolled out to everybody on every channel, the newest at 10 %."""
    names = [f"1.{number // 10}.{number % 10}" for number in range(versions)]
    rollouts = {f"{channel}/{name}": () for channel in CHANNELS for name in names}
    facts = world(rollouts, targets=TARGETS)
    policy = replace(facts.policy.value, ungated=dict.fromkeys(CHANNELS, 100))
    return replace(
        facts,
        policy=Filed(facts.policy.path, policy),
        versions={name: _version(filed, number) for number, (name, filed) in enumerate(_in_order(facts, names))},
        channels={name: Filed(filed.path, _channel(name)) for name, filed in facts.channels.items()},
        rollouts={
            f"{channel}/{name}": _rollout(facts.rollouts[f"{channel}/{name}"], number, versions)
            for channel in CHANNELS
            for number, name in enumerate(names)
        },
    )


def raised(facts: Facts, name: str) -> Facts:
    """The same with one line more in one rollout."""
    filed = facts.rollouts[name]
    steps = (*filed.value.steps, Step(at=NOW + timedelta(hours=2), percent=25, because="a benchmark"))
    return replace(facts, rollouts={**facts.rollouts, name: replace(filed, value=replace(filed.value, steps=steps))})


def _in_order(facts: Facts, names: list[str]) -> list[tuple[str, Filed[Version]]]:
    return [(name, facts.versions[name]) for name in names]


def _began(number: int, hours: int = 0) -> datetime:
    return NOW - timedelta(days=2000 - number, hours=-hours)


def _version(filed: Filed[Version], number: int) -> Filed[Version]:
    artifacts = {
        target: {
            bundle: replace(artifact, signature=signature(artifact.file, filed.value.version))
            for bundle, artifact in bundles.items()
        }
        for target, bundles in filed.value.artifacts.items()
    }
    return replace(filed, value=replace(filed.value, published=_began(number, -30), artifacts=artifacts))


def _channel(name: str) -> Channel:
    return Channel(name, name.title(), (1, 10, 25, 50, 100), follows={"alpha": "beta", "beta": "stable"}.get(name))


def _rollout(filed: Filed[Rollout], number: int, versions: int) -> Filed[Rollout]:
    late = 2 * CHANNELS.index(filed.value.channel)
    last = number == versions - 1 and filed.value.channel == "stable"
    lines = [Step(at=_began(number, late), percent=10 if last else 100, evidence="by -next", because="a benchmark")]
    marks: dict[Spot, int] = {("steps", line): 5 + line for line in range(2)}
    return replace(filed, value=replace(filed.value, steps=tuple(lines)), marks=marks)


def seconds(call: Callable[[], object], times: int = 1) -> float:
    """The best of three, for one call."""
    best = float("inf")
    for _ in range(3):
        began = perf_counter()
        for _ in range(times):
            call()
        best = min(best, (perf_counter() - began) / times)
    return best


def measure(versions: int) -> Figures:
    """The figures of a repository of this size."""
    base = repository(versions)
    newest, before = (
        f"1.{(versions - 1) // 10}.{(versions - 1) % 10}",
        f"1.{(versions - 2) // 10}.{(versions - 2) % 10}",
    )
    after = raised(base, f"stable/{newest}")
    old, new = assemble(base, "laptop"), assemble(after, "laptop")
    data, table = to_bytes(old), compile(old)
    request = Request("stable", "linux-x86_64", "deb", before, 437)
    oldest = replace(request, version="0.0.1", cohort=None)
    return Figures(
        check=seconds(lambda: check(after, base, now=NOW)),
        catalog=seconds(lambda: to_bytes(assemble(base, "laptop"))),
        compile=seconds(lambda: compile(from_bytes(data))),
        plan=seconds(lambda: _plan(old, new, after)),
        decide=seconds(lambda: decide(table, request, NOW), 5000) * 1e6,
        oldest=seconds(lambda: decide(table, oldest, NOW), 5000) * 1e6,
    )


def _plan(old: Catalog, new: Catalog, after: Facts) -> object:
    return plan(old, new, NOW, after.policy.value)


def drawn(found: dict[int, Figures], path: Path) -> None:
    """The growth as a picture: time over versions, both logarithmic, with the goals as dashed lines."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    colours = colormaps["viridis"]([0, 0.15, 0.35, 0.5, 0.7, 0.85])
    styles = zip(("o-", "s-", "^-", "D-", "v-", "x-"), colours, strict=True)
    for field, (style, colour) in zip(fields(Figures), styles, strict=True):
        scale = 1e-6 if field.name in ("decide", "oldest") else 1
        times = [getattr(each, field.name) * scale for each in found.values()]
        axes.plot(list(found), times, style, color=colour, label=TITLES[field.name].replace(" (us)", ""))
        if (goal := GOALS.get(field.name)) and field.name != "oldest":
            axes.axhline(goal * scale, color=colour, linestyle=":", linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="versions (3 channels, 8 targets)", ylabel="seconds")
    axes.set_xticks(list(found), [str(each) for each in found])
    axes.minorticks_off()
    axes.set_title("How the rules grow (dotted: the goal at 1,000 versions)")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Measures, prints and draws."""
    names = [field.name for field in fields(Figures)]
    print(f"{'versions':>10}" + "".join(f"{TITLES[name]:>22}" for name in names))
    found = {}
    for versions in SIZES:
        found[versions] = measure(versions)
        print(f"{versions:>10}" + "".join(f"{getattr(found[versions], name):>22.3f}" for name in names), flush=True)
    print(f"{'goal':>10}" + "".join(f"{GOALS.get(name, '-'):>22}" for name in names))
    drawn(found, PICTURE)
    print(f"the growth is drawn in {PICTURE.relative_to(Path(__file__).parents[1])}")


if __name__ == "__main__":
    main()
