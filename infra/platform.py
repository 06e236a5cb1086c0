"""The stack `<environment>`: everything slow and lasting. It holds nothing that a fact in releases/ decides."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from delivery.endpoint.settings import Settings
from delivery.rules.facts import Product
from infra import clouds, storage
from infra.access import Access
from infra.build import Builds
from infra.config import InfraConfig
from infra.console import Console, console_settings
from infra.edge.origin import OriginPull
from infra.edge.zone import Edge
from infra.endpoint import UpdateEndpoint, endpoint_settings
from infra.host import Clouds
from infra.monitoring.metrics import Watched
from infra.monitoring.watch import Monitoring
from infra.names import Names
from infra.storage import AccessLogs, PrivateBucket, PublicBucket
from infra.telemetry.collect import collect


@dataclass(frozen=True, slots=True)
class PlatformInputs:
    """What the platform stack is made from.

    `builds`: what the functions run; all lie in the bucket of builds already. `product`: whose keys may sign what the
    endpoint believes. `downloads_url`: where installations are sent for artifacts, without a slash at the end, if not
    to the downloads host itself (a laptop's is a port).
    """

    names: Names
    infra: InfraConfig
    builds: Builds
    product: Product
    downloads_url: str | None = None

    def endpoint_settings(self) -> Settings:
        """What the update endpoint is told."""
        return endpoint_settings(self.names, self.infra, self.product, self.downloads_url)


def platform(config: PlatformInputs) -> None:
    """Registers the platform stack."""
    names, infra = config.names, config.infra
    providers = Clouds(aws=clouds.aws_provider(infra.aws), cloudflare=cloudflare.Provider("cloudflare"))
    _keep(config, providers.aws)
    _serve(config, providers.cloudflare)
    _answer(config, providers)
    pulumi.export(
        "hosts",
        {
            "updates": names.updates_host,
            "downloads": names.downloads_host,
            "site": names.site_host,
            "console": names.console_host,
        },
    )
    pulumi.export(
        "buckets",
        {
            "archive": names.archive,
            "catalog": names.catalog,
            "logs": names.logs,
            "downloads": names.downloads,
            "site": names.site,
        },
    )


def _answer(config: PlatformInputs, providers: Clouds) -> None:
    names, infra, builds = config.names, config.infra, config.builds
    zone = infra.cloudflare.zone
    Edge("edge", names=names, zone=zone, provider=providers.cloudflare)
    origin = OriginPull(
        "origin-pull", names=names, zone=zone, certificates=infra.cloudflare.origin_pull, clouds=providers
    )
    access = Access("access", names=names, config=infra, provider=providers.cloudflare)
    environment = config.endpoint_settings().to_env()
    endpoint = UpdateEndpoint(
        "update-endpoint",
        names=names,
        config=infra,
        builds=builds,
        environment=environment,
        clouds=providers,
        truststore=origin.truststore,
    )
    console = Console(
        "console",
        names=names,
        config=infra,
        build=builds.console,
        environment=access.aud.apply(lambda aud: console_settings(config.endpoint_settings(), infra, aud).to_env()),
        clouds=providers,
        truststore=origin.truststore,
    )
    collect(names, infra, builds.consumer, providers.aws)
    Monitoring(
        "monitoring",
        names=names,
        config=infra,
        watched=Watched(
            updates_api=endpoint.host.api.id,
            console_api=console.host.api.id,
            certificates={"updates": endpoint.host.certificate, "console": console.host.certificate},
        ),
        build=builds.next,
        environment=environment,
        clouds=providers,
    )
    pulumi.export("console-aud", access.aud)
    pulumi.export("function", names.function)
    pulumi.export("version", endpoint.alias.function_version)


def _keep(config: PlatformInputs, provider: pulumi.ProviderResource) -> None:
    names, keep = config.names, config.infra.keep
    catalog = PrivateBucket(
        "catalog",
        bucket=names.catalog,
        lifecycle=[storage.replaced_versions(keep.old_catalogs)],
        provider=provider,
        protect=names.kept,
    )
    archive = PrivateBucket(
        "archive",
        bucket=names.archive,
        lifecycle=[storage.seldom_read(keep.archive_at_hand)],
        provider=provider,
        protect=names.kept,
        locked_days=keep.archive_locked,
    )
    AccessLogs(
        "logs",
        bucket=names.logs,
        # The bucket of builds lies in the ground stack, which is applied before there is anywhere to log to.
        of={"catalog": catalog.bucket.bucket, "archive": archive.bucket.bucket, "builds": names.builds},
        account=config.infra.aws.account,
        kept=keep.access_logs,
        provider=provider,
        protect=names.kept,
    )


def _serve(config: PlatformInputs, provider: pulumi.ProviderResource) -> None:
    names, ids = config.names, config.infra.cloudflare
    PublicBucket(
        "downloads",
        bucket=names.downloads,
        host=names.downloads_host,
        config=ids,
        provider=provider,
        protect=names.kept,
    )
    # Not protected: the site can be built again from this repository at any time.
    PublicBucket("site", bucket=names.site, host=names.site_host, config=ids, provider=provider, protect=False)
