"""A signed paper: a DSSE envelope (securesystemslib) around canonical JSON. What it says is the caller's matter."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Key, Signer, SSlibKey

from delivery.rules.facts import Key as TrustedKey

_ED25519 = 32  # bytes
_T = TypeVar("_T")


class NotBelieved(ValueError):  # noqa: N818 - named for what happened to the paper
    """This paper must not be believed; the text says why."""


def seal(payload: Any, payload_type: str, signer: Signer) -> bytes:
    """The signed envelope. The same payload and ed25519 key give the same bytes; a P-256 key never does."""
    envelope = Envelope(msgspec.json.encode(payload, order="sorted"), payload_type, {})
    envelope.sign(signer)
    return msgspec.json.encode(envelope.to_dict(), order="sorted") + b"\n"


def unseal(data: bytes, payload_type: str, shape: type[_T], keys: Sequence[TrustedKey]) -> _T:
    """What is in the envelope.

    Raises NotBelieved: malformed, another type of paper, or signed by none of `keys`.
    """
    try:
        envelope = Envelope.from_dict(msgspec.json.decode(data, type=dict))
        envelope.verify([public_key(key) for key in keys], 1)
        if envelope.payload_type != payload_type:
            raise NotBelieved(f"it is a {envelope.payload_type}, not a {payload_type}")
        return msgspec.json.decode(envelope.payload, type=shape)
    except VerificationError:
        raise NotBelieved("no trusted key signed it") from None
    except NotBelieved:
        raise
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotBelieved(f"it is malformed: {error}") from None


def public_key(key: TrustedKey) -> Key:
    """product.yaml's key as securesystemslib has it.

    `public` is base64 of an ed25519 key's 32 raw bytes, or of a P-256 key as KMS tells it (DER, SubjectPublicKeyInfo).
    """
    data = base64.b64decode(key.public)
    if len(data) == _ED25519:
        return SSlibKey(key.id, "ed25519", "ed25519", {"public": data.hex()})
    text = "\n".join(("-----BEGIN PUBLIC KEY-----", base64.b64encode(data).decode(), "-----END PUBLIC KEY-----", ""))
    return SSlibKey(key.id, "ecdsa", "ecdsa-sha2-nistp256", {"public": text})
