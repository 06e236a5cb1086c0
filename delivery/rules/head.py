"""The head: the small signed paper that says which catalog is the current one.

Whoever holds the head's key can make old facts current
again until the head expires, and nothing more: artifacts are signed by other keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from securesystemslib.signer import Signer

from delivery.rules import envelope
from delivery.rules.envelope import NotBelieved
from delivery.rules.facts import Key

PAYLOAD_TYPE = "application/vnd.espice.head.v1+json"
LIFETIME = timedelta(hours=72)  # an endpoint with an older head answers 503, so clients go down the ladder
RESIGN_AFTER = timedelta(hours=12)


class HeadRefused(NotBelieved):
    """This head must not be believed; the text says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """`serial` is the first-parent count of `commit`; `sha256` names the catalog; `expires` bounds replay."""

    product: str
    environment: str
    serial: int
    commit: str
    sha256: str
    issued: datetime
    expires: datetime

    def is_due(self, now: datetime) -> bool:
        """True when the head should be signed anew although nothing else changed."""
        return now - self.issued >= RESIGN_AFTER


def seal(head: Head, signer: Signer) -> bytes:
    """The signed envelope. The same head and ed25519 key give the same bytes; a P-256 key never does."""
    return envelope.seal(head, PAYLOAD_TYPE, signer)


def unseal(data: bytes, keys: Sequence[Key], product: str, environment: str, now: datetime) -> Head:
    """The head in this envelope, believed.

    Raises HeadRefused: malformed, not signed by one of `keys`, for another product or environment, or expired at `now`.
    """
    head = peek(data, keys)
    if (head.product, head.environment) != (product, environment):
        raise HeadRefused(f"it is the head of {head.product} {head.environment}, not of {product} {environment}")
    if now >= head.expires:
        raise HeadRefused(f"it expired at {head.expires.isoformat()}")
    return head


def peek(data: bytes, keys: Sequence[Key]) -> Head:
    """The head in this envelope, its signature checked but neither its place nor its time.

    Raises HeadRefused.
    """
    if not keys:
        raise HeadRefused("product.yaml trusts no key to sign it here; add one under keys.heads")
    try:
        return envelope.unseal(data, PAYLOAD_TYPE, Head, keys)
    except NotBelieved as error:
        raise HeadRefused(str(error)) from None
