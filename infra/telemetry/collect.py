"""The whole way of an event: queue, consumer, database."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from delivery.events.settings import Settings
from infra.build import Build
from infra.config import InfraConfig
from infra.names import Names
from infra.network import Network
from infra.telemetry import database
from infra.telemetry.authority import PEM
from infra.telemetry.consumer import HIDDEN, USER, Consumer
from infra.telemetry.database import Database
from infra.telemetry.events import Events


def collect(names: Names, config: InfraConfig, build: Build, provider: pulumi.ProviderResource) -> None:
    """Registers all of it."""
    events = Events("events", names=names, aws=config.aws, kept=config.telemetry.kept, hidden=HIDDEN, provider=provider)
    network = Network("network", names=names, aws=config.aws, provider=provider)
    into = Database(
        "database",
        names=names,
        aws=config.aws,
        config=config.telemetry.database,
        log_days=config.telemetry.log_days,
        within=network,
        provider=provider,
    )
    Consumer(
        "consumer",
        names=names,
        config=config,
        build=build,
        environment=_environment(config, into),
        events=events,
        within=network,
        into=into,
        provider=provider,
    )


def _environment(config: InfraConfig, into: Database) -> pulumi.Output[Mapping[str, str]]:
    """What the consumer is told; where the database is, is known once there is one."""
    return pulumi.Output.all(into.instance.address, into.instance.port).apply(
        lambda at: Settings(
            database_host=at[0],
            database_port=int(at[1]),
            database_name=database.NAME,
            database_user=USER,
            region=config.aws.region,
            database_authority=PEM,
        ).to_env()
    )
