"""What is asked through an edge to see whether what was written is what installations get."""

import time

import requests

from delivery.deploy.freshen import Ask

TIMEOUT = 5.0  # seconds, as an installation's
_NEVER_ASKED = "probe"  # a query key that the endpoint does not know: another address for caches, the same answer


def serial_of(url: str, serial: int, *, anew: bool) -> Ask:
    """Whether an update check there is answered from this head, or one after it.

    `anew` by an address that no cache has, so that the origin answers; else as installations ask.
    """

    def ask() -> str:
        reply = _get(url, anew=anew)
        if isinstance(reply, str):
            return reply
        said = reply.headers.get("ESpice-Serial", "")
        if reply.status_code not in (200, 204) or not said.isdecimal():
            return f"{url} answers with status {reply.status_code}"
        return "" if int(said) >= serial else f"{url} answers from serial {said}, not {serial}"

    return ask


def bytes_of(url: str, wanted: bytes, *, anew: bool) -> Ask:
    """Whether an object there is this one. `anew` as above."""

    def ask() -> str:
        reply = _get(url, anew=anew)
        if isinstance(reply, str):
            return reply
        if reply.status_code != 200:
            return f"{url} answers with status {reply.status_code}"
        return "" if reply.content == wanted else f"{url} is another than the one that was written"

    return ask


def _get(url: str, *, anew: bool) -> requests.Response | str:
    query = {_NEVER_ASKED: str(time.time_ns())} if anew else {}
    try:
        return requests.get(url, params=query, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return f"{url} does not answer ({type(error).__name__})"
