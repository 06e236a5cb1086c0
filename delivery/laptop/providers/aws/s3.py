"""S3 buckets, their settings and their objects. R2's objects come here too, through a second provider instance."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from delivery.engines.wire import ASSET, SIGNATURE, Properties, signature
from delivery.laptop.providers.aws.account import (
    Account,
    ask,
    camel,
    chosen,
    is_missing,
    named,
    pascal,
    quietly,
    text,
)
from delivery.laptop.providers.handler import Explicit, Handler, content
from delivery.laptop.providers.likeness import Likeness, canonical


class Bucket(Explicit[Account]):
    key = ("bucket",)
    replaces = frozenset({"objectLockEnabled", "bucketPrefix"})
    on_record = False
    likeness = Likeness({"objectLockEnabled": False, "forceDestroy": False})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["bucket"]
        make_bucket(cloud, name, bool(inputs.get("objectLockEnabled")))
        return name, self._computed(cloud, name)

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client = cloud.client("s3")
        if ask(client.head_bucket, Bucket=identity) is None:
            return None
        locked = ask(client.get_object_lock_configuration, Bucket=identity) is not None
        return {"bucket": identity, "objectLockEnabled": locked, **self._computed(cloud, identity)}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        drop_bucket(cloud, identity, empty=bool(outputs.get("forceDestroy")))

    def _computed(self, cloud: Account, name: str) -> Properties:
        return {
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{cloud.region}.amazonaws.com",
            "bucketRegion": cloud.region,
            "region": cloud.region,
        }


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

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        there = self.get(cloud.client("s3"), identity)
        return {"bucket": identity, **there} if there else None

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        raise NotImplementedError

    def get(self, client: Any, bucket: str) -> Properties:
        """The setting as it is; nothing if it is not set."""
        raise NotImplementedError


class Versioning(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        wanted = {"Status": inputs["versioningConfiguration"]["status"]}
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=wanted)

    def get(self, client: Any, bucket: str) -> Properties:
        status = (ask(client.get_bucket_versioning, Bucket=bucket) or {}).get("Status")
        return {"versioningConfiguration": {"status": status}} if status else {}


class ObjectLock(Setting):
    """moto, unlike S3, changes the rule of an empty bucket only: what it still has then is the output `keptInMoto`."""

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        bucket, client = inputs["bucket"], cloud.client("s3")
        rule = {"Rule": pascal(inputs["rule"])} if inputs.get("rule") else {}
        wanted = {"ObjectLockEnabled": "Enabled", **rule}
        try:
            client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=wanted)
        except Exception as error:
            if "needs to be empty" not in str(error):
                raise
            return bucket, {"keptInMoto": self.get(client, bucket)}
        return bucket, {"keptInMoto": None}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        there = super().look(cloud, identity, outputs)
        is_kept = there is not None and canonical(outputs.get("keptInMoto")) == canonical({"rule": there.get("rule")})
        return {"bucket": identity} if is_kept else there

    def get(self, client: Any, bucket: str) -> Properties:
        answer = ask(client.get_object_lock_configuration, Bucket=bucket)
        return {"rule": camel(_told(answer["ObjectLockConfiguration"].get("Rule")))} if answer else {}


class PublicAccessBlock(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        wanted = pascal({name: bool(inputs.get(name)) for name in names})
        client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted)

    def get(self, client: Any, bucket: str) -> Properties:
        answer = ask(client.get_public_access_block, Bucket=bucket)
        return camel(answer["PublicAccessBlockConfiguration"]) if answer else {}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_public_access_block, Bucket=identity)


class Encryption(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        wanted = {"Rules": pascal(inputs["rules"])}
        client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=wanted)

    def get(self, client: Any, bucket: str) -> Properties:
        answer = ask(client.get_bucket_encryption, Bucket=bucket)
        return {"rules": camel(_told(answer["ServerSideEncryptionConfiguration"]["Rules"]))} if answer else {}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_bucket_encryption, Bucket=identity)


def _told(value: Any) -> Any:
    """An answer without the flags that are off and the numbers that are zero: nobody has asked for those."""
    if isinstance(value, dict):
        return {key: _told(item) for key, item in value.items() if item}
    return [_told(item) for item in value] if isinstance(value, list) else value


class Ownership(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        wanted = {"Rules": [pascal(inputs["rule"])]}
        client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=wanted)

    def get(self, client: Any, bucket: str) -> Properties:
        answer = ask(client.get_bucket_ownership_controls, Bucket=bucket)
        return {"rule": camel(answer["OwnershipControls"]["Rules"][0])} if answer else {}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_bucket_ownership_controls, Bucket=identity)


_TARGET = {"targetBucket": "TargetBucket", "targetPrefix": "TargetPrefix"}


class Logging(Setting):
    """moto asks, as S3 does, whether the target bucket lets the log service write."""

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        format_ = inputs.get("targetObjectKeyFormat")
        more = {"TargetObjectKeyFormat": pascal(format_)} if format_ else {}
        wanted = {"LoggingEnabled": chosen(inputs, _TARGET) | more}
        client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=wanted)

    def get(self, client: Any, bucket: str) -> Properties:
        enabled = (ask(client.get_bucket_logging, Bucket=bucket) or {}).get("LoggingEnabled")
        if not enabled:
            return {}
        format_ = enabled.get("TargetObjectKeyFormat")
        return named(enabled, _TARGET) | ({"targetObjectKeyFormat": camel(format_)} if format_ else {})

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").put_bucket_logging, Bucket=identity, BucketLoggingStatus={})


class Policy(Setting):
    """moto takes a statement with a condition for a denial, so it is given a veiled one.

    An allowance holds without its condition there; a denial is about nothing and nobody that moto knows.
    """

    likeness = Likeness(documents={"policy"})

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        policy = json.loads(text(inputs["policy"]))
        veiled = [_veiled(each) for each in _statements(policy)]
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": veiled}))

    def get(self, client: Any, bucket: str) -> Properties:
        answer = ask(client.get_bucket_policy, Bucket=bucket)
        if not answer:
            return {}
        policy = json.loads(answer["Policy"])
        return {"policy": json.dumps({**policy, "Statement": [_unveiled(each) for each in _statements(policy)]})}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("s3").delete_bucket_policy, Bucket=identity)


_VEIL = "NotForMoto"


def _statements(policy: Properties) -> list[Properties]:
    listed = policy["Statement"]
    return listed if isinstance(listed, list) else [listed]


def _veiled(statement: Properties) -> Properties:
    if "Condition" not in statement:
        return statement
    veiled = {_VEIL if key == "Condition" else key: value for key, value in statement.items()}
    if statement["Effect"] == "Allow":
        return veiled
    # A principal that is a string would break moto's look for who may write logs.
    return {**veiled, "Principal": {_VEIL: statement["Principal"]}, "Action": _VEIL + json.dumps(statement["Action"])}


def _unveiled(statement: Properties) -> Properties:
    if _VEIL not in statement:
        return statement
    clear = {"Condition" if key == _VEIL else key: value for key, value in statement.items()}
    if clear["Effect"] == "Allow":
        return clear
    action = json.loads(clear["Action"].removeprefix(_VEIL))
    return {**clear, "Principal": clear["Principal"][_VEIL], "Action": action}


_RULE = {"Id": "ID"}


class Lifecycle(Setting):
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rules = [{"Filter": {}} | pascal(rule, _RULE) for rule in inputs.get("rules", [])]
        client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def get(self, client: Any, bucket: str) -> Properties:
        answer = ask(client.get_bucket_lifecycle_configuration, Bucket=bucket)
        return {"rules": camel(answer["Rules"], _RULE)} if answer else {}

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
    likeness = Likeness(
        {"contentType": "binary/octet-stream", "serverSideEncryption": "AES256", "storageClass": "STANDARD"}
    )

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        bucket, key = inputs["bucket"], inputs["key"]
        headers = chosen(inputs, _OBJECT_HEADERS)
        answer = cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=_body(inputs), **headers)
        return f"{bucket}/{key}", self._computed(bucket, key, answer)

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        bucket, _, key = identity.removeprefix("s3://").partition("/")
        answer = ask(cloud.client("s3").get_object, Bucket=bucket, Key=key)
        if answer is None:
            return None
        headers = named(answer, _OBJECT_HEADERS)
        body = _seen_body(answer["Body"].read(), outputs)
        return {"bucket": bucket, "key": key, **body, **headers, **self._computed(bucket, key, answer)}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(_delete_versions, cloud.client("s3"), outputs["bucket"], outputs["key"], exactly=True)

    def _computed(self, bucket: str, key: str, answer: Properties) -> Properties:
        computed = {"etag": answer["ETag"].strip('"'), "arn": f"arn:aws:s3:::{bucket}/{key}"}
        return computed | chosen(answer, {"VersionId": "versionId"})


def _body(inputs: Properties) -> bytes:
    if inputs.get("source") is not None:
        return content(inputs["source"])
    if inputs.get("contentBase64") is not None:
        return base64.b64decode(inputs["contentBase64"])
    return str(inputs.get("content", "")).encode()


def _seen_body(data: bytes, outputs: Properties) -> Properties:
    """The object's bytes under the input by which they were given; `content` if that is not known and they are text."""
    if signature(outputs.get("source")) is not None:
        digest = hashlib.sha256(data).hexdigest()
        return {"source": {SIGNATURE: ASSET, "hash": digest, "text": data.decode(errors="replace")}}
    try:
        given = "contentBase64" if "contentBase64" in outputs else "content"
        return {given: base64.b64encode(data).decode() if given == "contentBase64" else data.decode()}
    except UnicodeDecodeError:
        return {"content": None, "contentBase64": base64.b64encode(data).decode()}


HANDLERS: dict[str, Handler[Account]] = {
    "aws:s3/bucket:Bucket": Bucket(),
    "aws:s3/bucketVersioning:BucketVersioning": Versioning(),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ObjectLock(),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Ownership(),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": PublicAccessBlock(),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Encryption(),
    "aws:s3/bucketLogging:BucketLogging": Logging(),
    "aws:s3/bucketPolicy:BucketPolicy": Policy(),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Lifecycle(),
    "aws:s3/bucketObjectv2:BucketObjectv2": BucketObject(),
}
