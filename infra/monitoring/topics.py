"""Who is told: one topic for what cannot wait until the morning, one for what can."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import sns

from infra import permissions
from infra.config import Aws


class Topic(pulumi.ComponentResource):
    """An SNS topic called `topic`, which mails everything to its recipients. Nothing secret is ever published."""

    def __init__(
        self, name: str, *, topic: str, recipients: Sequence[str], aws: Aws, provider: pulumi.ProviderResource
    ) -> None:
        super().__init__("espice:infra:Topic", name)
        options = ResourceOptions(parent=self, provider=provider)
        its = sns.Topic(name, name=topic, opts=options)
        allowed = sns.TopicPolicy(
            f"{name}-policy",
            arn=its.arn,
            policy=permissions.alarms_and_budgets_may_publish(
                f"arn:aws:sns:{aws.region}:{aws.account}:{topic}", aws.account
            ),
            opts=options,
        )
        for recipient in recipients:
            sns.TopicSubscription(
                f"{name}-to-{recipient}", topic=its.arn, protocol="email", endpoint=recipient, opts=options
            )
        # Of the policy, so that whoever is to publish is registered when it may.
        self.arn: pulumi.Output[str] = allowed.arn
        self.register_outputs({"topic": its.arn})
