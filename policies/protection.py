"""What holds something that cannot be made again is protected: no engine deletes or replaces it by a mistake."""

from __future__ import annotations

from collections.abc import Iterator

from policies.policy import Resource, each, is_kept

STATEFUL = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:rds/instance:Instance": "identifier",
    "aws:kms/key:Key": "description",
    "aws:backup/vault:Vault": "name",
    "cloudflare:index/r2Bucket:R2Bucket": "name",
}
"""Each type that keeps something, with the property that names it."""

REBUILT = {"-site": "the web site is built again from this repository at any time"}
"""What may go all the same, by how its name ends, and why."""


def _is_protected(resource: Resource) -> Iterator[str]:
    name = str(resource.props.get(STATEFUL[resource.resource_type]) or "")
    if is_kept(resource) and not resource.opts.protect and not name.endswith(tuple(REBUILT)):
        yield "it holds what cannot be made again, and is not protected; set protect=names.kept"


POLICIES = (each("protected", "What is stateful is protected.", STATEFUL, _is_protected),)
