"""What must be there before the engine can run at all: the bucket of its state, and the key that encrypts its secrets.

Made once for each environment, by a person, and safe to do again: what is as it should be is left, what is not is
mended, and each thing says which of these it was. Everything else that CI stands on is the ground stack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from infra import permissions
from infra.names import Names

KEPT = 90  # days that a replaced state can be brought back

ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
LIFECYCLE = {
    "Rules": [
        {
            "ID": "replaced-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": KEPT},
        }
    ]
}


class State(StrEnum):
    """How a thing was found."""

    there = "there"
    made = "made"
    mended = "mended"


@dataclass(frozen=True, slots=True)
class Done:
    """One thing of the bootstrap, and how it was found."""

    what: str
    state: State


def bootstrap(names: Names, s3: Any, kms: Any) -> Iterator[Done]:
    """Makes or mends each thing in turn, and says so as it is done.

    `s3` and `kms` are boto3's clients. Raises ClientError where AWS refuses.
    """
    yield from _bucket(names.state, s3)
    yield from _key(names.secrets_key, f"encrypts the secrets of {names.product} {names.environment}", kms)


def _bucket(bucket: str, s3: Any) -> Iterator[Done]:
    yield Done(f"bucket {bucket}", _make_bucket(bucket, s3))
    settings: dict[str, tuple[Callable[[], Any], Any, Callable[[], Any]]] = {
        "versioning": (
            lambda: s3.get_bucket_versioning(Bucket=bucket).get("Status"),
            "Enabled",
            lambda: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}),
        ),
        "encryption": (
            lambda: _algorithm(s3.get_bucket_encryption(Bucket=bucket)),
            "AES256",
            lambda: s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=ENCRYPTION),
        ),
        "no public access": (
            lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
            CLOSED,
            lambda: s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=CLOSED),
        ),
        "TLS only": (
            lambda: json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]),
            json.loads(permissions.only_over_tls(bucket)),
            lambda: s3.put_bucket_policy(Bucket=bucket, Policy=permissions.only_over_tls(bucket)),
        ),
        f"old states for {KEPT} days": (
            lambda: [_days(rule) for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]],
            [KEPT],
            lambda: s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE),
        ),
    }
    for what, (found, wanted, make) in settings.items():
        yield Done(f"bucket {bucket}: {what}", _set(found, wanted, make))


def _make_bucket(bucket: str, s3: Any) -> State:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        s3.create_bucket(Bucket=bucket)
        return State.made
    return State.there


def _set(found: Callable[[], Any], wanted: Any, make: Callable[[], Any]) -> State:
    try:
        is_set = found()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        is_set = None
    if is_set == wanted:
        return State.there
    make()
    return State.mended if is_set else State.made


def _algorithm(encryption: Any) -> str:
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]
    return str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])


def _days(rule: Any) -> int | None:
    days: int | None = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")
    return days if rule["Status"] == "Enabled" else None


def _key(alias: str, what: str, kms: Any) -> Iterator[Done]:
    try:
        key, state = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"], State.there
    except kms.exceptions.NotFoundException:
        key, state = kms.create_key(Description=what)["KeyMetadata"]["KeyId"], State.made
        kms.create_alias(AliasName=alias, TargetKeyId=key)
    yield Done(f"key {alias}", state)
    rotates = kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    if not rotates:
        kms.enable_key_rotation(KeyId=key)
    yield Done(f"key {alias}: a new one each year", State.there if rotates else State.made)
