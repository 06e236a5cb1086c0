"""The numbers that CloudWatch gets of endpoint and probe, and how a line of log says them: in its embedded format."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

NAMESPACE = "ESpice"
DIMENSION = "Environment"

# What the probe counts.
VALID = "ValidAnswer"  # 1 or 0
HOURS_LEFT = "HeadHoursLeft"  # until the head is believed no more; not counted where it is not believed
TOOK = "AnswerMilliseconds"

# What an instance of the endpoint counts in a minute or more.
CHECKS = "Checks"  # update checks answered
FAILED = "ChecksFailed"  # of these with 5xx
CHECK_TOOK = "CheckMilliseconds"
TROUBLED = "LooksTroubled"  # looks at the store that were of no use
OVERRIDE = "OverrideNumber"  # of the override that is obeyed; 0 for none
HALTS = "HaltsPending"  # halts of it that no merged stop has decided yet

_UNITS = {TOOK: "Milliseconds", CHECK_TOOK: "Milliseconds", CHECKS: "Count", FAILED: "Count", TROUBLED: "Count"}


def line(environment: str, counted: Mapping[str, float | Sequence[float]], now: datetime) -> dict[str, Any]:
    """The line from which CloudWatch takes these metrics, where a Lambda logs it; at most 100 values of one."""
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "None")} for name in counted]
    described = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    meta = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [described]}
    return {"_aws": meta, DIMENSION: environment, **counted}
