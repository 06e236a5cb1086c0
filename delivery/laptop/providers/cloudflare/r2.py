"""R2: buckets are moto's, readable by anyone, as a bucket behind a custom domain is."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import json

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.s3 import drop_bucket, make_bucket
from delivery.laptop.providers.cloudflare.recorded import Recorded
from delivery.laptop.providers.cloudflare.zone import Zone


class R2Bucket(Recorded):
    def create(self, cloud: Zone, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["name"]
        make_bucket(cloud.storage, name)
        cloud.storage.client("s3").put_bucket_policy(Bucket=name, Policy=_readable_by_anyone(name))
        return name, {}

    def delete(self, cloud: Zone, identity: str, outputs: Properties) -> None:
        drop_bucket(cloud.storage, identity, empty=False)

    def named_by(self, identity: str) -> str:
        """An import names it account/bucket/jurisdiction."""
        parts = identity.split("/")
        return parts[1] if len(parts) > 1 else identity

    def read(self, cloud: Zone, identity: str, outputs: Properties) -> Properties | None:
        buckets = cloud.storage.client("s3").list_buckets()["Buckets"]
        if identity not in {each["Name"] for each in buckets}:
            return None
        return super().read(cloud, identity, outputs)


def _readable_by_anyone(bucket: str) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


RECORDS = (
    R2Bucket("R2Bucket", "accountId", "name", fixed=("accountId", "name", "location", "jurisdiction")),
    Recorded(
        "R2CustomDomain", "zoneId", "domain", fixed=("accountId", "bucketName", "domain", "zoneId"), own_id="domain"
    ),
)
