"""Signs an artifact as `tauri signer sign --app-version` does, but repeatably. Holds no key and verifies nothing."""

import base64
from datetime import datetime

import minisign


def sign(data: bytes, file: str, version: str, published: datetime, key: minisign.SecretKey) -> str:
    """Tauri's signature: base64 of the whole minisign text, prehashed.

    The signed comment names time, file and version, so that a client refuses these bytes under another number.
    `published` stands for the time of signing, so that the same build gives the same signature.
    """
    said = f"timestamp:{int(published.timestamp())}\tfile:{file}\tversion:{version}"
    signature = key.sign(data, untrusted_comment="signature from tauri secret key", trusted_comment=said)
    return base64.b64encode(bytes(signature) + b"\n").decode()
