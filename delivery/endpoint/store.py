"""Where head and catalog come from: the port, and S3 behind it.

Knows nothing of what the bytes mean.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONNECT_S, READ_S = 1.0, 2.0  # they bound a look at the store; what an answer waits for it is Settings.budget
LARGEST = 32 * 2**20  # bytes; an object without end must not fill the memory


class StoreError(Exception):
    """The store did not give the object. The text may be shown in public: it names no bucket and no key."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object's bytes, and the tag by which to ask whether it changed."""

    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The object still has the tag that was sent."""


class ObjectStore(Protocol):
    """Gets one object, whole."""

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged:
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

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged:
        """See ObjectStore."""
        condition = {"IfNoneMatch": etag} if etag else {}
        try:
            reply = self._client.get_object(Bucket=self._bucket, Key=key, **condition)
            if reply["ContentLength"] > LARGEST:
                raise StoreError(f"the object is larger than {LARGEST} bytes")
            return Fetched(reply["Body"].read(), reply["ETag"])
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            if code in ("304", "NotModified"):
                return Unchanged()
            raise StoreError(f"the store said {code}") from error
        except (BotoCoreError, OSError) as error:
            raise StoreError(f"the store could not be reached ({type(error).__name__})") from error
