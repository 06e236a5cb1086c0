"""What may be spent in a month, and who hears of it before more is."""

from __future__ import annotations

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import budgets

from infra.config import Alarms
from infra.names import Names

SPENT = 80  # % of the budget
RUNBOOK = "runbooks/costs-rising.md"


def budget(names: Names, alarms: Alarms, topic: pulumi.Input[str], options: ResourceOptions) -> None:
    """Tells the topic when most of it is spent, and as soon as the month will probably cost more."""
    notifications: list[budgets.BudgetNotificationArgsDict] = [
        {
            "comparison_operator": "GREATER_THAN",
            "notification_type": kind,
            "threshold": threshold,
            "threshold_type": "PERCENTAGE",
            "subscriber_sns_topic_arns": [topic],
        }
        for kind, threshold in (("ACTUAL", SPENT), ("FORECASTED", 100))
    ]
    budgets.Budget(
        "budget",
        name=names.alarm("budget"),
        budget_type="COST",
        limit_amount=str(alarms.budget),
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=notifications,
        # It has no description that could say so.
        tags={"runbook": RUNBOOK},
        opts=options,
    )
