"""SNS topics, their subscriptions and policies. An e-mail subscription stays unconfirmed, as in AWS."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, named, quietly, text
from delivery.laptop.providers.handler import Explicit, Handler, finishing
from delivery.laptop.providers.likeness import Likeness

_ATTRIBUTES = {"displayName": "DisplayName", "kmsMasterKeyId": "KmsMasterKeyId"}


class Topic(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client = cloud.client("sns")
        arn = client.create_topic(Name=inputs["name"])["TopicArn"]
        with finishing(arn, {"arn": arn}):
            for ours, theirs in _ATTRIBUTES.items():
                value = inputs.get(ours, "")
                client.set_topic_attributes(TopicArn=arn, AttributeName=theirs, AttributeValue=value)
        return arn, {"arn": arn}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("sns").get_topic_attributes, TopicArn=identity)
        if answer is None:
            return None
        return {"name": identity.rsplit(":", 1)[1], "arn": identity, **named(answer["Attributes"], _ATTRIBUTES)}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("sns").delete_topic, TopicArn=identity)


class TopicSubscription(Handler[Account]):
    key = ("topic", "protocol", "endpoint")
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        answer = cloud.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            ReturnSubscriptionArn=True,
        )
        return answer["SubscriptionArn"], {"arn": answer["SubscriptionArn"]}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("sns").get_subscription_attributes, SubscriptionArn=identity)
        if answer is None:
            return None
        names = {"topic": "TopicArn", "protocol": "Protocol", "endpoint": "Endpoint", "arn": "SubscriptionArn"}
        return named(answer["Attributes"], names)

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("sns").unsubscribe, SubscriptionArn=identity)


class TopicPolicy(Handler[Account]):
    """Goes with its topic: AWS gives a topic without one its default policy back."""

    key = ("arn",)
    on_record = False
    likeness = Likeness(documents={"policy"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        arn = inputs["arn"]
        cloud.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=text(inputs["policy"])
        )
        return arn, {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("sns").get_topic_attributes, TopicArn=identity)
        return {"arn": identity, "policy": answer["Attributes"]["Policy"]} if answer else None


HANDLERS: dict[str, Handler[Account]] = {
    "aws:sns/topic:Topic": Topic(),
    "aws:sns/topicSubscription:TopicSubscription": TopicSubscription(),
    "aws:sns/topicPolicy:TopicPolicy": TopicPolicy(),
}
