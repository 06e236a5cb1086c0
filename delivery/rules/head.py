"""The head: the small signed paper that says which catalog is the current one.

A DSSE envelope (securesystemslib) around canonical JSON. Whoever holds the head's key can make old facts current
again until the head expires, and nothing more: artifacts are signed by other keys.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Key, Signer, SSlibKey

from delivery.rules.facts import Key as TrustedKey

PAYLOAD_TYPE = "application/vnd.espice.head.v1+json"
LIFETIME = timedelta(hours=72)  # an endpoint with an older head answers 503, so clients go down the ladder
RESIGN_AFTER = timedelta(hours=12)
_ED25519 = 32  # bytes


class HeadRefused(ValueError):  # noqa: N818 - named for what happened to the head
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
    envelope = Envelope(msgspec.json.encode(head, order="sorted"), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return msgspec.json.encode(envelope.to_dict(), order="sorted") + b"\n"


def unseal(data: bytes, keys: Sequence[TrustedKey], product: str, environment: str, now: datetime) -> Head:
    """The head in this envelope, believed.

    Raises HeadRefused: malformed, not signed by one of `keys`, for another product or environment, or expired at `now`.
    """
    head = peek(data, keys)
    if (head.product, head.environment) != (product, environment):
        raise HeadRefused(f"it is the head of {head.product} {head.environment}, not of {product} {environment}")
    if now >= head.expires:
        raise HeadRefused(f"it expired at {head.expires.isoformat()}")
    return head


def peek(data: bytes, keys: Sequence[TrustedKey]) -> Head:
    """The head in this envelope, its signature checked but neither its place nor its time.

    Raises HeadRefused.
    """
    if not keys:
        raise HeadRefused("product.yaml trusts no key to sign it here; add one under keys.heads")
    try:
        envelope = Envelope.from_dict(msgspec.json.decode(data, type=dict))
        envelope.verify([public_key(key) for key in keys], 1)
        if envelope.payload_type != PAYLOAD_TYPE:
            raise HeadRefused(f"it is a {envelope.payload_type}, not a {PAYLOAD_TYPE}")
        return msgspec.json.decode(envelope.payload, type=Head)
    except VerificationError:
        raise HeadRefused("no trusted key signed it") from None
    except HeadRefused:
        raise
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise HeadRefused(f"it is malformed: {error}") from None


def public_key(key: TrustedKey) -> Key:
    """product.yaml's key as securesystemslib has it.

    `public` is base64 of an ed25519 key's 32 raw bytes, or of a P-256 key as KMS tells it (DER, SubjectPublicKeyInfo).
    """
    data = base64.b64decode(key.public)
    if len(data) == _ED25519:
        return SSlibKey(key.id, "ed25519", "ed25519", {"public": data.hex()})
    text = "\n".join(("-----BEGIN PUBLIC KEY-----", base64.b64encode(data).decode(), "-----END PUBLIC KEY-----", ""))
    return SSlibKey(key.id, "ecdsa", "ecdsa-sha2-nistp256", {"public": text})
