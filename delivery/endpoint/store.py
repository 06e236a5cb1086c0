"""Where head, override and catalog come from: the port, and S3 behind it.

Knows nothing of what the bytes mean.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Protocol

import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

CONNECT_S, READ_S = 1.0, 2.0  # they bound a look at the store; what an answer waits for it is Settings.budget
WHOLE_S = 2 * READ_S  # for all of an object's bytes: a store that drips would never leave READ_S between two of them
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

    Signed by botocore, which also finds who asks; asked by urllib3, because botocore's own client for S3 takes longer
    to make than everything else at a cold start, and more memory than a catalog. Where S3 is, if not at AWS, says
    AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, as everywhere.
    """

    def __init__(self, bucket: str, region: str) -> None:
        self._at = _address(bucket, region, os.environ)
        self._region = region
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S))
        self._session = Session()

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:
        """See ObjectStore."""
        try:
            reply = self._ask(f"{self._at}/{key}", {"If-None-Match": etag} if etag else {})
            try:
                found = _read(reply)
            except BaseException:
                reply.close()  # what still comes of it would be taken for the next answer
                raise
            reply.release_conn()
            return found
        except (BotoCoreError, urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreError(f"the store could not be reached ({type(error).__name__})") from error

    def _ask(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise StoreError("nobody is signed in to ask the store")
        request = AWSRequest("GET", url, dict(headers))
        S3SigV4Auth(credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        return self._http.request("GET", url, headers=dict(request.headers), preload_content=False, redirect=False)


def _address(bucket: str, region: str, env: Mapping[str, str]) -> str:
    elsewhere = env.get("AWS_ENDPOINT_URL_S3") or env.get("AWS_ENDPOINT_URL")
    return f"{elsewhere.rstrip('/')}/{bucket}" if elsewhere else f"https://{bucket}.s3.{region}.amazonaws.com"


def _read(reply: urllib3.BaseHTTPResponse) -> Fetched | Unchanged | Absent:
    """What S3 says. It says NoSuchKey only to those who may list the bucket."""
    at = _said_at(reply.headers.get("Date", ""))
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return Unchanged(at)
    data = _body(reply, monotonic() + WHOLE_S)
    if reply.status != HTTPStatus.OK:
        code = _CODE.search(data)
        if code and code[1] == b"NoSuchKey":
            return Absent(at)
        raise StoreError(f"the store said {code[1].decode() if code else reply.status}", at)
    if len(data) > LARGEST:
        raise StoreError(f"the object is larger than {LARGEST} bytes", at)
    return Fetched(data, reply.headers.get("ETag", ""), at)


def _body(reply: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """All that comes, or more than LARGEST of it. Raises StoreError where that takes too long."""
    data = bytearray()  # one piece that grows: many small ones would leave holes in the memory for good
    while len(data) <= LARGEST and (part := reply.read1(_PART)):
        if monotonic() > deadline:
            raise StoreError(f"the store did not send the whole object within {WHOLE_S:g} seconds")
        data += part
    return bytes(data)


_PART = 2**16  # bytes; what is there is taken, be it less
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")


def _said_at(said: str) -> datetime | None:
    """When the store answered, by its Date header; None where that is missing or none."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
