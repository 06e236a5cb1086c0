"""An updater that installs nothing: asks as an installation does, through the edge, and judges the answer.

A Lambda function of its own, from the endpoint's own zip, runs it every minute; the event says where to ask. What it
found leaves by its log, as metrics in CloudWatch's embedded format, so its role may do nothing but write that log.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import msgspec
import urllib3

from delivery.endpoint import metrics
from delivery.endpoint.log import to_stderr
from delivery.endpoint.settings import Settings
from delivery.rules.decide import Reason
from delivery.rules.head import Head, HeadRefused, unseal

PATIENCE_S = 4.0  # for each of the two answers; what takes longer is none
LAG = timedelta(minutes=2)  # after a new head, until no cache may have an answer from the one before
_NOT_UNDERSTOOD = {Reason.malformed, Reason.unknown_channel, Reason.unknown_target}
_STATIC_ONLY = {"name", "platforms"}  # would make the plugin read the answer as another kind of document


@dataclass(frozen=True, slots=True)
class Where:
    """The two addresses: of an update check that the endpoint must understand, and of the signed head."""

    check: str
    head: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


Ask = Callable[[str], Reply | None]
"""Gets an address; None if no answer came in time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that is wrong, one sentence each, and how long the head is still believed, if it is."""

    wrong: tuple[str, ...]
    left: timedelta | None


class _Offer(msgspec.Struct):
    """What Tauri's updater reads of an offer."""

    version: str
    url: str
    signature: str
    pub_date: datetime
    notes: str


def judge(check: Reply | None, head: Reply | None, settings: Settings, now: datetime) -> Verdict:
    """Whether an installation could have used this answer, and whether it is of the head that is live."""
    believed = _believe(head, settings, now)
    wrong = [] if isinstance(believed, Head) else [believed]
    if check is None:
        wrong.append("the update check got no answer")
    elif check.status == 200:
        wrong += [*_offer(check, settings), *_serial(check, believed, now)]
    elif check.status == 204:
        wrong += [*_nothing(check), *_serial(check, believed, now)]
    else:
        wrong.append(f"the update check got status {check.status}")
    return Verdict(tuple(wrong), believed.expires - now if isinstance(believed, Head) else None)


def _believe(head: Reply | None, settings: Settings, now: datetime) -> Head | str:
    if head is None or head.status != 200:
        return "the head got no answer" if head is None else f"the head got status {head.status}"
    try:
        return unseal(head.body, settings.head_keys, settings.product, settings.environment, now)
    except HeadRefused as error:
        return f"the head is not to be believed: {error}"


def _offer(check: Reply, settings: Settings) -> list[str]:
    try:
        offer = msgspec.json.decode(check.body, type=_Offer)
        said = msgspec.json.decode(check.body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        return [f"the offer is not what an updater reads: {error}"]
    wrong = [
        f"the offer has {key}, which an updater takes for a static manifest" for key in sorted(_STATIC_ONLY & {*said})
    ]
    if not offer.url.startswith(f"{settings.downloads_url}/"):
        wrong.append("the offer does not lead to the downloads host")
    if not offer.signature:
        wrong.append("the offer has no signature")
    return wrong


def _nothing(check: Reply) -> list[str]:
    reason = check.headers.get("espice-reason")
    if reason is None:
        return ["nothing was offered, and not by the endpoint: the answer says no reason"]
    return [f"the update check was not understood: {reason}"] if reason in _NOT_UNDERSTOOD else []


def _serial(check: Reply, head: Head | str, now: datetime) -> list[str]:
    """An answer newer than the head is none the worse: caches let go of the two at different moments."""
    if not isinstance(head, Head) or now - head.issued < LAG:
        return []
    said = check.headers.get("espice-serial", "")
    behind = not said.isdecimal() or int(said) < head.serial
    return [f"the answer is of serial {said or 'nothing'}, the head of {head.serial}"] if behind else []


def run(where: Where, settings: Settings, ask: Ask, now: datetime) -> dict[str, Any]:
    """Asks and judges; what was found, as a line of log that CloudWatch takes its metrics from."""
    began = perf_counter()
    check = ask(where.check)
    counted = {metrics.TOOK: round(1000 * (perf_counter() - began), 1)}
    verdict = judge(check, ask(where.head), settings, now)
    counted[metrics.VALID] = 0.0 if verdict.wrong else 1.0
    if verdict.left is not None:
        counted[metrics.HOURS_LEFT] = round(verdict.left / timedelta(hours=1), 2)
    return {**metrics.line(settings.environment, counted, now), "wrong": list(verdict.wrong)}


_POOL = urllib3.PoolManager(retries=False, timeout=PATIENCE_S, headers={"Accept": "application/json"})


def _get(address: str) -> Reply | None:
    try:
        reply = _POOL.request("GET", address, redirect=False)
    except urllib3.exceptions.HTTPError:
        return None
    return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.data)


def handler(event: Mapping[str, str], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """One run. The event is a `Where`."""
    line = run(msgspec.convert(event, Where), Settings.from_env(os.environ), _get, datetime.now(UTC))
    to_stderr(line)
    return line
