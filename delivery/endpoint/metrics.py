"""What the probe counts, and how a line of log says it: in CloudWatch's embedded metric format."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

NAMESPACE = "ESpice"
DIMENSION = "Environment"

VALID = "ValidAnswer"  # 1 or 0
HOURS_LEFT = "HeadHoursLeft"  # until the head is believed no more; not counted where it is not believed
TOOK = "AnswerMilliseconds"

_UNITS = {TOOK: "Milliseconds"}


def line(environment: str, counted: Mapping[str, float], now: datetime) -> dict[str, Any]:
    """The line from which CloudWatch takes these metrics, where a Lambda function logs it."""
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "None")} for name in counted]
    described = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    meta = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [described]}
    return {"_aws": meta, DIMENSION: environment, **counted}
