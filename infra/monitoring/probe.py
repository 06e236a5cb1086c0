"""The probe: asks for an update every minute, the way installations do, from outside the edge."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import iam, scheduler

from infra import permissions
from infra.build import Build
from infra.config import InfraConfig
from infra.function import Function, log_arn
from infra.names import Names

HANDLER = "delivery.endpoint.probe.handler"
MEMORY = 256  # MB
TIMEOUT = 15  # seconds: more than its two questions may take
# An installation as old as can be. Channel and platform are facts, and a test sees that they are there.
CHECK = "/v1/update/stable/linux/x86_64/0.0.1?bundle=appimage"
HEAD = "/v1/head"


class Probe(pulumi.ComponentResource):
    """A function from the endpoint's own zip, told the endpoint's own settings, and the schedule that runs it."""

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        build: Build,
        environment: Mapping[str, str],
        provider: pulumi.ProviderResource,
    ) -> None:
        super().__init__("espice:infra:Probe", name)
        self._name, self._names, self._config = name, names, config
        self._options = ResourceOptions(parent=self, provider=provider)
        self.function = Function(
            name,
            names=names,
            aws=config.aws,
            function=names.probe,
            description="Asks for updates as installations do, and counts what it finds.",
            build=build,
            handler=HANDLER,
            environment=environment,
            memory=MEMORY,
            timeout=TIMEOUT,
            log_days=config.endpoint.log_days,
            policy=permissions.only_log(log_arn(config.aws, names.probe)),
            provider=provider,
            parent=self,
        )
        self._run_every_minute(self.function.alias().arn)
        self.register_outputs({"function": names.probe})

    def _run_every_minute(self, function: pulumi.Output[str]) -> None:
        names, aws = self._names, self._config.aws
        role = iam.Role(
            f"{self._name}-schedule-role",
            name=f"{names.probe}-schedule",
            assume_role_policy=permissions.assumed_by("scheduler.amazonaws.com", aws.account),
            permissions_boundary=permissions.boundary_arn(names, aws),
            opts=self._options,
        )
        allowed = iam.RolePolicy(
            f"{self._name}-schedule-permissions",
            name=f"{names.probe}-schedule",
            role=role.name,
            policy=function.apply(permissions.runs),
            opts=self._options,
        )
        group = scheduler.ScheduleGroup(f"{self._name}-schedules", name=names.probe, opts=self._options)
        base = f"https://{names.updates_host}"
        scheduler.Schedule(
            f"{self._name}-schedule",
            name=names.probe,
            group_name=group.name,
            description="Every minute",
            schedule_expression="rate(1 minute)",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": function,
                "role_arn": role.arn,
                "input": json.dumps({"check": base + CHECK, "head": base + HEAD}),
                # The next minute asks again.
                "retry_policy": {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60},
            },
            opts=ResourceOptions(parent=self, provider=self._options.provider, depends_on=[allowed]),
        )
