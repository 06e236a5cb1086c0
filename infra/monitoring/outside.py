"""Eyes outside: Route 53 and Cloudflare ask our hosts from elsewhere, and Cloudflare tells of its own troubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions
from pulumi_aws import route53

from infra.config import InfraConfig
from infra.monitoring import metrics
from infra.monitoring.alarms import BELOW, Alarm, description
from infra.monitoring.slo import Urgency
from infra.names import Names


@dataclass(frozen=True, slots=True)
class Asked:
    """A host, and a path of it that answers 200 while installations are served."""

    what: str
    host: str
    path: str
    says: str
    runbook: str


def asked(names: Names) -> tuple[Asked, ...]:
    """Both rungs of an installation's ladder that are ours."""
    return (
        Asked(
            "updates",
            names.updates_host,
            "/readyz",
            "The update endpoint is not ready when asked from outside.",
            "updates-failing",
        ),
        Asked(
            "downloads",
            names.downloads_host,
            "/v1/history.json",
            "Downloads and static manifests are not there when asked for from outside.",
            "downloads-failing",
        ),
    )


def from_aws(names: Names, options: ResourceOptions) -> Iterator[Alarm]:
    """Route 53 asks every 30 seconds from a dozen places; the alarms are still to be rung."""
    for each in asked(names):
        check = route53.HealthCheck(
            f"{each.what}-ready",
            reference_name=names.alarm(each.what),
            type="HTTPS",
            fqdn=each.host,
            port=443,
            resource_path=each.path,
            request_interval=30,
            failure_threshold=3,
            opts=options,
        )
        yield Alarm(
            f"{each.what}-unreachable",
            each.says,
            each.runbook,
            Urgency.page,
            metrics.healthy(check.id),
            BELOW,
            1,
            periods=2,
            silence=True,
        )


def from_cloudflare(names: Names, config: InfraConfig, options: ResourceOptions) -> None:
    """Cloudflare asks too, for AWS may be what is down; and it says when a certificate of its own is in danger."""
    ids = [_ask(names, config, each, options) for each in asked(names)]
    for each, check in zip(asked(names), ids, strict=True):
        _notify(
            f"{each.what}-down",
            names=names,
            config=config,
            alert="health_check_status_notification",
            says=description(each.says, each.runbook),
            recipients=config.alarms.on_call,
            filters={"health_check_ids": [check], "statuses": ["Unhealthy"]},
            options=options,
        )
    for what, alert, says in (
        ("edge-certificate", "universal_ssl_event_type", "Something happened to a certificate of the edge."),
        (
            "origin-pull-certificate",
            "zone_aop_custom_certificate_expiration_type",
            "The certificate by which the edge proves itself to the origin expires.",
        ),
    ):
        _notify(
            what,
            names=names,
            config=config,
            alert=alert,
            says=description(says, "certificate-expiring"),
            recipients=config.alarms.recipients,
            filters={"zones": [config.cloudflare.zone]} if alert.startswith("zone_") else None,
            options=options,
        )


def _ask(names: Names, config: InfraConfig, each: Asked, options: ResourceOptions) -> pulumi.Output[str]:
    check = cloudflare.Healthcheck(
        f"{each.what}-asked",
        zone_id=config.cloudflare.zone,
        name=names.alarm(each.what),
        description=description(each.says, each.runbook),
        address=each.host,
        type="HTTPS",
        interval=60,
        timeout=5,
        retries=2,
        consecutive_fails=2,
        consecutive_successes=2,
        check_regions=["WEU", "ENAM"],
        http_config={
            "method": "GET",
            "port": 443,
            "path": each.path,
            "expected_codes": ["200"],
            "follow_redirects": False,
            "allow_insecure": False,
        },
        opts=options,
    )
    its: pulumi.Output[str] = check.id
    return its


def _notify(
    what: str,
    *,
    names: Names,
    config: InfraConfig,
    alert: str,
    says: str,
    recipients: Sequence[str],
    filters: dict[str, Any] | None,
    options: ResourceOptions,
) -> None:
    cloudflare.NotificationPolicy(
        what,
        account_id=config.cloudflare.account,
        name=names.alarm(what),
        description=says,
        enabled=True,
        alert_type=alert,
        filters=filters,
        mechanisms={"emails": [{"id": recipient} for recipient in recipients]},
        opts=options,
    )
