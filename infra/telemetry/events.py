"""The queue of events, and the one beside it where those end that cannot be written."""

from __future__ import annotations

import json

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import sqs

from infra import permissions
from infra.config import Aws
from infra.names import Names

DAY = 24 * 3600
# Before an event counts as one that cannot be written. Each takes as long as a batch is hidden, all of them 10 hours:
# a night without a database puts nothing aside.
TRIES = 100
TRIES_ON_A_LAPTOP = 5  # where somebody waits to see it put aside
LONGEST_DAYS = 14  # that SQS keeps anything


class Events(pulumi.ComponentResource):
    """Two queues, encrypted, reached over TLS only. `kept` in days; `hidden` in seconds, while a consumer has it."""

    def __init__(
        self, name: str, *, names: Names, aws: Aws, kept: int, hidden: int, provider: pulumi.ProviderResource
    ) -> None:
        super().__init__("espice:infra:Events", name)
        self._names, self._aws = names, aws
        self._options = ResourceOptions(parent=self, provider=provider)
        self._kept = ResourceOptions(parent=self, provider=provider, protect=names.kept)
        self.queue = self._queue(name, names.events, kept, hidden)
        # What failed needs eyes, and those may be on holiday.
        failed = self._queue(f"{name}-failed", names.events_failed, LONGEST_DAYS, hidden)
        tries = TRIES if names.kept else TRIES_ON_A_LAPTOP
        sqs.RedrivePolicy(
            f"{name}-redrive",
            queue_url=self.queue.url,
            redrive_policy=failed.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": tries}, sort_keys=True)
            ),
            opts=self._options,
        )
        sqs.RedriveAllowPolicy(
            f"{name}-redrive-allowed",
            queue_url=failed.url,
            redrive_allow_policy=self.queue.arn.apply(
                lambda arn: json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}, sort_keys=True)
            ),
            opts=self._options,
        )
        self.register_outputs({"queue": self.queue.name})

    def _queue(self, name: str, called: str, days: int, hidden: int) -> sqs.Queue:
        queue = sqs.Queue(
            name,
            name=called,
            message_retention_seconds=days * DAY,
            visibility_timeout_seconds=hidden,
            receive_wait_time_seconds=20,
            sqs_managed_sse_enabled=True,
            opts=self._kept,
        )
        sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=permissions.queue_only_over_tls(permissions.queue_arn(self._aws, called)),
            opts=self._options,
        )
        return queue
