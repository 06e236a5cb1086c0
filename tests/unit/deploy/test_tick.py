"""One tick, as the alarm sees it (moto over HTTP)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from delivery.deploy.tick import tick
from delivery.engines.stack import EngineError
from infra.monitoring import metrics


@pytest.fixture
def cloudwatch(aws: str) -> Any:
    return _client(aws)


def _client(address: str) -> Any:
    return boto3.client(
        "cloudwatch",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="t",
        aws_secret_access_key="t",
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )


def ticks(cloudwatch: Any, environment: str) -> float:
    """How many of the last hour the alarm of an environment counts."""
    watched, now = metrics.ticks(environment), datetime.now(UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace=watched.namespace,
        MetricName=watched.name,
        Dimensions=[{"Name": name, "Value": value} for name, value in watched.dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[watched.statistic],
    )
    return sum(each[watched.statistic] for each in found["Datapoints"])


def test_the_alarm_counts_each_tick_of_its_own_environment(cloudwatch: Any) -> None:
    assert ticks(cloudwatch, "staging") == 0
    tick(cloudwatch, "staging")
    tick(cloudwatch, "staging")
    assert (ticks(cloudwatch, "staging"), ticks(cloudwatch, "production")) == (2, 0)


def test_a_tick_that_is_not_counted_is_told_with_its_mend() -> None:
    with pytest.raises(EngineError) as refused:
        tick(_client("http://127.0.0.1:9"), "staging")
    assert str(refused.value) == (
        "everything is applied, but CloudWatch did not count the tick of staging, so its alarm automation-silent may "
        'ring: Could not connect to the endpoint URL: "http://127.0.0.1:9/"; '
        "allow cloudwatch:PutMetricData in the namespace ESpice"
    )
