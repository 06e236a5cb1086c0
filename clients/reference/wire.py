"""One HTTP GET as the plugin's reqwest makes it: few headers, ten redirects, no decoding, no retry."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import responses
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import urllib3
from urllib3.util import SKIP_HEADER

from clients.reference.errors import Reqwest

USER_AGENT = "tauri-plugin-updater/2.14.1"
REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose head is here, and whose body is read if anybody wants it. To be closed."""

    status: int
    _answer: urllib3.BaseHTTPResponse
    _deadline: float | None

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
            while part := self._answer.read1(2**16, decode_content=False):
                whole += part
                _left(self._deadline)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Reqwest(f"error decoding response body: {error}") from None
        return bytes(whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer.close()


def get(url: str, accept: str, timeout: float | None, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """The answer, redirects followed. `timeout` is in seconds, from now until the body was read; None waits for ever.

    Raises Reqwest when there is no answer.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    said = {"accept": accept, **{name.lower(): value for name, value in headers}}
    try:
        answer = _follow(url, {**said, "user-agent": USER_AGENT, "accept-encoding": SKIP_HEADER}, deadline)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Reqwest(f"error sending request for url ({url}): {error}") from None
    return Response(answer.status, answer, deadline)


def _follow(url: str, headers: Mapping[str, str], deadline: float | None) -> urllib3.BaseHTTPResponse:
    pool = urllib3.PoolManager()
    for _ in range(REDIRECTS + 1):
        limit = urllib3.Timeout(total=_left(deadline))
        # Without retries: a 503 with Retry-After must come back at once, for the next endpoint is asked, not the same.
        answer = pool.request(
            "GET", url, headers=headers, timeout=limit, retries=False, redirect=False, preload_content=False
        )
        target = answer.get_redirect_location()
        if not target:
            return answer
        answer.close()
        url = urljoin(url, target)
    raise urllib3.exceptions.HTTPError(f"more than {REDIRECTS} redirects")


def _left(deadline: float | None) -> float | None:
    """Seconds. Raises TimeoutError when there are none."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("operation timed out")
    return left
