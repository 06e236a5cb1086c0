"""EventBridge schedules and their groups. moto keeps them; nothing is ever started."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, camel, chosen, make_or, named, pascal, quietly
from delivery.laptop.providers.handler import Explicit, Handler
from delivery.laptop.providers.likeness import Likeness

_NAMES = {
    "name": "Name",
    "groupName": "GroupName",
    "description": "Description",
    "scheduleExpression": "ScheduleExpression",
    "scheduleExpressionTimezone": "ScheduleExpressionTimezone",
    "state": "State",
    "kmsKeyArn": "KmsKeyArn",
}
_ALWAYS_TRIES = {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185}


class ScheduleGroup(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["name"]
        make_or(lambda: None, cloud.client("scheduler").create_schedule_group, Name=name)
        return name, {"arn": cloud.arn("scheduler", f"schedule-group/{name}"), "state": "ACTIVE"}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        is_there = ask(cloud.client("scheduler").get_schedule_group, Name=identity) is not None
        return {"name": identity} if is_there else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("scheduler").delete_schedule_group, Name=identity)


class Schedule(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"groupName"})
    on_record = False
    likeness = Likeness({"groupName": "default", "scheduleExpressionTimezone": "UTC", "state": "ENABLED"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, group = cloud.client("scheduler"), inputs.get("groupName", "default")
        shaped = {"FlexibleTimeWindow": pascal(inputs["flexibleTimeWindow"]), "Target": pascal(inputs["target"])}
        wish = chosen(inputs | {"groupName": group}, _NAMES) | shaped
        make_or(lambda: client.update_schedule(**wish), client.create_schedule, **wish)
        return f"{group}/{inputs['name']}", {"arn": cloud.arn("scheduler", f"schedule/{group}/{inputs['name']}")}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        group, _, name = identity.partition("/")
        answer = ask(cloud.client("scheduler").get_schedule, GroupName=group, Name=name)
        if answer is None:
            return None
        target, window = camel(answer["Target"]), camel(answer["FlexibleTimeWindow"])
        if target.get("retryPolicy") == _ALWAYS_TRIES:
            del target["retryPolicy"]
        return {**named(answer, _NAMES), "target": target, "flexibleTimeWindow": window}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        group, _, name = identity.partition("/")
        quietly(cloud.client("scheduler").delete_schedule, GroupName=group, Name=name)


HANDLERS: dict[str, Handler[Account]] = {
    "aws:scheduler/scheduleGroup:ScheduleGroup": ScheduleGroup(),
    "aws:scheduler/schedule:Schedule": Schedule(),
}
