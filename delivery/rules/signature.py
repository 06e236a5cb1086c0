"""What a Tauri signature says of itself.

Verifies nothing: that needs the artifact's bytes (delivery/artifacts/verify.py).

A signature is base64 of a whole minisign text: untrusted comment, signature line (2 bytes algorithm, 8 bytes key id,
64 bytes ed25519), trusted comment, global signature.
"""

import base64
import binascii


class NotASignature(ValueError):  # noqa: N818 - reads as what is wrong
    """The text is not a base64-coded minisign signature."""


def key_id(signature: str) -> str:
    """The id of the key that made it, as minisign prints it: 16 upper-case hexadecimal digits.

    Raises NotASignature.
    """
    raw = _decode(_lines(signature)[1])
    if len(raw) != 74 or raw[:2] not in (b"ED", b"Ed"):
        raise NotASignature("its second line is no minisign signature")
    return raw[2:10][::-1].hex().upper()


def comment_fields(signature: str) -> dict[str, str]:
    """The `name:value` fields of the trusted comment: timestamp, file, version.

    Raises NotASignature.
    """
    prefix, line = "trusted comment: ", _lines(signature)[2]
    if not line.startswith(prefix):
        raise NotASignature("its third line is no trusted comment")
    pairs = (part.partition(":") for part in line.removeprefix(prefix).split("\t"))
    return {name: value for name, colon, value in pairs if colon}


def _lines(signature: str) -> list[str]:
    try:
        lines = _decode(signature).decode().splitlines()
    except UnicodeDecodeError:
        raise NotASignature("it decodes to something that is no text") from None
    if len(lines) < 4:
        raise NotASignature("it has fewer than the four lines of a minisign signature")
    return lines


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotASignature("it is not base64") from None
