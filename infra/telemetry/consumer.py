"""What takes events off the queue and writes them into the database."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import lambda_

from infra import network, permissions
from infra.build import Build
from infra.config import InfraConfig
from infra.function import Function, log_arn
from infra.names import Names
from infra.network import Network
from infra.telemetry import database
from infra.telemetry.database import Database
from infra.telemetry.events import Events

HANDLER = "delivery.events.handler.handler"
USER = "events"  # owns the tables, and signs in by IAM only
TIMEOUT = 60  # seconds for one batch
HIDDEN = 6 * TIMEOUT  # seconds that a batch is hidden from others; AWS asks for six times the function's time
GATHERED = 5  # seconds that a batch may wait to become larger
AT_ONCE = 10  # runs, each with a connection of its own
CONNECTIONS = 2 * AT_ONCE + 5  # while a new version takes over, and a person looks


class Consumer(pulumi.ComponentResource):
    """A function in the private network. `environment` are the variables that its app is set by."""

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        build: Build,
        environment: pulumi.Input[Mapping[str, str]],
        events: Events,
        within: Network,
        into: Database,
        provider: pulumi.ProviderResource,
    ) -> None:
        super().__init__("espice:infra:Consumer", name)
        options = ResourceOptions(parent=self, provider=provider)
        group = network.security_group(
            f"{name}-group",
            called=names.consumer,
            description="Writes events into the database",
            vpc_id=within.vpc.id,
            opts=options,
        )
        network.lead(name, group, into.group, database.PORT, options)
        aws, size = config.aws, config.telemetry
        queue = permissions.queue_arn(aws, names.events)
        self.function = Function(
            name,
            names=names,
            aws=aws,
            function=names.consumer,
            description="Writes what installations report into the database.",
            build=build,
            handler=HANDLER,
            environment=environment,
            memory=size.memory,
            timeout=TIMEOUT,
            log_days=size.log_days,
            policy=into.instance.resource_id.apply(
                lambda its: permissions.consumer(aws, queue, its, USER, log_arn(aws, names.consumer))
            ),
            vpc={"subnet_ids": [subnet.id for subnet in within.subnets], "security_group_ids": [group.id]},
            provider=provider,
            parent=self,
        )
        lambda_.EventSourceMapping(
            f"{name}-queue",
            event_source_arn=events.queue.arn,
            function_name=self.function.alias().arn,
            batch_size=size.batch,
            maximum_batching_window_in_seconds=GATHERED,
            # One event that cannot be written goes back alone, and the others of its batch are written.
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": AT_ONCE},
            opts=options,
        )
        self.register_outputs({"function": names.consumer})
