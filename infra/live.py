"""The stack `<environment>-live`: what the facts say, as objects. All that a release, a step or a hold changes.

It finds the buckets by their names, not by the platform's state, so it waits for nothing slow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import s3

from infra import clouds
from infra.config import InfraConfig
from infra.names import HEAD_KEY, HISTORY_KEY, PUBLIC_HISTORY, Names, catalog_key
from infra.publication import ALWAYS_ASK, BRIEFLY, CONTENT_TYPE, Publication

IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class LiveInputs:
    """What the live stack is made from, besides the publication. `r2_endpoint`: R2's, if not at Cloudflare."""

    names: Names
    infra: InfraConfig
    r2_endpoint: str | None = None


def live(config: LiveInputs, publication: Publication, *, narrowing: bool) -> None:
    """Registers the live stack, in the order in which a half-done apply does the least harm.

    Narrowing: the static manifests stop offering first, then the endpoint. Widening: the endpoint starts first, the
    manifests, which no percentage guards, last. Either way the catalog is there before the head that names it, and the
    one it replaces goes when all else is done, since engines delete last.
    """
    aws = clouds.aws_provider(config.infra.aws)
    r2 = clouds.r2_provider(config.names, config.infra.cloudflare, config.r2_endpoint)
    catalog = _object(
        config.names.catalog, catalog_key(publication.catalog_sha256), publication.catalog, IMMUTABLE, provider=aws
    )
    if narrowing:
        manifests = _manifests(config, publication, r2, after=[])
        _head(config, publication, aws, after=[catalog, *manifests])
    else:
        _manifests(config, publication, r2, after=[_head(config, publication, aws, after=[catalog])])
    _history(config, publication, aws)
    pulumi.export("catalog", publication.catalog_sha256)
    pulumi.export("manifests", len(publication.manifests))


def _head(
    config: LiveInputs, publication: Publication, provider: pulumi.ProviderResource, *, after: Sequence[pulumi.Resource]
) -> s3.BucketObjectv2:
    return _object(config.names.catalog, HEAD_KEY, publication.head, ALWAYS_ASK, provider=provider, after=after)


def _history(config: LiveInputs, publication: Publication, provider: pulumi.ProviderResource) -> None:
    """The public history once more, for the endpoint: it answers from it, and reads no bucket but the catalog's."""
    if (data := publication.manifests.get(PUBLIC_HISTORY)) is not None:
        _object(config.names.catalog, HISTORY_KEY, data, ALWAYS_ASK, provider=provider)


def _manifests(
    config: LiveInputs, publication: Publication, provider: pulumi.ProviderResource, *, after: Sequence[pulumi.Resource]
) -> list[s3.BucketObjectv2]:
    # Protected, for a manifest is never deleted: it may be the last thing that an old installation still finds.
    return [
        _object(
            config.names.downloads,
            key,
            data,
            BRIEFLY,
            provider=provider,
            after=after,
            protect=config.names.kept,
            metadata=publication.metadata,
        )
        for key, data in sorted(publication.manifests.items())
    ]


def _object(
    bucket: str,
    key: str,
    data: bytes,
    cache_control: str,
    *,
    provider: pulumi.ProviderResource,
    after: Sequence[pulumi.Resource] = (),
    protect: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> s3.BucketObjectv2:
    """Named by its key: another catalog is another resource, so the new one is there before the old one goes."""
    return s3.BucketObjectv2(
        key,
        bucket=bucket,
        key=key,
        content=data.decode(),
        content_type=CONTENT_TYPE,
        cache_control=cache_control,
        metadata=metadata or None,
        opts=ResourceOptions(provider=provider, depends_on=list(after), protect=protect),
    )
