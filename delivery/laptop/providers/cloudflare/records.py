"""Cloudflare's resource types. All but R2 buckets are nothing more than their record: writing it down realises them.

R2 buckets are moto's, readable by anyone, as a bucket behind a custom domain is.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import json
from collections.abc import Mapping

from delivery.deploy.wire import Properties, has_unknown
from delivery.laptop.providers.aws.s3 import drop_bucket, make_bucket
from delivery.laptop.providers.cloudflare import rules
from delivery.laptop.providers.cloudflare.zone import Zone
from delivery.laptop.providers.handler import Handler


class Recorded(Handler[Zone]):
    """A type named by some of its inputs; `fixed` are those that only a new resource can change."""

    def __init__(self, kind: str, *key: str, fixed: tuple[str, ...] | None = None) -> None:
        self.token = f"cloudflare:index/{kind[:1].lower()}{kind[1:]}:{kind}"
        self.key = key  # type: ignore[misc]
        self._fixed = key if fixed is None else fixed

    def needs_new(self, changed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in changed if name in self._fixed)

    def create(self, cloud: Zone, inputs: Properties) -> tuple[str, Properties]:
        return cloud.find_or_name(self.token, {name: inputs.get(name) for name in self.key}), {}

    def update(self, cloud: Zone, identity: str, old: Properties, inputs: Properties) -> Properties:
        return {}


class R2Bucket(Recorded):
    def create(self, cloud: Zone, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["name"]
        make_bucket(cloud.storage, name)
        cloud.storage.client("s3").put_bucket_policy(Bucket=name, Policy=_readable_by_anyone(name))
        return name, {}

    def delete(self, cloud: Zone, identity: str, outputs: Properties) -> None:
        drop_bucket(cloud.storage, identity, empty=False)


class Ruleset(Recorded):
    """A phase of a zone has one entry point, whatever it is called. What the edge could not do is refused here."""

    def check(self, inputs: Properties) -> Mapping[str, str]:
        if has_unknown(inputs):
            return {}
        try:
            rules.read(inputs)
        except rules.RuleError as error:
            return {"rules": str(error)}
        return {}


def _readable_by_anyone(bucket: str) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


_ALL = (
    # A zone may have several records of one name and type; only a record's zone is for ever.
    Recorded("DnsRecord", "zoneId", "type", "name", "content", "data", fixed=("zoneId",)),
    Recorded("Healthcheck", "zoneId", "name", fixed=("zoneId",)),
    R2Bucket("R2Bucket", "accountId", "name", fixed=("accountId", "name", "location", "jurisdiction")),
    Recorded("R2CustomDomain", "zoneId", "domain", fixed=("accountId", "bucketName", "domain", "zoneId")),
    Ruleset("Ruleset", "zoneId", "accountId", "kind", "phase"),
    Recorded("TieredCache", "zoneId"),
    Recorded("ZoneSetting", "zoneId", "settingId"),
)

HANDLERS: dict[str, Handler[Zone]] = {handler.token: handler for handler in _ALL}
