"""Property values as they travel over Pulumi's wire protocol and lie in a Deployment.

Plain Python values, plus mappings that carry a signature: secrets, assets and archives. Unknown values are one
sentinel string. This module converts and inspects; it decides nothing and talks to nobody.
The signatures are from Pulumi's sdk/go/common/resource/properties.go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2

Properties = dict[str, Any]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a secret
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """A protobuf struct as plain Python; whole numbers become `int`, as JSON readers expect."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(value, kind)


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain Python as a protobuf struct; `None` values are left out, which on this wire means the same."""
    struct = struct_pb2.Struct()
    struct.update({key: value for key, value in properties.items() if value is not None})
    return struct


def signature(value: Any) -> str | None:
    """The signature of a special mapping (secret, asset, archive), else None."""
    return value.get(SIGNATURE) if isinstance(value, Mapping) else None


def walk(value: Any, visit: Callable[[Any], Any]) -> Any:
    """A copy of the value in which `visit` has replaced every part it knows, from the outside in.

    `visit` returns the part itself to have its insides walked.
    """
    seen = visit(value)
    if seen is not value:
        return seen
    if isinstance(value, Mapping):
        return {key: walk(item, visit) for key, item in value.items()}
    if isinstance(value, list):
        return [walk(item, visit) for item in value]
    return value


def secret(value: Any) -> Properties:
    return {SIGNATURE: SECRET, "value": value}


def reveal(value: Any) -> Any:
    """The value with every secret replaced by its plain content."""
    return walk(value, lambda part: reveal(part["value"]) if signature(part) == SECRET else part)


def conceal(value: Any, like: Any) -> Any:
    """The plain value with those parts made secret that are secret in `like`."""
    if signature(like) == SECRET:
        return secret(value)
    if signature(like) is None and isinstance(value, Mapping) and isinstance(like, Mapping):
        return {key: conceal(item, like.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(like, list) and len(value) == len(like):
        return [conceal(item, pattern) for item, pattern in zip(value, like, strict=True)]
    return value


def conceal_named(properties: Properties, names: Iterable[str]) -> Properties:
    """The properties with the named ones made secret."""
    named = {name for name in names if signature(properties.get(name)) != SECRET}
    return {key: secret(value) if key in named else value for key, value in properties.items()}


def shown(value: Any) -> Any:
    """The value as it may be printed: secrets and unknown values are only named."""

    def veil(part: Any) -> Any:
        if signature(part) == SECRET:
            return "[secret]"
        return "[unknown]" if part == UNKNOWN else part

    return walk(value, veil)


def has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def with_hashes(value: Any) -> Any:
    """The value in which every asset and archive carries the hash of its content, so that a diff sees content.

    Raises:
        ValueError: an asset is neither text nor a file, or its file is not there.
    """

    def stamp(part: Any) -> Any:
        return {**part, "hash": _content_hash(part)} if signature(part) in (ASSET, ARCHIVE) else part

    return walk(value, stamp)


def _content_hash(part: Mapping[str, Any]) -> str:
    if "text" in part:
        return hashlib.sha256(part["text"].encode()).hexdigest()
    if "path" in part and Path(part["path"]).is_file():
        return hashlib.sha256(Path(part["path"]).read_bytes()).hexdigest()
    where = part.get("path") or part.get("uri") or "a set of assets"
    raise ValueError(f"{where} is not a file here; give the text or one existing file (for code, a .zip)")
