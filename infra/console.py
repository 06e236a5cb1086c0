"""What staff see: a Lambda function behind a host of its own, which Cloudflare Access stands in front of."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from delivery.console.settings import Access, Builds, Settings
from delivery.endpoint.settings import Settings as Catalog
from infra import permissions
from infra.build import Build
from infra.config import InfraConfig
from infra.function import Function, log_arn
from infra.host import Clouds, Host
from infra.names import Names

HANDLER = "delivery.console.handler.handler"
TIMEOUT = 10  # seconds; a page that takes longer is none


def console_settings(catalog: Catalog, config: InfraConfig, aud: str) -> Settings:
    """What the console is told: what the endpoint is, whom to believe, and which builds the stack file names."""
    endpoint = config.endpoint
    return Settings(
        catalog=catalog,
        access=Access(access_team=config.console.team, access_audience=aud),
        builds=Builds(build_live=endpoint.live, build_next=endpoint.next, build_weight=endpoint.weight),
    )


class Console(pulumi.ComponentResource):
    """Function, alias, API and host. `environment` are the variables that its app is set by.

    It changes nothing: like the update endpoint it reads the catalog, and its newest build answers everything.
    """

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        build: Build,
        environment: pulumi.Input[Mapping[str, str]],
        clouds: Clouds,
        truststore: pulumi.Input[str] | None = None,
    ) -> None:
        super().__init__("espice:infra:Console", name)
        size, aws = config.console, config.aws
        self.function = Function(
            name,
            names=names,
            aws=aws,
            function=names.console,
            description="Shows staff what is live.",
            build=build,
            handler=HANDLER,
            environment=environment,
            memory=size.memory,
            timeout=TIMEOUT,
            log_days=size.log_days,
            policy=permissions.endpoint(names.catalog, log_arn(aws, names.console)),
            provider=clouds.aws,
            parent=self,
        )
        self.host = Host(
            name,
            names=names,
            api=names.console,
            host=names.console_host,
            zone=config.cloudflare.zone,
            alias=self.function.alias(),
            timeout=TIMEOUT,
            clouds=clouds,
            parent=self,
            truststore=truststore,
        )
        self.register_outputs({"host": names.console_host})
