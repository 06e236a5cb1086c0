"""Objects that are written again and again, by more than one hand: read with their tag, and written on that tag."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from delivery.engines.engine_pulumi import unreachable
from delivery.engines.stack import EngineError

# Somebody waits for it, and many objects are to be written: where a store hangs, that is to be known soon.
PROMPT = Config(connect_timeout=3, read_timeout=8, retries={"total_max_attempts": 3, "mode": "standard"})

_NOT_THERE = ("404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion")
_CHANGED = ("409", "412", "ConditionalRequestConflict", "NoSuchKey", "PreconditionFailed")


class Changed(Exception):  # noqa: N818 - what was found
    """Somebody else wrote the object since it was read; nothing was written."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object: its bytes, the tag of just these, and what stands beside them."""

    data: bytes
    etag: str
    metadata: Mapping[str, str] = field(default_factory=dict)


class Objects(Protocol):
    """The objects of one bucket."""

    def read(self, key: str) -> Found | None:
        """The object; None if it is not there. Raises EngineError."""

    def older(self, key: str, most: int) -> Iterator[bytes]:
        """What the object was before, newest first, as far as the bucket keeps it. Raises EngineError."""

    def write(self, key: str, data: bytes, on: str | None, **served: Any) -> None:
        """Writes it if its tag is still `on`; if None, if it is still not there. `served` as S3 calls it.

        Raises Changed, EngineError.
        """


class Bucket:
    """A bucket behind a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def read(self, key: str) -> Found | None:
        """See Objects."""
        try:
            reply = self._client.get_object(Bucket=self._bucket, Key=key)
            return Found(bytes(reply["Body"].read()), reply["ETag"], reply["Metadata"])
        except ClientError as error:
            if _code(error) in _NOT_THERE:
                return None
            raise self._unreachable(error) from None
        except (BotoCoreError, OSError) as error:
            raise self._unreachable(error) from None

    def older(self, key: str, most: int) -> Iterator[bytes]:
        """See Objects."""
        try:
            listed = self._client.list_object_versions(Bucket=self._bucket, Prefix=key, MaxKeys=most + 1)
            kept = [each for each in listed.get("Versions", ()) if each["Key"] == key and not each["IsLatest"]]
            for each in kept[:most]:
                reply = self._client.get_object(Bucket=self._bucket, Key=key, VersionId=each["VersionId"])
                yield bytes(reply["Body"].read())
        except (BotoCoreError, ClientError, OSError) as error:
            raise self._unreachable(error) from None

    def write(self, key: str, data: bytes, on: str | None, **served: Any) -> None:
        """See Objects."""
        condition = {"IfMatch": on} if on else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data, **condition, **served)
        except ClientError as error:
            if _code(error) in _CHANGED:
                raise Changed(key) from None
            raise self._unreachable(error) from None
        except (BotoCoreError, OSError) as error:
            raise self._unreachable(error) from None

    def listing(self) -> Mapping[str, str]:
        """The tag of every object, by key: one request for each thousand. Raises EngineError."""
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
            return {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", ())}
        except (BotoCoreError, ClientError, OSError) as error:
            raise self._unreachable(error) from None

    def remove(self, key: str) -> None:
        """Removes an object, if it is there. Raises EngineError."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError, OSError) as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> EngineError:
        return EngineError(f"{self._bucket}: {unreachable(str(error))}")


class Later:
    """A bucket that is opened when it is first asked for: who lacks its keys can do all that comes before."""

    def __init__(self, opened: Callable[[], Objects]) -> None:
        self._open, self._opened, self._lock = opened, cast("Objects | None", None), threading.Lock()

    def read(self, key: str) -> Found | None:
        """See Objects."""
        return self._bucket().read(key)

    def older(self, key: str, most: int) -> Iterator[bytes]:
        """See Objects."""
        return self._bucket().older(key, most)

    def write(self, key: str, data: bytes, on: str | None, **served: Any) -> None:
        """See Objects."""
        self._bucket().write(key, data, on, **served)

    def _bucket(self) -> Objects:
        with self._lock:
            self._opened = self._opened or self._open()
            return self._opened


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
