"""S3 buckets, their settings and their objects. R2's objects come here too, through a second provider instance."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import base64
import json
from typing import Any

from delivery.deploy.wire import Properties
from delivery.laptop.providers.aws.account import Account, chosen, is_missing, pascal, quietly, text
from delivery.laptop.providers.handler import Explicit, Handler, content


class Bucket(Explicit[Account]):
    key = ("bucket",)
    replaces = frozenset({"objectLockEnabled", "bucketPrefix"})
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["bucket"]
        make_bucket(cloud, name, bool(inputs.get("objectLockEnabled")))
        domain = f"{name}.s3.{cloud.region}.amazonaws.com"
        return name, {
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": domain,
            "bucketRegion": cloud.region,
            "region": cloud.region,
        }

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        drop_bucket(cloud, identity, empty=bool(outputs.get("forceDestroy")))


def make_bucket(cloud: Account, name: str, lock: bool = False) -> None:
    """Make the bucket unless it is there."""
    client = cloud.client("s3")
    try:
        client.head_bucket(Bucket=name)
    except Exception as error:
        if not is_missing(error):
            raise
        elsewhere = {} if cloud.region == "us-east-1" else {"LocationConstraint": cloud.region}
        where = {"CreateBucketConfiguration": elsewhere} if elsewhere else {}
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock, **where)


def drop_bucket(cloud: Account, name: str, empty: bool) -> None:
    client = cloud.client("s3")
    if empty:
        quietly(_delete_versions, client, name, "")
    quietly(client.delete_bucket, Bucket=name)


def _delete_versions(client: Any, bucket: str, prefix: str, exactly: bool = False) -> None:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if not exactly or each["Key"] == prefix:
                client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


class Setting(Handler[Account]):
    """One setting of a bucket; it is put as a whole, and goes with the bucket."""

    key = ("bucket",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        self.put(cloud.client("s3"), inputs["bucket"], inputs)
        return inputs["bucket"], {}

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        raise NotImplementedError


class Versioning(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        wanted = {"Status": inputs["versioningConfiguration"]["status"]}
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=wanted)


class ObjectLock(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rule = {"Rule": pascal(inputs["rule"])} if inputs.get("rule") else {}
        wanted = {"ObjectLockEnabled": "Enabled", **rule}
        try:
            client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=wanted)
        except Exception as error:
            # moto, unlike S3, changes the rule of an empty bucket only; the objects there keep theirs in both.
            if "needs to be empty" not in str(error):
                raise


class PublicAccessBlock(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        wanted = pascal({name: bool(inputs.get(name)) for name in names})
        client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted)

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_public_access_block, Bucket=identity)


class Encryption(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        wanted = {"Rules": pascal(inputs["rules"])}
        client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=wanted)

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_bucket_encryption, Bucket=identity)


class Policy(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        policy = json.loads(text(inputs["policy"]))
        # moto ignores conditions: a denial of plain HTTP would deny everything. The state keeps the whole policy.
        kept = [statement for statement in policy["Statement"] if "Condition" not in statement]
        if kept:
            client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": kept}))
        else:
            quietly(client.delete_bucket_policy, Bucket=bucket)

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_bucket_policy, Bucket=identity)


class Lifecycle(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rules = [{"Filter": {}} | pascal(rule) for rule in inputs.get("rules", [])]
        client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_bucket_lifecycle, Bucket=identity)


_OBJECT_HEADERS = {
    "contentType": "ContentType",
    "cacheControl": "CacheControl",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage",
    "metadata": "Metadata",
    "serverSideEncryption": "ServerSideEncryption",
    "storageClass": "StorageClass",
}


class BucketObject(Explicit[Account]):
    key = ("bucket", "key")
    renews = frozenset({"etag", "versionId"})
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        bucket, key = inputs["bucket"], inputs["key"]
        headers = chosen(inputs, _OBJECT_HEADERS)
        answer = cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=_body(inputs), **headers)
        computed = {"etag": answer["ETag"].strip('"'), "arn": f"arn:aws:s3:::{bucket}/{key}"}
        return f"{bucket}/{key}", computed | chosen(answer, {"VersionId": "versionId"})

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(_delete_versions, cloud.client("s3"), outputs["bucket"], outputs["key"], exactly=True)


def _body(inputs: Properties) -> bytes:
    if inputs.get("source") is not None:
        return content(inputs["source"])
    if inputs.get("contentBase64") is not None:
        return base64.b64decode(inputs["contentBase64"])
    return str(inputs.get("content", "")).encode()


HANDLERS: dict[str, Handler[Account]] = {
    "aws:s3/bucket:Bucket": Bucket(),
    "aws:s3/bucketVersioning:BucketVersioning": Versioning(),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ObjectLock(),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": PublicAccessBlock(),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Encryption(),
    "aws:s3/bucketPolicy:BucketPolicy": Policy(),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Lifecycle(),
    "aws:s3/bucketObjectv2:BucketObjectv2": BucketObject(),
}
