"""The objects of one bucket, S3's or R2's, for things that are written once. Knows nothing of versions or facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

SHA256 = "sha256"  # the metadata that says what an object's bytes are


class AlreadyThere(Exception):  # noqa: N818 - named for what was found
    """An object has this key already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a listing says of an object. `etag` is the MD5 of its bytes in buckets without KMS encryption."""

    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Served:
    """How an object is to be served."""

    content_type: str
    content_disposition: str
    cache_control: str


class Store(Protocol):
    """What `publish` needs of a bucket."""

    name: str

    def listing(self, prefix: str) -> Mapping[str, Stored]:
        """All objects whose key begins so, by key."""

    def sha256(self, key: str) -> str | None:
        """The digest that an object was put with; None if it was put without one."""

    def get(self, key: str) -> bytes:
        """The bytes of an object."""

    def put_new(self, key: str, data: bytes, sha256: str, served: Served) -> None:
        """Writes an object that is not there yet; raises AlreadyThere."""


class Bucket:
    """A bucket behind a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.name = bucket
        self._client = client

    def listing(self, prefix: str) -> Mapping[str, Stored]:
        """All objects whose key begins so, by key: one request for each thousand."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        found = (item for page in pages for item in page.get("Contents", ()))
        return {item["Key"]: Stored(item["Size"], item["ETag"].strip('"')) for item in found}

    def sha256(self, key: str) -> str | None:
        """The digest that an object was put with; None if it was put without one."""
        metadata: Mapping[str, str] = self._client.head_object(Bucket=self.name, Key=key)["Metadata"]
        return metadata.get(SHA256)

    def get(self, key: str) -> bytes:
        """The bytes of an object."""
        data: bytes = self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return data

    def put_new(self, key: str, data: bytes, sha256: str, served: Served) -> None:
        """Writes an object that is not there yet; raises AlreadyThere. The store itself refuses to overwrite."""
        try:
            self._client.put_object(
                Bucket=self.name,
                Key=key,
                Body=data,
                IfNoneMatch="*",
                Metadata={SHA256: sha256},
                ContentType=served.content_type,
                ContentDisposition=served.content_disposition,
                CacheControl=served.cache_control,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise AlreadyThere(key) from None
            raise
