"""One HTTP GET as the plugin's reqwest makes it: few headers, ten redirects, no decoding, no retry."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, responses
from types import TracebackType
from typing import Self

from ada_url import URL
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import SKIP_HEADER

from clients.reference.errors import Reqwest

USER_AGENT = "tauri-plugin-updater/2.14.1"
REDIRECTS = 10
_BROKEN = (HTTPError, HTTPException, OSError)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose head is here, and whose body is read if anybody wants it. To be closed."""

    answer: HTTPResponse
    connection: HTTPConnection
    deadline: float | None

    @property
    def status(self) -> int:
        """Of three digits."""
        return self.answer.status

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """The status in words: the usual ones, whatever words the server has."""
        return f"{self.status} {responses.get(self.status, '<unknown status code>')}"

    def body(self) -> bytes:
        """All of it, as it came. Raises Reqwest if it breaks off or takes too long."""
        whole = bytearray()
        try:
            while part := self.answer.read1(2**16, decode_content=False):
                whole += part
                _left(self.deadline)
        except _BROKEN as error:
            raise Reqwest(f"error decoding response body: {error}") from None
        return bytes(whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()


def get(url: str, accept: str, timeout: float | None, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """The answer, redirects followed. `timeout` is in seconds, from now until the body was read; None waits for ever.

    Raises Reqwest when there is no answer.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    said = {"accept": accept, **{name.lower(): value for name, value in headers}}
    try:
        return _follow(url, {**said, "user-agent": USER_AGENT, "accept-encoding": SKIP_HEADER}, deadline)
    except _BROKEN as error:
        raise Reqwest(f"error sending request for url ({url}): {error}") from None


def _follow(url: str, headers: Mapping[str, str], deadline: float | None) -> Response:
    sent = dict(headers)
    for _ in range(REDIRECTS + 1):
        response = _ask(url, sent, deadline)
        target = _target(url, response.answer)
        if not target:
            return response
        response.connection.close()
        sent["referer"] = url.partition("#")[0]
        url = target
    raise HTTPError(f"more than {REDIRECTS} redirects")


def _ask(url: str, headers: Mapping[str, str], deadline: float | None) -> Response:
    """By a connection and not a pool, which would spell the URL anew."""
    to = URL(url)
    if to.protocol not in _CONNECTIONS:
        raise HTTPError(f"{to.protocol} is no way to ask")
    kind, usual = _CONNECTIONS[to.protocol]
    connection = kind(to.hostname.strip("[]"), int(to.port or usual), timeout=_left(deadline))
    try:
        connection.request("GET", to.pathname + to.search, headers=headers, preload_content=False)
        return Response(connection.getresponse(), connection, deadline)
    except BaseException:
        connection.close()
        raise


_CONNECTIONS = {"http:": (HTTPConnection, 80), "https:": (HTTPSConnection, 443)}


def _target(url: str, answer: HTTPResponse) -> str | None:
    """Where it redirects to. One that names no URL is an answer like any other."""
    location = answer.headers.get("location")
    if location is None or answer.status not in _REDIRECTING:
        return None
    try:
        return str(URL(location.encode("latin-1").decode(), base=url).href)
    except ValueError:
        return None


_REDIRECTING = (301, 302, 303, 307, 308)


def _left(deadline: float | None) -> float | None:
    """Seconds. Raises TimeoutError when there are none."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("operation timed out")
    return left
