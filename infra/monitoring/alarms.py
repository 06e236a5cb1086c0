"""Every alarm there is. Its description ends with the runbook to open; its urgency says who is told, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import cloudwatch

from delivery.endpoint.metrics import HALTS, HOURS_LEFT, VALID
from infra.config import Alarms, Telemetry
from infra.monitoring import metrics
from infra.monitoring.metrics import Metric, Watched
from infra.monitoring.slo import BURNS, HOUR, Burn, Urgency, said
from infra.names import Names
from infra.telemetry.consumer import CONNECTIONS

HEAD_HOURS = 24  # before the head expires: a working day to sign it anew
CERTIFICATE_DAYS = 30  # ACM renews 60 days before, so by now it has failed for a month
LATE = HOUR  # seconds that an event may wait
BUSY = 80  # % of the database's processor
FREE = 0.2  # share of the database's storage
GB = 2**30

_Operator = Literal["LessThanThreshold", "GreaterThanThreshold", "GreaterThanOrEqualToThreshold"]
BELOW: _Operator = "LessThanThreshold"
ABOVE: _Operator = "GreaterThanThreshold"
FROM: _Operator = "GreaterThanOrEqualToThreshold"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`what` is its name in an environment, `says` one sentence, `runbook` a page of runbooks/.

    It rings when `metric` was beyond `threshold` for `periods` in a row. `silence` says whether no number is bad news.
    """

    what: str
    says: str
    runbook: str
    urgency: Urgency
    metric: Metric
    operator: _Operator
    threshold: float
    periods: int = 1
    silence: bool = False


def every(names: Names, alarms: Alarms, telemetry: Telemetry, watched: Watched) -> Iterator[Alarm]:
    """All but those of the burning budget, and of what is asked from outside."""
    yield from _updates(names, alarms, watched)
    yield from _publishing(names, alarms)
    yield from _events(names)
    yield from _database(names, telemetry)
    yield Alarm(
        "console-errors",
        "The console shows staff errors.",
        "console-failing",
        Urgency.ticket,
        metrics.failures(watched.console_api),
        FROM,
        alarms.errors,
    )
    for host, certificate in watched.certificates.items():
        yield Alarm(
            f"certificate-{host}",
            f"The certificate of the {host} host was not renewed.",
            "certificate-expiring",
            Urgency.ticket,
            metrics.days_left(certificate),
            BELOW,
            CERTIFICATE_DAYS,
        )


def _updates(names: Names, alarms: Alarms, watched: Watched) -> Iterator[Alarm]:
    yield Alarm(
        "updates-errors",
        "Installations get errors instead of answers.",
        "updates-failing",
        Urgency.ticket,
        metrics.failures(watched.updates_api),
        FROM,
        alarms.errors,
    )
    yield Alarm(
        "updates-slow",
        "The slowest 1 % of update checks take too long.",
        "updates-slow",
        Urgency.ticket,
        metrics.duration(names.function),
        ABOVE,
        alarms.slow,
        periods=3,
    )
    yield Alarm(
        "updates-throttled",
        "Lambda refuses update checks because too many run at once.",
        "updates-slow",
        Urgency.ticket,
        metrics.throttles(names.function),
        FROM,
        1,
    )
    yield Alarm(
        "updates-probe",
        "For 3 minutes the probe got no update answer that an installation could use.",
        "updates-failing",
        Urgency.page,
        metrics.probed(names, VALID, "Maximum"),
        BELOW,
        1,
        periods=3,
        silence=True,
    )


def _publishing(names: Names, alarms: Alarms) -> Iterator[Alarm]:
    yield Alarm(
        "head-expiring",
        f"In {HEAD_HOURS} hours no installation gets an answer, for the signed head expires.",
        "head-expiring",
        Urgency.page,
        metrics.probed(names, HOURS_LEFT, "Minimum"),
        BELOW,
        HEAD_HOURS,
        periods=3,
    )
    yield Alarm(
        "automation-silent",
        f"The automation has not run for {alarms.quiet} minutes, so ramps and gates stand still.",
        "automation-silent",
        Urgency.ticket,
        metrics.ticks(names.environment).over(alarms.quiet * 60),
        BELOW,
        1,
        silence=True,
    )

    yield Alarm(
        "halt-undecided",
        "For a day the brake has held something that no merged fact decides.",
        "bad-release",
        Urgency.ticket,
        metrics.probed(names, HALTS, "Minimum").over(HOUR),
        FROM,
        1,
        periods=24,
    )


def _events(names: Names) -> Iterator[Alarm]:
    yield Alarm(
        "events-failed",
        "Events could not be written and lie in the dead-letter queue.",
        "events-stuck",
        Urgency.ticket,
        metrics.waiting(names.events_failed),
        FROM,
        1,
    )
    # Beside the age of the oldest: SQS takes what was tried three times out of that, and in an outage all of it was.
    yield Alarm(
        "events-unwritten",
        "For half an hour the consumer fails, so events are not written.",
        "events-stuck",
        Urgency.ticket,
        metrics.errors(names.consumer).over(HOUR // 4),
        FROM,
        1,
        periods=2,
    )
    yield Alarm(
        "events-late",
        "Events wait for an hour, so health and gates look at the past.",
        "events-stuck",
        Urgency.ticket,
        metrics.oldest(names.events),
        ABOVE,
        LATE,
        periods=3,
    )


def _database(names: Names, telemetry: Telemetry) -> Iterator[Alarm]:
    yield Alarm(
        "database-busy",
        f"The database's processor is at {BUSY} % for half an hour.",
        "database",
        Urgency.ticket,
        metrics.database(names, "CPUUtilization", "Average"),
        ABOVE,
        BUSY,
        periods=6,
    )
    yield Alarm(
        "database-full",
        f"The database has less than {FREE:.0%} of its storage left.",
        "database",
        Urgency.ticket,
        metrics.database(names, "FreeStorageSpace", "Minimum"),
        BELOW,
        FREE * telemetry.database.storage * GB,
        periods=3,
    )
    yield Alarm(
        "database-crowded",
        "More connect to the database than there can be consumers.",
        "database",
        Urgency.ticket,
        metrics.database(names, "DatabaseConnections", "Maximum"),
        ABOVE,
        CONNECTIONS,
        periods=3,
    )
    yield Alarm(
        "database-copies",
        "For a day no copy of the database came about.",
        "database",
        Urgency.ticket,
        metrics.copies(names).over(24 * HOUR),
        BELOW,
        1,
        silence=True,
    )


def description(says: str, runbook: str) -> str:
    """What whoever is told reads first, and what to open then."""
    return f"{says} Open runbooks/{runbook}.md"


def ring(names: Names, alarm: Alarm, topic: pulumi.Input[str], options: ResourceOptions) -> cloudwatch.MetricAlarm:
    """Registers an alarm that tells a topic when it begins and when it ends."""
    metric = alarm.metric
    kind = "extended_statistic" if metric.statistic.startswith("p") else "statistic"
    counted: dict[str, Any] = {kind: metric.statistic}
    return cloudwatch.MetricAlarm(
        alarm.what,
        name=names.alarm(alarm.what),
        alarm_description=description(alarm.says, alarm.runbook),
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=dict(metric.dimensions),
        period=metric.period,
        evaluation_periods=alarm.periods,
        comparison_operator=alarm.operator,
        threshold=alarm.threshold,
        treat_missing_data="breaching" if alarm.silence else "notBreaching",
        alarm_actions=[topic],
        ok_actions=[topic],
        opts=options,
        **counted,
    )


def ring_when_burning(
    names: Names,
    alarms: Alarms,
    watched: Watched,
    topics: Mapping[Urgency, pulumi.Input[str]],
    options: ResourceOptions,
) -> None:
    """One alarm for each rate at which the error budget must not burn: both its windows must say so."""
    for burn in BURNS:
        what = f"updates-burn-{burn.name}"
        windows = [_window(names, alarms, watched, burn, seconds, options) for seconds in (burn.long, burn.short)]
        topic = topics[burn.urgency]
        cloudwatch.CompositeAlarm(
            what,
            alarm_name=names.alarm(what),
            alarm_description=description(
                f"Update checks fail {burn.rate:g} times as often as promised: in {said(burn.long)} that is "
                f"{burn.spent:.0%} of what a month allows.",
                "updates-failing",
            ),
            alarm_rule=" AND ".join(
                f'ALARM("{names.alarm(f"{what}-{said(each)}")}")' for each in (burn.long, burn.short)
            ),
            alarm_actions=[topic],
            ok_actions=[topic],
            opts=ResourceOptions.merge(options, ResourceOptions(depends_on=windows)),
        )


def _window(
    names: Names, alarms: Alarms, watched: Watched, burn: Burn, seconds: int, options: ResourceOptions
) -> cloudwatch.MetricAlarm:
    """Tells nobody: only both windows of a rate together mean anything."""
    what = f"updates-burn-{burn.name}-{said(seconds)}"
    counted = {
        "failed": metrics.failures(watched.updates_api).over(seconds),
        "answered": metrics.answers(watched.updates_api).over(seconds),
    }
    # A handful of failures is no share of anything: at night a single one would be half of all answers.
    share = f"IF(failed >= {alarms.errors}, failed / answered, 0)"
    return cloudwatch.MetricAlarm(
        what,
        name=names.alarm(what),
        alarm_description=description(f"Half of {names.alarm(f'updates-burn-{burn.name}')}.", "updates-failing"),
        metric_queries=[
            {"id": "share", "expression": share, "label": "failed share of answers", "return_data": True},
            *({"id": name, "metric": _stat(metric)} for name, metric in counted.items()),
        ],
        evaluation_periods=1,
        comparison_operator=ABOVE,
        threshold=burn.most_failed(alarms.promised),
        treat_missing_data="notBreaching",
        opts=options,
    )


def _stat(metric: Metric) -> cloudwatch.MetricAlarmMetricQueryMetricArgsDict:
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": dict(metric.dimensions),
        "stat": metric.statistic,
        "period": metric.period,
    }
