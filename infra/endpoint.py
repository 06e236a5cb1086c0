"""The update endpoint: a Lambda function behind a host of its own, and which of its builds answers.

Every apply of a new build publishes a new version, which answers nobody until the stack file gives it a share.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from delivery.endpoint.settings import Settings
from delivery.rules.facts import Product
from infra import permissions
from infra.build import Builds
from infra.config import InfraConfig
from infra.function import Function, log_arn
from infra.host import Clouds, Host
from infra.names import Names

HANDLER = "delivery.endpoint.handler.handler"


def endpoint_settings(names: Names, config: InfraConfig, product: Product, downloads_url: str | None) -> Settings:
    """What the update endpoint is told; installations are sent to `downloads_url`, or to the downloads host itself."""
    return Settings(
        product=names.product,
        title=product.title,
        environment=names.environment,
        bucket=names.catalog,
        region=config.aws.region,
        downloads_url=downloads_url or f"https://{names.downloads_host}",
        updates_url=f"https://{names.updates_host}",
        site_url=f"https://{names.site_host}",
        head_keys=product.head_keys(names.environment),
        brake_keys=product.brake_keys(names.environment),
        confirm_after=float(config.endpoint.confirm_after),
        give_up_after=float(config.endpoint.give_up_after),
        metrics=config.endpoint.metrics,
    )


class UpdateEndpoint(pulumi.ComponentResource):
    """Function, alias, API and host. `environment` are the variables that its app is set by."""

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        builds: Builds,
        environment: Mapping[str, str],
        clouds: Clouds,
        truststore: pulumi.Input[str] | None = None,
    ) -> None:
        super().__init__("espice:infra:UpdateEndpoint", name)
        size, aws = config.endpoint, config.aws
        self.function = Function(
            "updates",
            names=names,
            aws=aws,
            function=names.function,
            description="Answers ESpice installations that ask for updates.",
            build=builds.next,
            handler=HANDLER,
            environment=environment,
            memory=size.memory,
            timeout=size.timeout,
            log_days=size.log_days,
            policy=permissions.endpoint(names.catalog, log_arn(aws, names.function)),
            provider=clouds.aws,
            parent=self,
        )
        self.alias = self.function.alias(builds.live, builds.weight)
        self.host = Host(
            "updates",
            names=names,
            api=names.function,
            host=names.updates_host,
            zone=config.cloudflare.zone,
            alias=self.alias,
            timeout=size.timeout,
            clouds=clouds,
            parent=self,
            truststore=truststore,
        )
        self.register_outputs({"function": self.function.function.name, "version": self.alias.function_version})
