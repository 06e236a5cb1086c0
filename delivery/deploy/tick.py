"""Counts that the automation ran: one tick to each time that it brought what is live to what the facts say."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from delivery.engines.stack import EngineError
from delivery.rules.shapes import Environment
from infra.monitoring import metrics


def tick(cloudwatch: Any, environment: Environment) -> None:
    """Counts one tick, for whose silence an alarm rings. `cloudwatch` is boto3's client.

    Raises EngineError: CloudWatch did not count it; what was applied before is applied.
    """
    counted = metrics.ticks(environment)
    dimensions = [{"Name": name, "Value": value} for name, value in counted.dimensions.items()]
    datum = {"MetricName": counted.name, "Dimensions": dimensions, "Value": 1, "Unit": "Count"}
    try:
        cloudwatch.put_metric_data(Namespace=counted.namespace, MetricData=[datum])
    except (BotoCoreError, ClientError) as error:
        raise EngineError(
            f"everything is applied, but CloudWatch did not count the tick of {environment}, so its alarm "
            f"automation-silent may ring: {error}; allow cloudwatch:PutMetricData in the namespace {counted.namespace}"
        ) from None
