"""Buckets: private ones in S3, which keep, and public ones in R2, which serve under a host of their own.

R2 keeps no versions: what must not be lost lies in S3's archive, and R2 holds copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions
from pulumi_aws import s3

from infra import permissions
from infra.config import Cloudflare

Rule: TypeAlias = s3.BucketLifecycleConfigurationRuleArgsDict

ABANDONED_UPLOADS: Rule = {
    "id": "abandoned-uploads",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
}


def replaced_versions(days: int) -> Rule:
    """Forgets an object's replaced and deleted versions after so many days."""
    return {
        "id": "replaced-versions",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": days},
    }


def forgotten(days: int) -> Rule:
    """Forgets every object after so many days, whatever it is."""
    return {
        "id": "forgotten",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "expiration": {"days": days},
        "noncurrent_version_expiration": {"noncurrent_days": 1},
    }


def seldom_read(days: int) -> Rule:
    """Keeps objects for less money after so many days, at a price for each reading; none takes longer to come."""
    return {
        "id": "seldom-read",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "transitions": [{"days": days, "storage_class": "GLACIER_IR"}],
    }


class PrivateBucket(pulumi.ComponentResource):
    """Versioned, encrypted, owned by its account alone, closed to the public, reached over TLS only.

    `locked_days`: nobody deletes or overwrites a version before. `protect`: the engine refuses to delete the bucket.
    `policy`: who else but its account may do what, besides what everybody is denied.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        lifecycle: list[Rule],
        provider: pulumi.ProviderResource,
        protect: bool,
        locked_days: int | None = None,
        policy: str | None = None,
    ) -> None:
        super().__init__("espice:infra:PrivateBucket", name)
        self._options = ResourceOptions(parent=self, provider=provider)
        self.bucket = s3.Bucket(
            name,
            bucket=bucket,
            object_lock_enabled=locked_days is not None,
            force_destroy=not protect,  # what is not protected goes with what it holds, as on a laptop
            opts=ResourceOptions(parent=self, provider=provider, protect=protect),
        )
        self._close(policy or permissions.only_over_tls(bucket))
        versioning = self._keep_versions(lifecycle)
        if locked_days is not None:
            self._lock(locked_days, versioning)
        self.register_outputs({"bucket": self.bucket.bucket})

    def _close(self, policy: str) -> None:
        s3.BucketServerSideEncryptionConfiguration(
            f"{self.pulumi_resource_name}-encryption",
            bucket=self.bucket.bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=self._options,
        )
        access = s3.BucketPublicAccessBlock(
            f"{self.pulumi_resource_name}-access",
            bucket=self.bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._options,
        )
        # After the access block: S3 refuses two changes to one bucket's access at the same moment.
        s3.BucketPolicy(
            f"{self.pulumi_resource_name}-policy",
            bucket=self.bucket.bucket,
            policy=policy,
            opts=self._after(access),
        )
        s3.BucketOwnershipControls(
            f"{self.pulumi_resource_name}-owner",
            bucket=self.bucket.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._after(access),
        )

    def _keep_versions(self, lifecycle: list[Rule]) -> s3.BucketVersioning:
        versioning = s3.BucketVersioning(
            f"{self.pulumi_resource_name}-versioning",
            bucket=self.bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self._options,
        )
        s3.BucketLifecycleConfiguration(
            f"{self.pulumi_resource_name}-lifecycle",
            bucket=self.bucket.bucket,
            rules=[ABANDONED_UPLOADS, *lifecycle],
            opts=self._after(versioning),
        )
        return versioning

    def _lock(self, days: int, versioning: s3.BucketVersioning) -> None:
        # Governance, not compliance: malware published by mistake must be removable, by a role made for that day.
        s3.BucketObjectLockConfiguration(
            f"{self.pulumi_resource_name}-lock",
            bucket=self.bucket.bucket,
            rule={"default_retention": {"mode": "GOVERNANCE", "days": days}},
            opts=self._after(versioning),
        )

    def _after(self, resource: pulumi.Resource) -> ResourceOptions:
        return ResourceOptions(parent=self, provider=self._options.provider, depends_on=[resource])


class AccessLogs(pulumi.ComponentResource):
    """A bucket of what was asked of other buckets, by whom and when; only S3 itself writes into it.

    `kept` in days. `of` are the buckets, of this account, by what they are called here.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        of: Mapping[str, pulumi.Input[str]],
        account: str,
        kept: int,
        provider: pulumi.ProviderResource,
        protect: bool,
    ) -> None:
        super().__init__("espice:infra:AccessLogs", name)
        logs = PrivateBucket(
            name,
            bucket=bucket,
            lifecycle=[forgotten(kept)],
            provider=provider,
            protect=protect,
            policy=permissions.takes_access_logs(bucket, account),
        )
        for what, watched in of.items():
            s3.BucketLogging(
                f"{what}-logging",
                bucket=watched,
                target_bucket=logs.bucket.bucket,
                target_prefix=f"{what}/",
                target_object_key_format={"partitioned_prefix": {"partition_date_source": "EventTime"}},
                # Only once S3 may write there: it tries, and refuses a target that it cannot write to.
                opts=ResourceOptions(parent=self, provider=provider, depends_on=[logs]),
            )
        self.register_outputs({"bucket": logs.bucket.bucket})


class PublicBucket(pulumi.ComponentResource):
    """An R2 bucket whose objects everybody can read at https://<host>/<key>. Cloudflare makes the host's DNS record."""

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        host: str,
        config: Cloudflare,
        provider: pulumi.ProviderResource,
        protect: bool,
    ) -> None:
        super().__init__("espice:infra:PublicBucket", name)
        self.bucket = cloudflare.R2Bucket(
            name,
            account_id=config.account,
            name=bucket,
            location=config.location,
            storage_class="Standard",
            opts=ResourceOptions(parent=self, provider=provider, protect=protect),
        )
        self.domain = cloudflare.R2CustomDomain(
            f"{name}-host",
            account_id=config.account,
            bucket_name=self.bucket.name,
            zone_id=config.zone,
            domain=host,
            enabled=True,
            min_tls="1.2",
            opts=ResourceOptions(parent=self, provider=provider),
        )
        self.register_outputs({"bucket": self.bucket.name, "host": self.domain.domain})
