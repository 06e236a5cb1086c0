"""Cloudflare's caches in front of an environment: how they are purged, and from when on nothing old comes behind them.

https://developers.cloudflare.com/cache/how-to/purge-cache/: by prefix on every plan, at once in all data centres; on
Pro five requests a second, after a burst of 25, with 100 prefixes each.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from delivery.deploy.freshen import Edge, PurgeRefused
from delivery.endpoint.answers import LONGEST_S
from delivery.endpoint.source import LATE
from infra.config import InfraConfig
from infra.names import Names

TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 - the variable that the provider reads, too
ADDRESS = "CLOUDFLARE_BASE_URL"  # the variable of Cloudflare's own clients
CLOUDFLARE = "https://api.cloudflare.com/client/v4"
TIMEOUT = (4.0, 15.0)  # seconds to connect, and to answer
MANIFESTS = "v1"  # all that the live stack writes lies below it, on the downloads host; artifacts do not

_MEND = f"set {TOKEN} to a token that has the zone's permission Cache Purge"

# A purge may be said twice. Waits 0, 1, 2, 4 s between tries, or as long as the answer says.
_TRIES = Retry(
    total=4,
    backoff_factor=0.5,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,
    raise_on_status=False,
    retry_after_max=30,
)


@dataclass(frozen=True, slots=True)
class CloudflarePurge:
    """A zone's caches, purged with the token that is in hand here: it needs the zone's permission Cache Purge."""

    zone: str

    def __call__(self, prefixes: Sequence[str]) -> None:
        """See Purge."""
        if not (token := os.environ.get(TOKEN)):
            raise PurgeRefused(f"{TOKEN} is not set; {_MEND}")
        address = os.environ.get(ADDRESS, CLOUDFLARE).rstrip("/")
        with requests.Session() as session:
            session.mount(address, HTTPAdapter(max_retries=_TRIES))
            try:
                reply = session.post(
                    f"{address}/zones/{self.zone}/purge_cache",
                    json={"prefixes": list(prefixes)},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=TIMEOUT,
                )
            except requests.RequestException as error:
                raise PurgeRefused(f"Cloudflare's API could not be reached ({type(error).__name__})") from None
        if trouble := _trouble(reply):
            raise PurgeRefused(trouble)


def cloud_edge(names: Names, infra: InfraConfig) -> Edge:
    """The caches in front of an environment in the clouds.

    An instance that had just confirmed the old head when the new one was written may for LATE * `confirm_after` seconds
    begin answers from it that caches keep, whatever the store does, and each is over after the function's `timeout`.
    """
    return Edge(
        purge=CloudflarePurge(infra.cloudflare.zone),
        prefixes=(names.updates_host, f"{names.downloads_host}/{MANIFESTS}"),
        settle=LATE * infra.endpoint.confirm_after + infra.endpoint.timeout,
        kept=LONGEST_S,
        again=f"./inv purge {names.environment} does it again",
    )


def _trouble(reply: requests.Response) -> str:
    """What Cloudflare says is wrong; empty if nothing is. Everything it says is `{"success", "errors", …}`."""
    try:
        said = reply.json()
        errors = [f"{each['message']} (code {each['code']})" for each in said["errors"]]
        fine = reply.ok and said["success"]
    except (ValueError, KeyError, TypeError):
        errors, fine = [], False
    if fine:
        return ""
    mend = f"; {_MEND}" if reply.status_code in (401, 403) else ""
    return f"Cloudflare refused to purge: {', '.join(errors) or f'status {reply.status_code}'}{mend}"
