"""The dashboard, as CloudWatch is given it."""

import json
from typing import Any

import pytest

from delivery.endpoint import metrics as endpoint
from infra.monitoring import dashboard
from infra.monitoring.slo import BURNS
from infra.names import Names
from tests.unit.infra.recorder import DOMAINS, infra_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def widgets() -> list[dict[str, Any]]:
    names = Names("espice", "production", DOMAINS["production"])
    body = dashboard.body(names, infra_of("production"), "updates1", "console1")
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def shown(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [metric for each in widgets if each["type"] == "metric" for metric in each["properties"]["metrics"]]


def test_widgets_lie_side_by_side_and_none_over_another(widgets: list[dict[str, Any]]) -> None:
    taken = [
        (x, y)
        for each in widgets
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) == 23


def test_the_first_row_is_what_installations_get(widgets: list[dict[str, Any]]) -> None:
    assert widgets[0]["properties"]["markdown"] == "## What installations get"
    assert [each["properties"]["title"] for each in widgets[1:4]] == [
        "Update checks that reach the origin",
        "How fast the error budget burns",
        "How long they take, ms",
    ]


def test_the_budgets_graph_has_a_line_where_each_alarm_begins(widgets: list[dict[str, Any]]) -> None:
    burning = widgets[2]["properties"]
    assert burning["metrics"][0][0]["expression"] == "failed / answered / 0.001"
    assert [each["value"] for each in burning["annotations"]["horizontal"]] == [burn.rate for burn in BURNS]


def test_every_number_is_named_with_its_dimensions(widgets: list[dict[str, Any]]) -> None:
    named = [metric for metric in shown(widgets) if isinstance(metric[0], str)]
    assert len(named) + 1 == len(shown(widgets))
    for namespace, name, *rest, options in named:
        assert isinstance(options, dict), (namespace, name)
        assert len(rest) == 2, (namespace, name)
    assert ["ESpice", endpoint.VALID, "Environment", "production"] in [metric[:4] for metric in named]
    assert {metric[3] for metric in named if metric[2] == "ApiId"} == {"updates1", "console1"}


def test_each_environment_has_one(platforms) -> None:
    names = {each: stack.of("Dashboard")["dashboard"].inputs["dashboardName"] for each, stack in platforms.items()}
    assert names == {each: f"espice-{each}-health" for each in DOMAINS}
