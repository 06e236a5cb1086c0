"""What goes back over the wire: one decision as Tauri's updater wants it, or a problem as RFC 9457 wants it.

Nothing a client sent ever appears in an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec

from delivery.endpoint import naming
from delivery.endpoint.look import Live
from delivery.endpoint.settings import Settings
from delivery.rules.catalog import download_url
from delivery.rules.compile import Blocked
from delivery.rules.decide import Decision, NoOffer, Offer

LONGEST_S = 30  # seconds that a cache may keep an answer: how long a stop takes to reach everyone behind one
RETRY_S = 30
NOT_KEPT = {"Cache-Control": "no-store"}
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: HTTPStatus
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer in the shape in which WSGI sends it. `status` and `reason` are what it is counted by."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    status: int
    reason: str

    @property
    def size(self) -> int:
        """Bytes, about: the names of headers are shared, and a list and its pairs are larger than what they hold."""
        return len(self.body) + sum(80 + len(value) for _, value in self.headers)


def ready(reply: Answer) -> Ready:
    """The same answer. A 204 says no length."""
    headers = list(reply.headers.items())
    if reply.status is not HTTPStatus.NO_CONTENT:
        headers.append(("Content-Length", str(len(reply.body))))
    line, reason = f"{int(reply.status)} {reply.status.phrase}", reply.headers.get("ESpice-Reason", "")
    return Ready(line, headers, reply.body, int(reply.status), reason)


def answer(decision: Decision, live: Live, settings: Settings, now: datetime) -> Answer:
    """200 with the offer, or 204: for Tauri that ends its search, so it means "nothing for you" and never "broken".

    `name` beside `version` would make the plugin refuse the body; any `platforms` would make it a static manifest.
    """
    headers = {
        "Cache-Control": cache_control(now, decision.until, live.head.expires),
        "ESpice-Serial": str(live.head.serial),
        "ESpice-Commit": live.head.commit,
        "ESpice-Reason": str(decision.reason if isinstance(decision, NoOffer) else decision.rule),
        **({"ESpice-Fact": decision.fact} if decision.fact else {}),
        **GUARDS,
    }
    if isinstance(decision, NoOffer):
        return Answer(HTTPStatus.NO_CONTENT, headers)
    body = msgspec.json.encode(_release(decision, live, settings))
    return Answer(HTTPStatus.OK, {**headers, "Content-Type": "application/json"}, body)


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """What went wrong, as application/problem+json. Never kept by a cache; 503 says when to ask again.

    It names the request that it answers, as the log does.
    """
    name = naming.current()
    instance = {"instance": f"urn:espice:request:{name}"} if name else {}
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **instance}
    retry = {"Retry-After": str(RETRY_S)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    said = {"Content-Type": "application/problem+json", **NOT_KEPT, **retry, **(headers or {})}
    return Answer(status, {**said, **GUARDS}, msgspec.json.encode(body))


def cache_control(now: datetime, *moments: datetime | None) -> str:
    """Keep it at most half a minute, and never past a moment at which it may become wrong.

    Whole seconds rounded down; with less than one left nothing may keep it at all.
    """
    left = min((int((moment - now).total_seconds()) for moment in moments if moment), default=LONGEST_S)
    seconds = min(LONGEST_S, left)
    return f"public, max-age={seconds}" if seconds > 0 else "no-store"


def longest(decision: Decision, live: Live) -> datetime:
    """The last moment at which a cache may still keep this answer for the longest time."""
    moments = (decision.until, live.head.expires)
    return min(moment for moment in moments if moment) - timedelta(seconds=LONGEST_S)


def _release(offer: Offer, live: Live, settings: Settings) -> dict[str, object]:
    release = live.table.catalog.releases[offer.version]
    return {
        "version": offer.version,
        "pub_date": release.published,
        "url": download_url(settings.downloads_url, settings.product, offer.version, offer.artifact.file),
        "signature": offer.artifact.signature,
        "notes": release.notes,
        **({"warnings": [_warning(each) for each in offer.warnings]} if offer.warnings else {}),
    }


def _warning(block: Blocked) -> dict[str, str]:
    """A block of this edge that only warns; the plugin ignores it, the app finds it in `rawJson`."""
    return {"block": block.name, "reason": block.reason}
