"""The stack `<environment>`: everything slow and lasting. It holds nothing that a fact in releases/ decides."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from delivery.endpoint.settings import Settings
from delivery.rules.facts import Key
from infra import clouds, storage
from infra.build import Builds
from infra.config import InfraConfig
from infra.edge import Edge
from infra.endpoint import UpdateEndpoint
from infra.host import Clouds
from infra.monitoring.watch import Monitoring
from infra.names import Names
from infra.storage import PrivateBucket, PublicBucket


@dataclass(frozen=True, slots=True)
class PlatformInputs:
    """What the platform stack is made from.

    `builds`: what the functions run; all lie in the bucket of builds already. `head_keys`: those of product.yaml
    that may sign this environment's head. `downloads_url`: where installations are sent for artifacts, without a slash
    at the end, if not to the downloads host itself (a laptop's is a port).
    """

    names: Names
    infra: InfraConfig
    builds: Builds
    head_keys: tuple[Key, ...]
    downloads_url: str | None = None

    def endpoint_settings(self) -> Settings:
        """What the update endpoint is told."""
        return Settings(
            product=self.names.product,
            environment=self.names.environment,
            bucket=self.names.catalog,
            region=self.infra.aws.region,
            downloads_url=self.downloads_url or f"https://{self.names.downloads_host}",
            head_keys=self.head_keys,
            confirm_after=float(self.infra.endpoint.confirm_after),
        )


def platform(config: PlatformInputs) -> None:
    """Registers the platform stack."""
    names, infra = config.names, config.infra
    providers = Clouds(aws=clouds.aws_provider(infra.aws), cloudflare=cloudflare.Provider("cloudflare"))
    _keep(config, providers.aws)
    _serve(config, providers.cloudflare)
    Edge("edge", names=names, zone=infra.cloudflare.zone, provider=providers.cloudflare)
    _answer(config, providers)
    pulumi.export("hosts", {"updates": names.updates_host, "downloads": names.downloads_host, "site": names.site_host})
    pulumi.export(
        "buckets",
        {"archive": names.archive, "catalog": names.catalog, "downloads": names.downloads, "site": names.site},
    )


def _answer(config: PlatformInputs, providers: Clouds) -> None:
    endpoint = UpdateEndpoint(
        "update-endpoint",
        names=config.names,
        config=config.infra,
        builds=config.builds,
        environment=config.endpoint_settings().to_env(),
        clouds=providers,
    )
    Monitoring(
        "monitoring", names=config.names, config=config.infra, api_id=endpoint.host.api.id, provider=providers.aws
    )
    pulumi.export("function", config.names.function)
    pulumi.export("version", endpoint.alias.function_version)


def _keep(config: PlatformInputs, provider: pulumi.ProviderResource) -> None:
    names, keep = config.names, config.infra.keep
    PrivateBucket(
        "catalog",
        bucket=names.catalog,
        lifecycle=[storage.replaced_versions(keep.old_catalogs)],
        provider=provider,
        protect=names.kept,
    )
    PrivateBucket(
        "archive",
        bucket=names.archive,
        lifecycle=[],
        provider=provider,
        protect=names.kept,
        locked_days=keep.archive_locked,
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
