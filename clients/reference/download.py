"""Gets the bytes of an update, believes them only if their signature holds, and puts them in place."""

import base64
import binascii
import os
from contextlib import suppress
from pathlib import Path

import minisign

from clients.reference import wire
from clients.reference.check import Update
from clients.reference.errors import Io, Minisign, Network, SignedVersion
from clients.reference.installation import Installation
from delivery.rules.precedence import NotAVersion, precedence


def download(app: Installation, update: Update) -> bytes:
    """The verified bytes. Raises Reqwest, Network, Minisign or SignedVersion."""
    response = wire.get(update.url, "application/octet-stream", app.timeout)
    if not response.is_success:
        raise Network(f"Download request failed with status: {response.status} {response.reason}".rstrip())
    verify(response.body, update.signature, update.version, app)
    return response.body


def verify(data: bytes, signature: str, version: str, app: Installation) -> None:
    """Raises Minisign or SignedVersion unless the app's key signed these very bytes, as this version."""
    try:
        key = minisign.PublicKey.from_bytes(_text(app.pubkey))
        signed = minisign.Signature.from_bytes(_text(signature))
        key.verify(data, signed)
    except (minisign.Error, binascii.Error, UnicodeError) as error:
        raise Minisign(_WORDS.get(str(error), str(error))) from None
    _same_version(signed.trusted_comment, version, app.require_signed_version)


def install(data: bytes, file: Path) -> None:
    """Replaces this file as the plugin replaces an AppImage: whole or not at all, its mode kept. Raises Io."""
    fresh = file.parent / f".{file.name}.{os.getpid()}"
    try:
        mode = file.stat().st_mode if file.exists() else 0o755
        fresh.write_bytes(data)
        fresh.chmod(mode)
        fresh.replace(file)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise Io(f"{file}: {error.strerror}; name a file in a folder that can be written to") from None


# How the plugin's library says what py-minisign says.
_WORDS = {
    "incompatible key identifiers": "The signature was created with a different key than the one provided",
    "signature verification failed": "The signature verification failed",
}


def _text(encoded: str) -> bytes:
    """Base64 of a whole minisign text, in which not even a line break may stand. Raises binascii.Error."""
    return base64.b64decode(encoded.encode("ascii"), validate=True)


def _same_version(comment: str, version: str, required: bool) -> None:
    """The signed comment may name a version; another one is always refused, a missing one only if required."""
    fields = (field.partition(":") for field in comment.split("\t"))
    said = next((value for name, _, value in fields if name == "version"), None)
    if said is None:
        if required:
            raise SignedVersion("the signature names no version, and this app wants one")
        return
    try:
        if precedence(said) == precedence(version):
            return
    except NotAVersion:
        pass
    raise SignedVersion(f"the signature is for version {said}, not for {version}")
