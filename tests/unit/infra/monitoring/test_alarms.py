"""Who is told of what: every alarm of the platform stack, as it is registered."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.infra.recorder import DOMAINS, ROOT, Recorder, infra_of

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))
DESCRIBED = ("MetricAlarm", "CompositeAlarm", "NotificationPolicy", "Healthcheck")


def described(stack: Recorder) -> Iterator[tuple[str, str]]:
    """Everything that can ring, and what it says."""
    for kind in DESCRIBED:
        for name, each in stack.of(kind).items():
            yield name, each.inputs.get("alarmDescription") or each.inputs["description"]
    for name, each in stack.of("Budget").items():
        yield name, f"Open {each.inputs['tags']['runbook']}"


def windows(stack: Recorder) -> set[str]:
    """The alarms that only a composite one looks at."""
    return {name for name in stack.of("MetricAlarm") if re.fullmatch(r"updates-burn-\w+-\d+[mhd]", name)}


def of(stack: Recorder, name: str) -> dict[str, Any]:
    return stack.of("MetricAlarm")[name].inputs


@EVERYWHERE
def test_every_alarm_says_at_its_end_which_runbook_to_open(platforms, environment):
    for name, says in described(platforms[environment]):
        assert re.search(r"(^|[.] )Open runbooks/[a-z-]+\.md$", says), name
        assert (ROOT / says.rpartition(" ")[2]).is_file(), name


@EVERYWHERE
def test_every_runbook_names_the_alarms_that_open_it_and_no_others(platforms, environment):
    stack, opened = platforms[environment], defaultdict(set)
    for name, says in described(stack):
        if name not in windows(stack) and name not in stack.of("Healthcheck"):  # these tell nobody themselves
            opened[says.rpartition(" ")[2]].add(name)
    written = {}
    for file in (ROOT / "runbooks").glob("*.md"):
        first = file.read_text().partition("Opened by")[2].partition("\n\n")[0]
        written[f"runbooks/{file.name}"] = set(re.findall(r"`…-([a-z-]+)`", first))
    assert written == dict(opened)


@EVERYWHERE
def test_every_alarm_tells_a_topic_when_it_begins_and_when_it_ends(platforms, environment):
    stack = platforms[environment]
    ringing = {name: each for name, each in stack.of("MetricAlarm").items() if name not in windows(stack)}
    for name, each in (ringing | stack.of("CompositeAlarm")).items():
        assert len(each.inputs["alarmActions"]) == 1, name
        assert each.inputs["okActions"] == each.inputs["alarmActions"], name
    for policy in stack.of("NotificationPolicy").values():
        assert policy.inputs["enabled"] is True
        assert policy.inputs["mechanisms"]["emails"]


def test_who_is_on_call_is_told_only_of_what_cannot_wait(platforms):
    stack = platforms["production"]
    policies = {
        name for name, each in stack.of("NotificationPolicy").items() if _mailed(each) == ["on-call@espice.example"]
    }
    assert policies == {"updates-down", "downloads-down"}
    topics = {name: each.urn for name, each in stack.of("TopicPolicy").items()}
    woken = {
        name
        for kind in ("MetricAlarm", "CompositeAlarm")
        for name, each in stack.of(kind).items()
        if topics["pages-policy"] in each.dependencies
    }
    assert woken == {
        "updates-burn-fast",
        "updates-burn-steady",
        "updates-probe",
        "updates-unreachable",
        "downloads-unreachable",
        "head-expiring",
    }


def _mailed(policy: Any) -> list[str]:
    return [each["id"] for each in policy.inputs["mechanisms"]["emails"]]


def test_each_topic_mails_its_recipients_and_takes_word_only_from_what_watches_this_account(platforms):
    stack = platforms["production"]
    subscribed = {name: each.inputs["endpoint"] for name, each in stack.of("TopicSubscription").items()}
    assert subscribed == {
        "pages-to-on-call@espice.example": "on-call@espice.example",
        "tickets-to-updates@espice.example": "updates@espice.example",
    }
    assert {each.inputs["name"] for each in stack.of("Topic").values() if "name" in each.inputs} == {
        "espice-production-pages",
        "espice-production-tickets",
    }
    [statement] = json.loads(stack.of("TopicPolicy")["pages-policy"].inputs["policy"])["Statement"]
    assert statement == {
        "Sid": "WatchersMayPublish",
        "Effect": "Allow",
        "Principal": {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]},
        "Action": "sns:Publish",
        "Resource": "arn:aws:sns:us-east-1:000000000000:espice-production-pages",
        "Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}},
    }


# --- the burning budget -------------------------------------------------------------------------------------------


@EVERYWHERE
def test_a_burning_budget_rings_only_where_both_windows_say_so(platforms, environment):
    stack = platforms[environment]
    start = f"espice-{environment}-updates-burn"
    assert {name: each.inputs["alarmRule"] for name, each in stack.of("CompositeAlarm").items()} == {
        "updates-burn-fast": f'ALARM("{start}-fast-1h") AND ALARM("{start}-fast-5m")',
        "updates-burn-steady": f'ALARM("{start}-steady-6h") AND ALARM("{start}-steady-30m")',
        "updates-burn-slow": f'ALARM("{start}-slow-3d") AND ALARM("{start}-slow-6h")',
    }
    made = {each.urn: each.inputs["name"] for name, each in stack.of("MetricAlarm").items() if name in windows(stack)}
    for burn in stack.of("CompositeAlarm").values():
        first = [made[urn] for urn in burn.dependencies if urn in made]
        assert sorted(first) == sorted(re.findall(r'"([^"]+)"', burn.inputs["alarmRule"]))


def test_a_window_looks_at_the_share_of_failed_answers_and_at_no_handful(platforms):
    window = of(platforms["production"], "updates-burn-fast-1h")
    assert window["threshold"] == 0.0144
    assert window["evaluationPeriods"] == 1
    assert window["comparisonOperator"] == "GreaterThanThreshold"
    assert window["treatMissingData"] == "notBreaching"
    assert "alarmActions" not in window
    share, failed, answered = window["metricQueries"]
    assert share == {
        "id": "share",
        "expression": "IF(failed >= 5, failed / answered, 0)",
        "label": "failed share of answers",
        "returnData": True,
    }
    assert (failed["id"], failed["metric"]["metricName"], failed["metric"]["period"]) == ("failed", "5xx", 3600)
    assert (answered["id"], answered["metric"]["metricName"], answered["metric"]["period"]) == (
        "answered",
        "Count",
        3600,
    )
    assert {each["metric"]["stat"] for each in (failed, answered)} == {"Sum"}


@EVERYWHERE
def test_cloudwatch_takes_every_window(platforms, environment):
    for name, alarm in platforms[environment].of("MetricAlarm").items():
        queries = alarm.inputs.get("metricQueries", [])
        periods = {each["metric"]["period"] for each in queries if "metric" in each} or {alarm.inputs["period"]}
        [period] = periods
        whole = period * alarm.inputs["evaluationPeriods"]
        assert period % 60 == 0, name
        assert whole <= (86_400 if period < 3600 else 604_800), name


# --- single alarms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("updates-errors", ("AWS/ApiGateway", "5xx", "Sum", 300, 1, "GreaterThanOrEqualToThreshold", 5, False)),
        ("updates-slow", ("AWS/Lambda", "Duration", "p99", 300, 3, "GreaterThanThreshold", 500, False)),
        ("updates-throttled", ("AWS/Lambda", "Throttles", "Sum", 300, 1, "GreaterThanOrEqualToThreshold", 1, False)),
        ("updates-probe", ("ESpice", "ValidAnswer", "Maximum", 60, 3, "LessThanThreshold", 1, True)),
        ("updates-unreachable", ("AWS/Route53", "HealthCheckStatus", "Minimum", 60, 2, "LessThanThreshold", 1, True)),
        ("downloads-unreachable", ("AWS/Route53", "HealthCheckStatus", "Minimum", 60, 2, "LessThanThreshold", 1, True)),
        ("head-expiring", ("ESpice", "HeadHoursLeft", "Minimum", 60, 3, "LessThanThreshold", 24, False)),
        ("automation-silent", ("ESpice", "Tick", "SampleCount", 1800, 1, "LessThanThreshold", 1, True)),
        (
            "halt-undecided",
            ("ESpice", "HaltsPending", "Minimum", 3600, 24, "GreaterThanOrEqualToThreshold", 1, False),
        ),
        (
            "events-failed",
            (
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                "Maximum",
                300,
                1,
                "GreaterThanOrEqualToThreshold",
                1,
                False,
            ),
        ),
        ("events-unwritten", ("AWS/Lambda", "Errors", "Sum", 900, 2, "GreaterThanOrEqualToThreshold", 1, False)),
        (
            "events-late",
            ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 300, 3, "GreaterThanThreshold", 3600, False),
        ),
        ("database-busy", ("AWS/RDS", "CPUUtilization", "Average", 300, 6, "GreaterThanThreshold", 80, False)),
        ("database-full", ("AWS/RDS", "FreeStorageSpace", "Minimum", 300, 3, "LessThanThreshold", 20 * 2**30, False)),
        ("database-crowded", ("AWS/RDS", "DatabaseConnections", "Maximum", 300, 3, "GreaterThanThreshold", 25, False)),
        (
            "database-copies",
            ("AWS/Backup", "NumberOfBackupJobsCompleted", "Sum", 86_400, 1, "LessThanThreshold", 1, True),
        ),
        ("console-errors", ("AWS/ApiGateway", "5xx", "Sum", 300, 1, "GreaterThanOrEqualToThreshold", 5, False)),
        (
            "certificate-updates",
            ("AWS/CertificateManager", "DaysToExpiry", "Minimum", 86_400, 1, "LessThanThreshold", 30, False),
        ),
        (
            "certificate-console",
            ("AWS/CertificateManager", "DaysToExpiry", "Minimum", 86_400, 1, "LessThanThreshold", 30, False),
        ),
    ],
)
def test_each_alarm_looks_at_its_number(platforms, name, expected):
    alarm = of(platforms["production"], name)
    assert (
        alarm["namespace"],
        alarm["metricName"],
        alarm.get("statistic") or alarm["extendedStatistic"],
        alarm["period"],
        alarm["evaluationPeriods"],
        alarm["comparisonOperator"],
        alarm["threshold"],
        alarm["treatMissingData"] == "breaching",
    ) == expected


def test_the_table_above_has_every_alarm_that_is_no_window(platforms):
    [table] = [
        mark.args[1]
        for mark in test_each_alarm_looks_at_its_number.pytestmark  # type: ignore[attr-defined]
        if mark.name == "parametrize"
    ]
    stack = platforms["production"]
    assert {name for name, _ in table} == set(stack.of("MetricAlarm")) - windows(stack)


def test_the_budget_tells_before_it_is_spent(platforms):
    [budget] = platforms["production"].of("Budget").values()
    assert (budget.inputs["limitAmount"], budget.inputs["limitUnit"], budget.inputs["timeUnit"]) == (
        str(infra_of("production").alarms.budget),
        "USD",
        "MONTHLY",
    )
    assert [(each["notificationType"], each["threshold"]) for each in budget.inputs["notifications"]] == [
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    ]
