"""Budgets. moto counts no money, and does not tell whom a notification goes to: the ledger does."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import ACCOUNT_ID, Account, ask, camel, chosen, pascal, quietly
from delivery.laptop.providers.handler import Explicit, Handler

_TOKEN = "aws:budgets/budget:Budget"  # noqa: S105 - a type token
_SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}


class Budget(Explicit[Account]):
    key = ("name",)

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name = cloud.client("budgets"), inputs["name"]
        budget = chosen(inputs, {"name": "BudgetName", "budgetType": "BudgetType", "timeUnit": "TimeUnit"})
        budget["BudgetLimit"] = {"Amount": str(inputs["limitAmount"]), "Unit": inputs["limitUnit"]}
        told = [_notification(each) for each in inputs.get("notifications", [])]
        # moto has no UpdateBudget, so a budget is changed by being made again.
        quietly(client.delete_budget, AccountId=ACCOUNT_ID, BudgetName=name)
        client.create_budget(AccountId=ACCOUNT_ID, Budget=budget, NotificationsWithSubscribers=told)
        return f"{ACCOUNT_ID}:{name}", {"arn": f"arn:aws:budgets::{ACCOUNT_ID}:budget/{name}", "accountId": ACCOUNT_ID}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client, name = cloud.client("budgets"), identity.split(":", 1)[1]
        answer = ask(client.describe_budget, AccountId=ACCOUNT_ID, BudgetName=name)
        if answer is None:
            return None
        budget, limit = answer["Budget"], answer["Budget"]["BudgetLimit"]
        there = client.describe_notifications_for_budget(AccountId=ACCOUNT_ID, BudgetName=name)["Notifications"]
        record = cloud.recorded(_TOKEN, identity) or {}
        return {
            "name": name,
            "budgetType": budget["BudgetType"],
            "timeUnit": budget["TimeUnit"],
            "limitAmount": limit["Amount"],
            "limitUnit": limit["Unit"],
            "notifications": [_with_subscribers(camel(each), record.get("notifications", [])) for each in there],
        }

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        name = identity.split(":", 1)[1]
        quietly(cloud.client("budgets").delete_budget, AccountId=ACCOUNT_ID, BudgetName=name)


def _notification(asked: Properties) -> dict[str, Any]:
    people = [
        {"SubscriptionType": kind, "Address": address}
        for name, kind in _SUBSCRIBERS.items()
        for address in asked.get(name, [])
    ]
    when = {name: value for name, value in asked.items() if name not in _SUBSCRIBERS}
    return {"Notification": pascal(when), "Subscribers": people}


def _with_subscribers(there: Properties, recorded: list[Properties]) -> Properties:
    """A notification as moto tells it, with those who are told of one just like it according to the ledger."""
    same = (each for each in recorded if all(each.get(name) == value for name, value in there.items()))
    return there | {name: value for name, value in next(same, {}).items() if name in _SUBSCRIBERS}


HANDLERS: dict[str, Handler[Account]] = {_TOKEN: Budget()}
