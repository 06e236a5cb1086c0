"""cost: what an environment costs in a month, from what its program provisions and from how many installations ask."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill

from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.deploy import cost as prices
from delivery.deploy import programs
from delivery.deploy.cost import Caching, Habits, UnknownPrice, at_origin, bill, total
from delivery.engines.stack import Stack
from delivery.laptop import planner
from delivery.present import costs
from delivery.present.costs import Row
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.build import Build, Builds
from infra.config import SECRETS, InfraConfig
from infra.monitoring.slo import MONTH

ENVIRONMENT: Environment = "production"
CLIENTS = (10_000, 1_000_000, 50_000_000, 1_000_000_000)
BETWEEN = tuple(round(10 ** (4 + step / 10)) for step in range(51))  # for a picture without corners
PAGE, PICTURE = ROOT / "docs/cost.md", ROOT / "docs/cost.svg"
USUAL = Caching.by_cohort  # as installations ask: each sends its cohort


@command
def cost(write: bool, plot: str, as_json: bool) -> int:
    """Prints the page; writes it and its picture into docs/ where `write` says so, and a picture where `plot` does."""
    file = _picture(plot)
    infra, provisioned = provisioned_now()
    try:
        text, curves = page(infra, provisioned), _curves(infra, provisioned, CLIENTS)
    except UnknownPrice as error:
        raise Usage(str(error)) from None
    if as_json:
        print_json({"clients": list(CLIENTS), "dollars": curves, "resources": dict(sorted(provisioned.items()))})
    elif not write:
        out.print(text, markup=False, end="")
    if write:
        PAGE.write_text(text)
        err.print(f"wrote {PAGE.relative_to(ROOT)}", markup=False)
    for picture in [*([PICTURE] if write else []), *([file] if file else [])]:
        _draw(infra, provisioned, picture)
    return 0


def _picture(plot: str) -> Path | None:
    file = Path(plot) if plot else None
    if file and file.suffix not in (".svg", ".png"):
        raise Usage(f"--plot {plot}: is neither an .svg nor a .png file; name one")
    return file


def _draw(infra: InfraConfig, provisioned: Mapping[str, int], file: Path) -> None:
    os.environ.setdefault("MPLCONFIGDIR", str(ROOT / ".state" / "matplotlib"))  # its cache of fonts
    from delivery.present import costs_plot  # noqa: PLC0415 - it takes a second

    curves = _curves(infra, provisioned, BETWEEN)
    costs_plot.save(CLIENTS, BETWEEN, curves, file, f"What {ENVIRONMENT} costs", spoken(infra, provisioned))
    err.print(f"drew {file}", markup=False)


def spoken(infra: InfraConfig, provisioned: Mapping[str, int]) -> str:
    """The picture in words."""
    names = ", ".join(costs.many(clients) for clients in CLIENTS)
    said = (
        f"{name}: {', '.join(map(costs.dollars, values))}"
        for name, values in _curves(infra, provisioned, CLIENTS).items()
    )
    return f"US dollars a month for {names} installations. {'; '.join(said)}."


def provisioned_now() -> tuple[InfraConfig, Mapping[str, int]]:
    """What this checkout's program declares, by type. Raises Refused."""
    product, problems = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    path = stack_file.path(ENVIRONMENT)
    infra, more = stack_file.read(path, (ROOT / path).read_bytes())
    if product is None or infra is None:
        raise Refused((*problems, *more))
    none = Build("0" * 64)  # whichever: they all cost the same
    ground = programs.ground_stack(product.value, ENVIRONMENT, infra)
    platform = programs.platform_stack(
        product.value, ENVIRONMENT, infra, Builds(none, none, none), dict.fromkeys(SECRETS, "")
    )
    return infra, _count(ground) + _count(platform)


def _count(stack: Stack) -> Counter[str]:
    """What is not yet set in a stack file, providers refuse; the program declares the resource all the same."""
    outcome = planner.preview(stack)
    if not outcome.steps:
        raise Usage("; ".join(outcome.errors))
    return Counter(step.type for step in outcome.steps)


def _bills(infra: InfraConfig, provisioned: Mapping[str, int], caching: Caching) -> list[tuple[prices.Item, ...]]:
    return [bill(provisioned, infra, clients, caching) for clients in CLIENTS]


def _curves(infra: InfraConfig, provisioned: Mapping[str, int], clients: Sequence[int]) -> dict[str, list[float]]:
    """In all, by what the edge answers itself; and what is paid before anybody asks."""
    curves = {
        str(caching): [round(total(bill(provisioned, infra, many, caching)), 2) for many in clients]
        for caching in Caching
    }
    return {**curves, "nobody asks": [round(total(bill(provisioned, infra, 0, USUAL)), 2)] * len(clients)}


def page(infra: InfraConfig, provisioned: Mapping[str, int]) -> str:
    """docs/cost.md. Raises UnknownPrice."""
    bills = _bills(infra, provisioned, USUAL)
    lines = [
        Row(item.what, tuple(each[line].dollars for each in bills), item.grows or "nothing")
        for line, item in enumerate(bills[0])
    ]
    whole = Row("**in all**", tuple(total(each) for each in bills))
    curves = _curves(infra, provisioned, CLIENTS).items()
    habits = Habits()
    parts = [
        "# What it costs",
        _wrapped(_INTRODUCTION.format(environment=ENVIRONMENT, resources=sum(provisioned.values()))),
        "![dollars by installations](cost.svg)",
        "## In all",
        costs.table(CLIENTS, [Row(name, tuple(values)) for name, values in curves], grows=False),
        "## Line by line",
        f"With {USUAL}, as installations ask today.",
        costs.table(CLIENTS, [*lines, whole]),
        "## What grows, and what to do then",
        "Update checks a month that reach the origin:",
        costs.table(CLIENTS, _reaching(habits), grows=False, of="millions of checks"),
        "\n".join(_wrapped(f"- {each}") for each in _advice(infra, habits)),
        "## Assumed",
        "\n".join(f"- {getattr(habits, name):,} {says}" for name, says in _SAID.items()),
    ]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """
Computed by `./inv cost --write` from what the program provisions in {environment} ({resources} resources,
`Pulumi.{environment}.yaml`) and from how many installations there are; a test sees that this page is what it says now.
List prices of us-east-1 and Cloudflare as published in 2026: no free tier, no discount, no tax;
`delivery/deploy/cost.py` has each of them. An estimate on paper: the bill is the truth, and the budget's alarm reads
that.
"""


def _wrapped(text: str) -> str:
    return fill(" ".join(text.split()), 120, subsequent_indent="  " if text.startswith("- ") else "")


def _reaching(habits: Habits) -> list[Row]:
    """Millions of checks at the origin."""
    asked = [clients * habits.checks * MONTH / 86_400 for clients in CLIENTS]
    return [
        Row(str(caching), tuple(at_origin(checks, habits, caching) / 1e6 for checks in asked)) for caching in Caching
    ]


def _advice(infra: InfraConfig, habits: Habits) -> tuple[str, ...]:
    """What the numbers mean, with the numbers."""
    _, million, many, most = (costs.many(clients) for clients in CLIENTS)
    cap = habits.urls * habits.caches * MONTH / habits.kept / 1e6
    database = infra.telemetry.database
    zones = "two zones" if database.two_zones else "one zone"
    events = CLIENTS[-1] * habits.updates * habits.events / MONTH
    return (
        f"""**Update checks** are nearly everything beyond {million} installations. The edge keeps each answer for
        {habits.kept} seconds, but the cohort stands in the URL: {habits.cohorts:,} URLs say the same while no rollout
        is partial, and one of them is rarely asked for twice in its time. One URL for all cohorts, while nothing is
        partial, caps the origin at {cap:,.0f} M checks a month for any number of installations. It is the first thing
        to do beyond a few million.""",
        """**Logs** cost as much as the function that writes them: one line a check. Keep a sample of them before
        anything else is tuned.""",
        f"""**The database** ({database.size}, {database.storage} GB, {zones}) grows by itself in storage only.
        {events:,.0f} events a second, from {most} installations that all report, are what one PostgreSQL can write, but
        not one of this class: measure from {many} on.""",
        f"""**Downloads** leave R2 for nothing. From AWS, {habits.size / 1e6:,.0f} MB a month for each of {million}
        installations would be {_from_aws(habits):,.0f} dollars of data out.""",
        "**What stands** costs the same for one installation as for a thousand million.",
    )


def _from_aws(habits: Habits) -> float:
    """What downloads of a million installations would cost, were they served from there."""
    return CLIENTS[1] * habits.updates * habits.size / prices.GB * prices.OUT_GB


_SAID = {
    "checks": "update checks a day, of each installation",
    "urls": "URLs asked at the same time, cohorts apart: versions, platforms, bundles, systems",
    "cohorts": "cohorts",
    "caches": "upper tiers of the edge, each for itself",
    "kept": "seconds that an answer is kept",
    "work": "seconds of Lambda for a check",
    "answer": "bytes of an answer, with its headers",
    "line": "bytes of log for a check, Lambda's own lines included",
    "updates": "update a month, of each installation",
    "share_reporting": "of all installations that report, as a share",
    "events": "events for an update, in one message",
    "kept_days": "days that raw events are kept",
    "row": "bytes of an event in the database, with its indexes",
    "batch": "messages that a run of the consumer gets",
    "size": "bytes of a download",
    "builds": "downloads that are kept",
    "visits": "visits of the site a month, for each installation",
    "objects": "objects that a visit takes out of the site's bucket, as if no cache held any",
    "looks": "looks a month, each written down for the status page",
}
