"""What is asked through an edge to see whether what was written is what installations get."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests

from delivery.artifacts.manifests import NOTHING
from delivery.deploy.freshen import Ask

TIMEOUT = 5.0  # seconds, as an installation's
_NEVER_ASKED = "probe"  # a query key that the endpoint does not know: another address for caches, the same answer


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the head of this serial, and these objects on the downloads host, by their keys.

    `check` is the path of an update check that every head answers.
    """

    updates: str  # addresses of the hosts, without a slash at the end
    downloads: str
    check: str
    serial: int
    objects: Mapping[str, bytes]

    def asks(self, *, anew: bool) -> list[Ask]:
        """Whether each is what is served; `anew` as in `serial_of`."""
        objects = (bytes_of(f"{self.downloads}/{key}", data, anew=anew) for key, data in self.objects.items())
        return [serial_of(f"{self.updates}{self.check}", self.serial, anew=anew), *objects]


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


def offers_none(url: str, halted: Callable[[str], bool], *, anew: bool) -> Ask:
    """Whether an update check or a static manifest there offers none of these versions. `anew` as above.

    503 and 404 offer nothing either: installations go on with the manifests, and those are asked by themselves.
    """

    def ask() -> str:
        reply = _get(url, anew=anew)
        if isinstance(reply, str):
            return reply
        if reply.status_code in (204, 404, 503):
            return ""
        try:
            version = str(reply.json()["version"]) if reply.status_code == 200 else ""
        except (ValueError, KeyError, TypeError):
            version = ""
        if not version:
            return f"{url} answers with status {reply.status_code}, which is neither an offer nor none"
        return f"{url} still offers {version}" if version != NOTHING and halted(version) else ""

    return ask


def _get(url: str, *, anew: bool) -> requests.Response | str:
    query = {_NEVER_ASKED: str(time.time_ns())} if anew else {}
    try:
        return requests.get(url, params=query, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return f"{url} does not answer ({type(error).__name__})"
