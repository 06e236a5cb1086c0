"""Every alarm tells somebody, and says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pulumi_policy import PolicyResource

from policies.policy import Resource, each, known, of_type, together

ROOT = Path(__file__).resolve().parent.parent
METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
RUNBOOK = re.compile(r"Open (runbooks/[a-z0-9-]+\.md)$")


def _has_a_runbook(alarm: Resource) -> Iterator[str]:
    found = RUNBOOK.search(alarm.props.get("alarmDescription") or "")
    if found is None:
        yield "its description does not end with the runbook; end it with: Open runbooks/<what>.md"
    elif not (ROOT / found[1]).is_file():
        yield f"there is no {found[1]}; write it, or name another"


def _tell_somebody(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    # The windows of a burn rate tell nobody themselves: the alarm that is made of them does.
    rules = " ".join(str(known(alarm.props, "alarmRule") or "") for alarm in of_type(resources, COMPOSITE))
    for alarm in of_type(resources, METRIC, COMPOSITE):
        name = known(alarm.props, "name") or known(alarm.props, "alarmName")
        if not known(alarm.props, "alarmActions") and f'"{name}"' not in rules:
            yield alarm, "nobody is told; give it alarm_actions"


def _tells_somebody(policy: Resource) -> Iterator[str]:
    mechanisms = policy.props.get("mechanisms") or {}
    if not any(mechanisms.values()):
        yield "nobody is told; give it mechanisms"


def _reaches_somebody(budget: Resource) -> Iterator[str]:
    notifications = budget.props.get("notifications") or []
    if not notifications:
        yield "nobody is told; give it notifications"
    for notification in notifications:
        if not any(notification.get(f"subscriber{kind}") for kind in ("SnsTopicArns", "EmailAddresses")):
            yield "one of its notifications has no subscriber; name a topic"


POLICIES = (
    each("runbooks", "Every alarm names its runbook.", {METRIC, COMPOSITE}, _has_a_runbook),
    together("targets", "Every alarm tells somebody.", _tell_somebody),
    each(
        "notified",
        "Every notification tells somebody.",
        {"cloudflare:index/notificationPolicy:NotificationPolicy"},
        _tells_somebody,
    ),
    each("budgeted", "Every budget tells somebody.", {"aws:budgets/budget:Budget"}, _reaches_somebody),
)
