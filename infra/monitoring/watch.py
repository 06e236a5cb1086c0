"""All of it together: topics, alarms, eyes outside, probe, budget, dashboard."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import cloudwatch

from infra.build import Build
from infra.config import InfraConfig
from infra.host import Clouds
from infra.monitoring import alarms, dashboard, outside
from infra.monitoring.budget import budget
from infra.monitoring.metrics import Watched
from infra.monitoring.probe import Probe
from infra.monitoring.slo import Urgency
from infra.monitoring.topics import Topic
from infra.names import Names


class Monitoring(pulumi.ComponentResource):
    """Who is told of what, and where everybody can look. `build` and `environment` are the probe's: the endpoint's."""

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        watched: Watched,
        build: Build,
        environment: Mapping[str, str],
        clouds: Clouds,
    ) -> None:
        super().__init__("espice:infra:Monitoring", name)
        options = ResourceOptions(parent=self, provider=clouds.aws)
        told = {
            Urgency.page: Topic(
                "pages", topic=names.pages, recipients=config.alarms.on_call, aws=config.aws, provider=clouds.aws
            ).arn,
            Urgency.ticket: Topic(
                "tickets", topic=names.tickets, recipients=config.alarms.recipients, aws=config.aws, provider=clouds.aws
            ).arn,
        }
        rung = [
            *alarms.every(names, config.alarms, config.telemetry, watched),
            *outside.from_aws(names, options),
        ]
        for alarm in rung:
            alarms.ring(names, alarm, told[alarm.urgency], options)
        alarms.ring_when_burning(names, config.alarms, watched, told, options)
        outside.from_cloudflare(names, config, ResourceOptions(parent=self, provider=clouds.cloudflare))
        budget(names, config.alarms, told[Urgency.ticket], options)
        Probe("probe", names=names, config=config, build=build, environment=environment, provider=clouds.aws)
        cloudwatch.Dashboard(
            "dashboard",
            dashboard_name=names.dashboard,
            dashboard_body=pulumi.Output.all(watched.updates_api, watched.console_api).apply(
                lambda ids: dashboard.body(names, config, *ids)
            ),
            opts=options,
        )
        self.register_outputs({"dashboard": names.dashboard})
