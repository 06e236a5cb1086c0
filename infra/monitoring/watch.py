"""Who is told when the update endpoint fails its users. Every alarm's description ends with the runbook to open."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import cloudwatch, route53, sns

from infra import permissions
from infra.config import InfraConfig
from infra.names import Names


class Monitoring(pulumi.ComponentResource):
    """One topic and its recipients, one health check from outside, and the alarms.

    `api_id` is the HTTP API's: its 5xx count holds the function's errors, timeouts and throttles, and also the 503s
    by which the endpoint says that it has no catalog to trust.
    """

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        api_id: pulumi.Input[str],
        provider: pulumi.ProviderResource,
    ) -> None:
        super().__init__("espice:infra:Monitoring", name)
        self._names, self._config = names, config
        self._options = ResourceOptions(parent=self, provider=provider)
        self._topic = self._tell()
        self._watch_answers(api_id)
        self._watch_speed()
        self._watch_from_outside()
        self.register_outputs({"topic": self._topic.arn})

    def _tell(self) -> sns.Topic:
        aws = self._config.aws
        arn = f"arn:aws:sns:{aws.region}:{aws.account}:{self._names.tickets}"
        topic = sns.Topic("alarms", name=self._names.tickets, opts=self._options)
        sns.TopicPolicy(
            "alarms-policy",
            arn=topic.arn,
            policy=permissions.alarms_and_budgets_may_publish(arn, aws.account),
            opts=self._options,
        )
        for recipient in self._config.alarms.recipients:
            sns.TopicSubscription(
                f"alarms-to-{recipient}", topic=topic.arn, protocol="email", endpoint=recipient, opts=self._options
            )
        return topic

    def _watch_answers(self, api_id: pulumi.Input[str]) -> None:
        self._alarm(
            "errors",
            "Installations get errors instead of answers. Open runbooks/updates-failing.md",
            namespace="AWS/ApiGateway",
            metric_name="5xx",
            dimensions={"ApiId": api_id},
            statistic="Sum",
            period=300,
            evaluation_periods=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=self._config.alarms.errors,
            treat_missing_data="notBreaching",
        )

    def _watch_speed(self) -> None:
        self._alarm(
            "slow",
            "The slowest 1 % of update checks take too long. Open runbooks/updates-slow.md",
            namespace="AWS/Lambda",
            metric_name="Duration",
            dimensions={"FunctionName": self._names.function},
            extended_statistic="p99",
            period=300,
            evaluation_periods=3,
            comparison_operator="GreaterThanThreshold",
            threshold=self._config.alarms.slow,
            treat_missing_data="notBreaching",
        )

    def _watch_from_outside(self) -> None:
        check = route53.HealthCheck(
            "updates-ready",
            reference_name=self._names.function,
            type="HTTPS",
            fqdn=self._names.updates_host,
            port=443,
            resource_path="/readyz",
            request_interval=30,
            failure_threshold=3,
            opts=self._options,
        )
        self._alarm(
            "unreachable",
            "The update endpoint is not ready when asked from outside. Open runbooks/updates-failing.md",
            namespace="AWS/Route53",
            metric_name="HealthCheckStatus",
            dimensions={"HealthCheckId": check.id},
            statistic="Minimum",
            period=60,
            evaluation_periods=2,
            comparison_operator="LessThanThreshold",
            threshold=1,
            treat_missing_data="breaching",
        )

    def _alarm(self, what: str, description: str, **metric: Any) -> None:
        cloudwatch.MetricAlarm(
            f"updates-{what}",
            name=self._names.alarm(f"updates-{what}"),
            alarm_description=description,
            alarm_actions=[self._topic.arn],
            ok_actions=[self._topic.arn],
            opts=self._options,
            **metric,
        )
