"""Every number that alarms and dashboard look at, and where CloudWatch keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from delivery.endpoint import metrics as endpoint
from infra.names import Names

TICK = "Tick"  # what the automation counts, once a run, beside the probe's metrics


@dataclass(frozen=True, slots=True)
class Metric:
    """One number. `statistic` is Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    period: int = 300  # seconds

    def over(self, seconds: int) -> Metric:
        """The same, counted over another period."""
        return replace(self, period=seconds)

    def by(self, statistic: str) -> Metric:
        """The same numbers, seen by another statistic."""
        return replace(self, statistic=statistic)


@dataclass(frozen=True, slots=True)
class Watched:
    """What has no name of ours: the ids of the HTTP APIs, and the ARNs of certificates, by the host's first word."""

    updates_api: pulumi.Input[str]
    console_api: pulumi.Input[str]
    certificates: Mapping[str, pulumi.Input[str]]


def answers(api: pulumi.Input[str]) -> Metric:
    """All requests that an HTTP API answered."""
    return Metric("AWS/ApiGateway", "Count", {"ApiId": api}, "Sum")


def failures(api: pulumi.Input[str]) -> Metric:
    """Its 5xx: errors, timeouts and throttles of the function, and the 503s of an endpoint without a catalog."""
    return Metric("AWS/ApiGateway", "5xx", {"ApiId": api}, "Sum")


def duration(function: str) -> Metric:
    """Milliseconds that a function worked, of its slowest 1 %."""
    return Metric("AWS/Lambda", "Duration", {"FunctionName": function}, "p99")


def throttles(function: str) -> Metric:
    """Runs that Lambda refused, as too many were going on."""
    return Metric("AWS/Lambda", "Throttles", {"FunctionName": function}, "Sum")


def errors(function: str) -> Metric:
    """Runs of a function that ended in an error."""
    return Metric("AWS/Lambda", "Errors", {"FunctionName": function}, "Sum")


def waiting(queue: str) -> Metric:
    """Messages in a queue."""
    return Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum")


def oldest(queue: str) -> Metric:
    """Age in seconds of the oldest message in a queue."""
    return Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue}, "Maximum")


def database(names: Names, what: str, statistic: str) -> Metric:
    """What RDS counts: CPUUtilization (%), FreeStorageSpace (bytes), DatabaseConnections."""
    return Metric("AWS/RDS", what, {"DBInstanceIdentifier": names.database}, statistic)


def copies(names: Names) -> Metric:
    """Copies of the database that came about."""
    return Metric("AWS/Backup", "NumberOfBackupJobsCompleted", {"BackupVaultName": names.vault}, "Sum")


def days_left(certificate: pulumi.Input[str]) -> Metric:
    """Until a certificate expires; ACM counts once a day."""
    return Metric(
        "AWS/CertificateManager", "DaysToExpiry", {"CertificateArn": certificate}, "Minimum", period=24 * 3600
    )


def healthy(check: pulumi.Input[str]) -> Metric:
    """1 while a Route 53 health check gets its answer."""
    return Metric("AWS/Route53", "HealthCheckStatus", {"HealthCheckId": check}, "Minimum", period=60)


def probed(names: Names, what: str, statistic: str) -> Metric:
    """What the probe found: see `delivery.endpoint.metrics`."""
    return Metric(endpoint.NAMESPACE, what, {endpoint.DIMENSION: names.environment}, statistic, period=60)


def ticks(environment: str) -> Metric:
    """Runs of the automation."""
    return Metric(endpoint.NAMESPACE, TICK, {endpoint.DIMENSION: environment}, "SampleCount")
