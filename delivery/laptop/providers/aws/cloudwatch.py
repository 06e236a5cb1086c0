"""CloudWatch log groups and alarms. moto never acts on an alarm: nothing reaches its topic."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.deploy.wire import Properties
from delivery.laptop.providers.aws.account import Account, chosen, make_or, pascal, quietly
from delivery.laptop.providers.handler import Explicit, Handler


class LogGroup(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["name"]
        client = cloud.client("logs")
        make_or(lambda: None, client.create_log_group, logGroupName=name)
        if inputs.get("retentionInDays"):
            client.put_retention_policy(logGroupName=name, retentionInDays=inputs["retentionInDays"])
        else:
            quietly(client.delete_retention_policy, logGroupName=name)
        return name, {"arn": cloud.arn("logs", f"log-group:{name}")}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("logs").delete_log_group, logGroupName=identity)


_SAME_NAME = (
    *("actionsEnabled", "alarmActions", "insufficientDataActions", "alarmDescription", "treatMissingData"),
    *("metricName", "namespace", "statistic", "unit", "period", "evaluationPeriods", "datapointsToAlarm"),
    *("comparisonOperator", "threshold", "extendedStatistic"),
)
_ALARM = {name: name[:1].upper() + name[1:] for name in _SAME_NAME} | {"okActions": "OKActions", "name": "AlarmName"}


class MetricAlarm(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        dimensions = [{"Name": name, "Value": value} for name, value in inputs.get("dimensions", {}).items()]
        metrics = [_metric(query) for query in inputs.get("metricQueries", [])]
        more: dict[str, Any] = {"Dimensions": dimensions} if not metrics else {"Metrics": metrics}
        cloud.client("cloudwatch").put_metric_alarm(**chosen(inputs, _ALARM), **more)
        return inputs["name"], {"arn": cloud.arn("cloudwatch", f"alarm:{inputs['name']}")}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("cloudwatch").delete_alarms, AlarmNames=[identity])


def _metric(query: Properties) -> Properties:
    """One metric query in AWS's shape, which nests the metric one level deeper than Pulumi's."""
    shaped: Properties = pascal({key: value for key, value in query.items() if key != "metric"}, {})
    if metric := query.get("metric"):
        named = [{"Name": name, "Value": value} for name, value in metric.get("dimensions", {}).items()]
        what = {"Namespace": metric.get("namespace"), "MetricName": metric["metricName"], "Dimensions": named}
        shaped["MetricStat"] = {"Metric": what, **chosen(metric, {"period": "Period", "stat": "Stat", "unit": "Unit"})}
    return shaped


HANDLERS: dict[str, Handler[Account]] = {
    "aws:cloudwatch/logGroup:LogGroup": LogGroup(),
    "aws:cloudwatch/metricAlarm:MetricAlarm": MetricAlarm(),
}
