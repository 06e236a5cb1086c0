"""What an environment costs in a month: what is provisioned, times list prices, times how many installations ask.

Pure arithmetic, US dollars, no free tier, no tax, no discount. Prices are those of us-east-1 and of Cloudflare as
published in 2026; they are what is to be looked up before somebody decides by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from delivery.endpoint.answers import LONGEST_S
from infra.config import Database, InfraConfig
from infra.monitoring.slo import BURNS, MONTH

HOURS = 730  # in a month, as clouds count them
MILLION = 1e6
GB = 1e9

# A month. Databases by class, for one zone; another zone costs the same again, and so does its storage.
DATABASES = {"db.t4g.micro": 0.016, "db.t4g.small": 0.032, "db.t4g.medium": 0.065, "db.t4g.large": 0.129}  # an hour
DATABASE_GB, COPY_GB = 0.115, 0.095
MASTER_SECRET, KEY = 0.40, 1.00
ALARM, COMPOSITE, DASHBOARD, METRIC = 0.10, 0.50, 3.00, 0.30
HEALTH_CHECK = 0.75 + 2.00  # of a host outside AWS, over TLS
LAMBDA_RUN, LAMBDA_GB_SECOND = 0.20 / MILLION, 0.0000133334  # arm64
API_FIRST, API_LATER, API_TIER = 1.00 / MILLION, 0.90 / MILLION, 300 * MILLION
QUEUE_REQUEST = 0.40 / MILLION
LOG_GB, OUT_GB = 0.50, 0.09
R2_GB, R2_READ, R2_WRITE = 0.015, 0.36 / MILLION, 4.50 / MILLION
ZONE = 25.00  # Cloudflare's plan that limits by host and asks hosts how they are


class UnknownPrice(ValueError):  # noqa: N818 - named for what was asked
    """Something is provisioned whose price nobody has written down."""


class Caching(StrEnum):
    """What of the update checks the edge answers itself."""

    none = "nothing cached"
    by_cohort = "each cohort's URL cached"
    shared = "one URL cached for all cohorts"


@dataclass(frozen=True, slots=True)
class Habits:
    """What installations do, each a guess to be replaced by a measurement. Sizes in bytes, times in seconds."""

    checks: int = 4  # a day
    urls: int = 120  # that are asked at the same time, cohorts apart: versions, platforms, bundles, systems
    cohorts: int = 1000
    caches: int = 10  # upper tiers of the edge, each for itself
    kept: int = LONGEST_S  # how long one keeps an answer
    work: float = 0.020  # of the function, for one check
    answer: int = 1_000  # with its headers
    line: int = 550  # of log for one check, Lambda's own lines included
    updates: int = 1  # a month
    events: int = 4  # for each update, in one message
    kept_days: int = 14  # of raw events
    row: int = 250  # in the database, with its indexes
    batch: int = 100  # messages that one run of the consumer gets
    share_reporting: float = 1.0
    size: int = 80_000_000  # of a download
    builds: int = 60  # that are kept for downloads
    visits: float = 0.1  # of the site a month, for each installation
    objects: int = 15  # of the site that a visit takes out of its bucket, as if no cache held any
    looks: int = 4_320  # a month, each written down for the status page


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a bill, dollars a month. `grows` names what makes it more; nothing does, where it is empty."""

    what: str
    dollars: float
    grows: str = ""


def at_origin(checks: float, habits: Habits, caching: Caching) -> float:
    """Of so many checks a month, those that the edge cannot answer.

    A cache that missed has the answer for a while and then waits for the next request: of n requests in s seconds for
    one URL, spread over c caches, n / (1 + n * kept / (s * c)) reach the origin.
    """
    if caching is Caching.none:
        return checks
    urls = habits.urls * (habits.cohorts if caching is Caching.by_cohort else 1)
    each = checks / urls
    return urls * each / (1 + each * habits.kept / (MONTH * habits.caches))


def bill(
    provisioned: Mapping[str, int], infra: InfraConfig, clients: int, caching: Caching, habits: Habits | None = None
) -> tuple[Item, ...]:
    """Every line, for so many installations. `provisioned` counts resources by type token.

    Raises UnknownPrice.
    """
    its = habits or Habits()
    asked = at_origin(clients * its.checks * MONTH / 86_400, its, caching)
    return (*_standing(provisioned, infra, its), *_checks(infra, asked, its), *_reports(infra, clients, its))


def total(items: tuple[Item, ...]) -> float:
    """Of a bill."""
    return sum(item.dollars for item in items)


def _standing(provisioned: Mapping[str, int], infra: InfraConfig, its: Habits) -> tuple[Item, ...]:
    """What is paid for before anybody asks."""
    database = infra.telemetry.database
    count = {token.rpartition(":")[2]: number for token, number in provisioned.items()}
    composites = count.get("CompositeAlarm", 0)
    # Each window of a burning budget looks at two numbers, and is paid for both.
    alarms = (count.get("MetricAlarm", 0) + 2 * len(BURNS)) * ALARM + composites * COMPOSITE
    watched = count.get("Dashboard", 0) * DASHBOARD + 4 * METRIC + count.get("HealthCheck", 0) * HEALTH_CHECK
    copies = database.storage * (min(database.vaulted, 30) / 30) * COPY_GB
    return (
        Item("database", _hourly(database) * HOURS * (2 if database.two_zones else 1), "a larger class, by hand"),
        Item("its storage", database.storage * DATABASE_GB * (2 if database.two_zones else 1), "raw events"),
        Item("its copies", copies, "raw events"),
        Item("alarms, dashboard, eyes outside", alarms + watched),
        Item("keys and secrets", count.get("Key", 0) * KEY + count.get("Instance", 0) * MASTER_SECRET),
        Item("Cloudflare's zone", ZONE),
        Item("downloads kept", its.builds * its.size / GB * R2_GB * count.get("R2Bucket", 0) / 2, "builds"),
        Item("looks for the status page", its.looks * R2_WRITE),
    )


def _hourly(database: Database) -> float:
    try:
        return DATABASES[database.size]
    except KeyError:
        known = ", ".join(DATABASES)
        raise UnknownPrice(
            f"nobody has written down what {database.size} costs; add it to DATABASES in delivery/deploy/cost.py, "
            f"which has {known}"
        ) from None


def _checks(infra: InfraConfig, asked: float, its: Habits) -> tuple[Item, ...]:
    """What update checks cost that reach the origin."""
    gb_seconds = its.work * infra.endpoint.memory / 1024
    return (
        Item("checks: Lambda", asked * (LAMBDA_RUN + gb_seconds * LAMBDA_GB_SECOND), "checks at the origin"),
        Item("checks: HTTP API", _api(asked), "checks at the origin"),
        Item("checks: log", asked * its.line / GB * LOG_GB, "checks at the origin"),
        Item("checks: data out", asked * its.answer / GB * OUT_GB, "checks at the origin"),
    )


def _reports(infra: InfraConfig, clients: int, its: Habits) -> tuple[Item, ...]:
    """What it costs to hear what became of updates, to hand out their bytes, and to be read about."""
    updates = clients * its.updates
    messages = updates * its.share_reporting
    runs = messages / its.batch
    # Sent one by one; received and deleted ten by ten.
    queue = messages * (1 + 2 / 10) * QUEUE_REQUEST
    rows = messages * its.events * its.row * its.kept_days / 30 / GB
    more = max(0.0, rows - infra.telemetry.database.storage)
    function = messages * LAMBDA_RUN + runs * LAMBDA_RUN
    return (
        Item("events: HTTP API and Lambda", _api(messages) + function, "updates"),
        Item("events: queue", queue, "updates"),
        Item("events: log", messages * its.line / GB * LOG_GB, "updates"),
        Item(
            "events: more storage", more * DATABASE_GB * (2 if infra.telemetry.database.two_zones else 1), "raw events"
        ),
        Item("downloads: reads", updates * R2_READ, "updates"),
        Item("site: reads", clients * its.visits * its.objects * R2_READ, "visits"),
    )


def _api(requests: float) -> float:
    return min(requests, API_TIER) * API_FIRST + max(0.0, requests - API_TIER) * API_LATER
