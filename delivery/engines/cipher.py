"""Pulumi's own form of an encrypted value: AES-256-GCM, written `v1:<nonce>:<ciphertext>` in base64.

Where the key of 32 bytes comes from is the caller's matter: a passphrase on the laptop (`state`), a key that KMS wraps
elsewhere (`secrets`).
"""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class WrongKey(Exception):  # noqa: N818 - what happened
    """The value was not encrypted with this key, or is damaged."""


def encrypt(key: bytes, text: str) -> str:
    """The text in Pulumi's form; another one each time."""
    nonce = secrets.token_bytes(12)
    return f"v1:{_b64(nonce)}:{_b64(AESGCM(key).encrypt(nonce, text.encode(), None))}"


def decrypt(key: bytes, sealed: str) -> str:
    """The text again. Raises WrongKey."""
    _, nonce, ciphertext = sealed.split(":")
    try:
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(ciphertext), None).decode()
    except InvalidTag:
        raise WrongKey("it was encrypted with another key, or is damaged") from None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
