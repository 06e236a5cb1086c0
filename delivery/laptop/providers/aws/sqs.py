"""SQS queues, their policies and where their failures go. moto redrives for real, by its own count of receipts.

moto 5.2.5 does not tell from which queues failures may come, so that lies in the ledger.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, make_or, quietly, text
from delivery.laptop.providers.aws.recorded import Recorded
from delivery.laptop.providers.handler import Explicit, Handler, finishing
from delivery.laptop.providers.likeness import Likeness

_NUMBERS = {
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "maxMessageSize": "MaximumMessageSize",
    "delaySeconds": "DelaySeconds",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
}
_FLAGS = {"sqsManagedSseEnabled": "SqsManagedSseEnabled"}
_DEFAULTS = {
    "visibilityTimeoutSeconds": 30,
    "messageRetentionSeconds": 345_600,
    "maxMessageSize": 262_144,
    "delaySeconds": 0,
    "receiveWaitTimeSeconds": 0,
    "sqsManagedSseEnabled": True,
}


class Queue(Explicit[Account]):
    """Its id is its URL. Policies and redrives are types of their own, so it does not look at them."""

    key = ("name",)
    replaces = frozenset({"fifoQueue"})
    on_record = False
    likeness = Likeness(_DEFAULTS)

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name = cloud.client("sqs"), inputs["name"]
        url = make_or(lambda: client.get_queue_url(QueueName=name), client.create_queue, QueueName=name)["QueueUrl"]
        computed = {"arn": cloud.arn("sqs", name), "url": url}
        with finishing(url, computed):
            self._set(client, url, inputs)
        return url, computed

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        self._set(cloud.client("sqs"), identity, inputs)
        return {"arn": old["arn"], "url": identity}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = _attributes(cloud, identity)
        if answer is None:
            return None
        numbers = {ours: int(answer[theirs]) for ours, theirs in _NUMBERS.items() if theirs in answer}
        flags = {ours: answer.get(theirs, "true") == "true" for ours, theirs in _FLAGS.items()}
        return {"name": identity.rsplit("/", 1)[1], "arn": answer["QueueArn"], "url": identity, **numbers, **flags}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("sqs").delete_queue, QueueUrl=identity)

    def _set(self, client: Any, url: str, inputs: Properties) -> None:
        wanted = {theirs: inputs.get(ours, _DEFAULTS[ours]) for ours, theirs in (_NUMBERS | _FLAGS).items()}
        attributes = {name: str(value).lower() for name, value in wanted.items()}
        _put(client, url, attributes)


def _put(client: Any, url: str, attributes: dict[str, str]) -> None:
    """moto forgets a queue's policy when anything else is set, so the policy goes along."""
    there = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
    client.set_queue_attributes(QueueUrl=url, Attributes={**there, **attributes})


def _attributes(cloud: Account, url: str) -> dict[str, str] | None:
    answer = ask(cloud.client("sqs").get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
    return answer["Attributes"] if answer else None


class Document(Handler[Account]):
    """One attribute of a queue that is a JSON document: its policy, or where failures go."""

    key = ("queueUrl",)
    on_record = False

    def __init__(self, name: str, attribute: str) -> None:
        self._name, self._attribute = name, attribute
        self.likeness = Likeness(documents={name})  # type: ignore[misc]

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        _put(cloud.client("sqs"), inputs["queueUrl"], {self._attribute: text(inputs[self._name])})
        return inputs["queueUrl"], {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        found = (_attributes(cloud, identity) or {}).get(self._attribute)
        return {"queueUrl": identity, self._name: found} if found else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(_put, cloud.client("sqs"), identity, {self._attribute: ""})


_ALLOW = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"

HANDLERS: dict[str, Handler[Account]] = {
    "aws:sqs/queue:Queue": Queue(),
    "aws:sqs/queuePolicy:QueuePolicy": Document("policy", "Policy"),
    "aws:sqs/redrivePolicy:RedrivePolicy": Document("redrivePolicy", "RedrivePolicy"),
    _ALLOW: Recorded(_ALLOW, "queueUrl", documents={"redriveAllowPolicy"}),
}
