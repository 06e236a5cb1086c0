"""CloudWatch log groups, metrics of logs, alarms, dashboards. moto never acts on an alarm: nothing reaches its topic.

moto 5.2.5 has no composite alarms: they only lie in the ledger.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import (
    ACCOUNT_ID,
    Account,
    ask,
    camel,
    chosen,
    make_or,
    named,
    pairs,
    pascal,
    quietly,
    text,
    unpaired,
)
from delivery.laptop.providers.aws.recorded import Recorded
from delivery.laptop.providers.handler import Explicit, Handler, finishing
from delivery.laptop.providers.likeness import Likeness


class LogGroup(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["name"]
        client = cloud.client("logs")
        make_or(lambda: None, client.create_log_group, logGroupName=name)
        computed = {"arn": cloud.arn("logs", f"log-group:{name}")}
        with finishing(name, computed):
            if inputs.get("retentionInDays"):
                client.put_retention_policy(logGroupName=name, retentionInDays=inputs["retentionInDays"])
            else:
                quietly(client.delete_retention_policy, logGroupName=name)
        return name, computed

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        listed = cloud.client("logs").describe_log_groups(logGroupNamePrefix=identity)["logGroups"]
        group = next((each for each in listed if each["logGroupName"] == identity), None)
        return {"name": identity, "retentionInDays": group.get("retentionInDays")} if group else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("logs").delete_log_group, logGroupName=identity)


class LogMetricFilter(Explicit[Account]):
    """A number counted from a log. moto keeps an old filter beside the new one of its name; the last counts."""

    key = ("logGroupName", "name")
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        group, name, metric = inputs["logGroupName"], inputs["name"], dict(inputs["metricTransformation"])
        what = {"metricName": metric.pop("name"), "metricNamespace": metric.pop("namespace")}
        what |= {"metricValue": metric.pop("value"), **metric}
        if "defaultValue" in what:
            what["defaultValue"] = float(what["defaultValue"])
        self.delete(cloud, f"{group}:{name}", inputs)
        cloud.client("logs").put_metric_filter(
            logGroupName=group, filterName=name, filterPattern=inputs["pattern"], metricTransformations=[what]
        )
        return f"{group}:{name}", {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        group, _, name = identity.rpartition(":")
        same = self._same(cloud, group, name)
        if not same:
            return None
        found = same[-1]
        names = {"name": "metricName", "namespace": "metricNamespace", "value": "metricValue"}
        metric = found["metricTransformations"][0]
        seen = {**named(metric, names), **chosen(metric, {"dimensions": "dimensions", "unit": "unit"})}
        if "defaultValue" in metric:
            seen["defaultValue"] = f"{metric['defaultValue']:g}"
        return {
            "logGroupName": group,
            "name": name,
            "pattern": found["filterPattern"],
            "metricTransformation": seen,
        }

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        group, _, name = identity.rpartition(":")
        for _ in self._same(cloud, group, name):
            quietly(cloud.client("logs").delete_metric_filter, logGroupName=group, filterName=name)

    def _same(self, cloud: Account, group: str, name: str) -> list[dict[str, Any]]:
        answer = ask(cloud.client("logs").describe_metric_filters, logGroupName=group, filterNamePrefix=name)
        return [each for each in answer["metricFilters"] if each["filterName"] == name] if answer else []


_SAME_NAME = (
    *("actionsEnabled", "alarmActions", "insufficientDataActions", "alarmDescription", "treatMissingData"),
    *("metricName", "namespace", "statistic", "unit", "period", "evaluationPeriods", "datapointsToAlarm"),
    *("comparisonOperator", "threshold", "extendedStatistic"),
)
_ALARM = {name: name[:1].upper() + name[1:] for name in _SAME_NAME} | {"okActions": "OKActions", "name": "AlarmName"}


class MetricAlarm(Explicit[Account]):
    key = ("name",)
    on_record = False
    likeness = Likeness({"actionsEnabled": True, "treatMissingData": "missing"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        dimensions = pairs(inputs.get("dimensions"), "Name")
        metrics = [_metric(query) for query in inputs.get("metricQueries", [])]
        more: dict[str, Any] = {"Dimensions": dimensions} if not metrics else {"Metrics": metrics}
        cloud.client("cloudwatch").put_metric_alarm(**chosen(inputs, _ALARM), **more)
        return inputs["name"], {"arn": cloud.arn("cloudwatch", f"alarm:{inputs['name']}")}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        listed = cloud.client("cloudwatch").describe_alarms(AlarmNames=[identity])["MetricAlarms"]
        if not listed:
            return None
        alarm = listed[0]
        queries = [_query(each) for each in alarm.get("Metrics", [])]
        dimensions = unpaired(alarm.get("Dimensions"), "Name")
        return {**named(alarm, _ALARM), "dimensions": dimensions or None, "metricQueries": queries or None}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("cloudwatch").delete_alarms, AlarmNames=[identity])


def _metric(query: Properties) -> Properties:
    """One metric query in AWS's shape, which nests the metric one level deeper than Pulumi's."""
    shaped: Properties = pascal({key: value for key, value in query.items() if key != "metric"}, {})
    if metric := query.get("metric"):
        what = chosen(metric, {"namespace": "Namespace", "metricName": "MetricName"})
        what["Dimensions"] = pairs(metric.get("dimensions"), "Name")
        shaped["MetricStat"] = {"Metric": what, **chosen(metric, _STAT)}
    return shaped


def _query(shaped: Properties) -> Properties:
    """The way back from `_metric`."""
    query: Properties = camel({key: value for key, value in shaped.items() if key != "MetricStat"}, {})
    if stat := shaped.get("MetricStat"):
        what = named(stat["Metric"], {"namespace": "Namespace", "metricName": "MetricName"})
        query["metric"] = {
            **what,
            "dimensions": unpaired(stat["Metric"].get("Dimensions"), "Name"),
            **{ours: stat[theirs] for ours, theirs in _STAT.items() if stat.get(theirs)},
        }
    return query


_STAT = {"period": "Period", "stat": "Stat", "unit": "Unit"}


class Dashboard(Explicit[Account]):
    key = ("dashboardName",)
    on_record = False
    likeness = Likeness(documents={"dashboardBody"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["dashboardName"]
        cloud.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=text(inputs["dashboardBody"]))
        return name, {"dashboardArn": f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/{name}"}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("cloudwatch").get_dashboard, DashboardName=identity)
        return {"dashboardName": identity, "dashboardBody": answer["DashboardBody"]} if answer else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("cloudwatch").delete_dashboards, DashboardNames=[identity])


_COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


HANDLERS: dict[str, Handler[Account]] = {
    "aws:cloudwatch/logGroup:LogGroup": LogGroup(),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": LogMetricFilter(),
    "aws:cloudwatch/metricAlarm:MetricAlarm": MetricAlarm(),
    _COMPOSITE: Recorded(_COMPOSITE, "alarmName", service="cloudwatch", arn="alarm:{}"),
    "aws:cloudwatch/dashboard:Dashboard": Dashboard(),
}
