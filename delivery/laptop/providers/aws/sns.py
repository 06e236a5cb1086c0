"""SNS topics, their subscriptions and policies. An e-mail subscription stays unconfirmed, as in AWS."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from delivery.deploy.wire import Properties
from delivery.laptop.providers.aws.account import Account, quietly, text
from delivery.laptop.providers.handler import Explicit, Handler


class Topic(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client = cloud.client("sns")
        arn = client.create_topic(Name=inputs["name"])["TopicArn"]
        if inputs.get("displayName"):
            client.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue=inputs["displayName"])
        return arn, {"arn": arn}

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

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("sns").unsubscribe, SubscriptionArn=identity)


class TopicPolicy(Handler[Account]):
    """Goes with its topic: AWS gives a topic without one its default policy back."""

    key = ("arn",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        arn = inputs["arn"]
        cloud.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=text(inputs["policy"])
        )
        return arn, {}


HANDLERS: dict[str, Handler[Account]] = {
    "aws:sns/topic:Topic": Topic(),
    "aws:sns/topicSubscription:TopicSubscription": TopicSubscription(),
    "aws:sns/topicPolicy:TopicPolicy": TopicPolicy(),
}
