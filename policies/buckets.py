"""No bucket is public, but for the two that the edge serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import PolicyResource

from policies.policy import Resource, each, is_about, of_type, together

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
GATES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

SERVED = ("-downloads", "-site")
"""How the names of the two public buckets end: artifacts with static manifests, and the web site."""


def _are_closed(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    blocks = of_type(resources, BLOCK)
    for bucket in of_type(resources, BUCKET):
        if not any(is_about(block, "bucket", bucket) for block in blocks):
            yield bucket, "nothing keeps the public out; give it a BucketPublicAccessBlock with all four set"


def _blocks_everything(block: Resource) -> Iterator[str]:
    missing = [gate for gate in GATES if block.props.get(gate) is not True]
    if missing:
        yield f"{', '.join(missing)} must be true, or the bucket can be opened to the public"


def _has_no_acl(resource: Resource) -> Iterator[str]:
    acl = resource.props.get("acl")
    if acl not in (None, "private"):
        yield f"the ACL {acl} gives it to others; leave acl out, a bucket policy says who may read"


def _is_served(domain: Resource) -> Iterator[str]:
    name = domain.props.get("bucketName") or ""
    if not name.endswith(SERVED):
        yield f"it makes the bucket {name} public, but only those of downloads and of the site are; take it away"


def _is_not_managed(domain: Resource) -> Iterator[str]:
    if domain.props.get("enabled"):
        yield "r2.dev serves without the zone's rules; serve the bucket under a host of its own"


POLICIES = (
    together("closed-buckets", "No bucket in S3 is public.", _are_closed),
    each("closed-for-good", "A public access block blocks everything.", {BLOCK}, _blocks_everything),
    each(
        "no-acls",
        "No ACL gives a bucket or an object to others.",
        {BUCKET, "aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketObjectv2:BucketObjectv2"},
        _has_no_acl,
    ),
    each(
        "served-buckets",
        "Only the buckets of downloads and of the site are public in R2.",
        {"cloudflare:index/r2CustomDomain:R2CustomDomain"},
        _is_served,
    ),
    each(
        "own-hosts",
        "Nothing is served under r2.dev.",
        {"cloudflare:index/r2ManagedDomain:R2ManagedDomain"},
        _is_not_managed,
    ),
)
