"""The laptop's AWS as deploy meets it: a marker that tells whether it still remembers, builds, objects."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from delivery.artifacts.objects import Bucket
from delivery.deploy.objects import Bucket as Objects

MARKER = "espice-laptop-remembers"


class Moto:
    """A moto server at this URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._s3: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="laptop",
            aws_secret_access_key="laptop",  # noqa: S106 - moto asks for none, boto3 for any
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
        )

    def is_marked(self) -> bool:
        """Whether it is the one that was marked, and not a new one without memory."""
        try:
            self._s3.head_bucket(Bucket=MARKER)
        except ClientError:
            return False
        return True

    def mark(self) -> None:
        """Leave a mark that lasts as long as its memory."""
        self._s3.create_bucket(Bucket=MARKER)

    def keep_build(self, bucket: str, key: str, data: bytes) -> None:
        """Put a build where the program looks for it, into a bucket of the ground stack."""
        self._s3.put_object(Bucket=bucket, Key=key, Body=data)

    def store(self, bucket: str) -> Bucket:
        """A bucket to publish to."""
        return Bucket(self._s3, bucket)

    def objects(self, bucket: str) -> Objects:
        """A bucket whose objects are written again and again."""
        return Objects(self._s3, bucket)

    def found(self, bucket: str, key: str) -> bytes | None:
        """An object's bytes; None only if it is known not to be there. Raises EngineError."""
        found = self.objects(bucket).read(key)
        return found.data if found else None

    def read(self, bucket: str, key: str) -> bytes | None:
        """An object's bytes, or None."""
        try:
            data: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            return None
        return data
