"""One page that shows how everything is: from what users notice, down to what it stands on. Pure: ids in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from delivery.endpoint.metrics import HOURS_LEFT, TOOK, VALID
from infra.config import InfraConfig
from infra.monitoring import metrics
from infra.monitoring.metrics import Metric
from infra.monitoring.slo import BURNS, Burn
from infra.names import Names

WIDTH, HEIGHT, COLUMNS = 8, 6, 3  # of a widget, on a page 24 wide
Widget = dict[str, Any]


def body(names: Names, config: InfraConfig, updates_api: str, console_api: str) -> str:
    """The dashboard, as CloudWatch takes it."""
    answers, failures = metrics.answers(updates_api), metrics.failures(updates_api)
    rows: list[tuple[str, list[Widget]]] = [
        (
            "What installations get",
            [
                _graph("Update checks that reach the origin", answers, failures),
                _burning(names, config.alarms.promised, answers, failures),
                _graph(
                    "How long they take, ms", *_percentiles(metrics.duration(names.function)), line=config.alarms.slow
                ),
            ],
        ),
        (
            "What the probe gets, through the edge",
            [
                _graph("Answers that an installation could use", metrics.probed(names, VALID, "Average")),
                _graph("Hours until the head expires", metrics.probed(names, HOURS_LEFT, "Minimum")),
                _graph("How long an answer takes, ms", metrics.probed(names, TOOK, "p99")),
            ],
        ),
        (
            "What installations report",
            [
                _graph("Events that wait", metrics.waiting(names.events), metrics.waiting(names.events_failed)),
                _graph("Age of the oldest, s", metrics.oldest(names.events)),
                _graph("How long a batch takes, ms", metrics.duration(names.consumer)),
            ],
        ),
        (
            "The database",
            [
                _graph("Processor, %", metrics.database(names, "CPUUtilization", "Average")),
                _graph("Free storage, bytes", metrics.database(names, "FreeStorageSpace", "Minimum")),
                _graph("Connections", metrics.database(names, "DatabaseConnections", "Maximum")),
            ],
        ),
        (
            "Behind it",
            [
                _graph("Runs of the automation", metrics.ticks(names.environment)),
                _graph("The console", metrics.answers(console_api), metrics.failures(console_api)),
                _graph("Refused by Lambda", metrics.throttles(names.function), metrics.throttles(names.consumer)),
            ],
        ),
    ]
    return json.dumps({"widgets": _placed(rows, config.aws.region)}, sort_keys=True)


def _placed(rows: Sequence[tuple[str, list[Widget]]], region: str) -> list[Widget]:
    """Each row under its heading, its widgets side by side."""
    placed: list[Widget] = []
    y = 0
    for heading, widgets in rows:
        title = {"markdown": f"## {heading}"}
        placed.append({"type": "text", "x": 0, "y": y, "width": WIDTH * COLUMNS, "height": 1, "properties": title})
        for column, its in enumerate(widgets):
            at = {"x": WIDTH * column, "y": y + 1, "width": WIDTH, "height": HEIGHT}
            placed.append({"type": "metric", **at, "properties": {**its, "region": region}})
        y += 1 + HEIGHT
    return placed


def _graph(title: str, *shown: Metric, line: float | None = None) -> Widget:
    limit = {"annotations": {"horizontal": [{"label": "alarm", "value": line}]}} if line is not None else {}
    return {
        "title": title,
        "view": "timeSeries",
        "stat": shown[0].statistic,
        "period": shown[0].period,
        "metrics": [[*_named(metric), {"stat": metric.statistic, "period": metric.period}] for metric in shown],
        **limit,
    }


def _burning(names: Names, promised: float, answers: Metric, failures: Metric) -> Widget:
    """How many times faster than promised the budget burns, and where each alarm of it begins."""
    budget = round(1 - promised, 9)
    return {
        "title": "How fast the error budget burns",
        "view": "timeSeries",
        "period": answers.period,
        "metrics": [
            [{"expression": f"failed / answered / {budget}", "label": "times as fast as promised", "id": "burning"}],
            [*_named(failures), {"id": "failed", "stat": failures.statistic, "visible": False}],
            [*_named(answers), {"id": "answered", "stat": answers.statistic, "visible": False}],
        ],
        "annotations": {"horizontal": [_begins(names, burn) for burn in BURNS]},
    }


def _begins(names: Names, burn: Burn) -> dict[str, Any]:
    return {"label": names.alarm(f"updates-burn-{burn.name}"), "value": burn.rate}


def _percentiles(metric: Metric) -> list[Metric]:
    return [metric.by(each) for each in ("p50", "p95", "p99")]


def _named(metric: Metric) -> list[Any]:
    return [metric.namespace, metric.name, *(part for item in metric.dimensions.items() for part in item)]
