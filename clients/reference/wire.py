"""One HTTP GET as the plugin's reqwest makes it: few headers, ten redirects, no decoding, no retry."""

from dataclasses import dataclass

import urllib3
from urllib3.util import SKIP_HEADER, Retry

from clients.reference.errors import Reqwest

USER_AGENT = "tauri-plugin-updater/2.14.1"
# A 503 with Retry-After must come back at once: the next endpoint is asked, not the same again.
_ONLY_REDIRECTS = Retry(10, connect=0, read=0, status=0, other=0, redirect=10, respect_retry_after_header=False)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer, its body as it came."""

    status: int
    reason: str
    body: bytes

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


def get(url: str, accept: str, timeout: float | None) -> Response:
    """The answer, redirects followed. `timeout` is in seconds, for connecting and for each wait for bytes.

    Raises Reqwest when there is no answer.
    """
    headers = {"Accept": accept, "User-Agent": USER_AGENT, "Accept-Encoding": SKIP_HEADER}
    with urllib3.PoolManager() as pool:
        try:
            answer = pool.request(
                "GET", url, headers=headers, timeout=timeout, retries=_ONLY_REDIRECTS, decode_content=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise Reqwest(f"error sending request for url ({url}): {error}") from None
        return Response(answer.status, answer.reason or "", answer.data)
