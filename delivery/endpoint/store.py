"""Where head, override and catalog come from: the port, and S3 behind it.

Knows nothing of what the bytes mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONNECT_S, READ_S = 1.0, 2.0  # they bound a look at the store; what an answer waits for it is Settings.budget
LARGEST = 32 * 2**20  # bytes; an object without end must not fill the memory


class StoreError(Exception):
    """The store did not give the object. The text may be shown in public: it names no bucket and no key.

    `at` is when it said so by its own clock, where it said that.
    """

    def __init__(self, said: str, at: datetime | None = None) -> None:
        super().__init__(said)
        self.at = at


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object's bytes, the tag by which to ask whether it changed, and when it came by the store's own clock."""

    data: bytes
    etag: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The object still has the tag that was sent."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no such object."""

    at: datetime | None = None


class ObjectStore(Protocol):
    """Gets one object, whole."""

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:
        """The object, unless its tag is still `etag`.

        Raises StoreError, within a few seconds.
        """


class S3Store:
    """A bucket. Never retries: the next request looks again, and until then the last good catalog answers.

    Where S3 is (AWS_ENDPOINT_URL_S3) and who asks are boto3's own variables, as the place that runs it sets them.
    """

    def __init__(self, bucket: str, region: str) -> None:
        self._bucket = bucket
        self._client: Any = boto3.client(
            "s3",
            region_name=region,
            config=Config(
                connect_timeout=CONNECT_S,
                read_timeout=READ_S,
                retries={"total_max_attempts": 1},
            ),
        )

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:
        """See ObjectStore."""
        condition = {"IfNoneMatch": etag} if etag else {}
        try:
            reply = self._client.get_object(Bucket=self._bucket, Key=key, **condition)
            if reply["ContentLength"] > LARGEST:
                raise StoreError(f"the object is larger than {LARGEST} bytes", _said_at(reply))
            return Fetched(reply["Body"].read(), reply["ETag"], _said_at(reply))
        except ClientError as error:
            return _no_object(error)
        except (BotoCoreError, OSError) as error:
            raise StoreError(f"the store could not be reached ({type(error).__name__})") from error


def _no_object(error: ClientError) -> Unchanged | Absent:
    """What else than an object S3 says. It says NoSuchKey only to those who may list the bucket."""
    code, at = error.response.get("Error", {}).get("Code", "unknown"), _said_at(error.response)
    if code in ("304", "NotModified"):
        return Unchanged(at)
    if code == "NoSuchKey":
        return Absent(at)
    raise StoreError(f"the store said {code}", at) from error


def _said_at(reply: Mapping[str, Any]) -> datetime | None:
    """When the store answered, by its Date header; None where that is missing or none."""
    said = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
