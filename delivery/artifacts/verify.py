"""Are these bytes what the fact says, and may they be trusted? Judges only: fetches and publishes nothing."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import minisign

from delivery.artifacts.magic import recognise
from delivery.rules.facts import Artifact, Key
from delivery.rules.signature import NotASignature, comment_fields, key_id


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with an artifact: the field of its fact, what is wrong, and how to mend it."""

    field: str
    what: str
    mend: str


def verify(artifact: Artifact, version: str, bundle: str, data: bytes, keys: Mapping[str, Key]) -> tuple[Flaw, ...]:
    """Every flaw of these bytes as this bundle of this version; empty when they may be published.

    `keys` are the ones that the environment trusts, by id (Product.artifact_keys). An artifact without a signature is
    for new visitors only, so nothing about keys is asked of it; `compile` never offers one to an updater.
    """
    return (*_bytes(artifact, bundle, data), *_signature(artifact, version, data, keys))


def _bytes(artifact: Artifact, bundle: str, data: bytes) -> Iterator[Flaw]:
    file = artifact.file
    if len(data) != artifact.size:
        yield Flaw("size", f"{file} has {len(data)} bytes, the fact says {artifact.size}", _FETCH)
    if (found := hashlib.sha256(data).hexdigest()) != artifact.sha256:
        yield Flaw("sha256", f"{file} has sha256 {found}, the fact says {artifact.sha256}", _FETCH)
    if (kind := recognise(data)) != bundle:
        seems = f"looks like {kind}" if kind else "is of no kind that we ship"
        yield Flaw(
            "file", f"{file} is filed as {bundle} but {seems}", f"file it under its own bundle, or build {bundle}"
        )


_FETCH = "build the fact from the very file that is uploaded; never edit one of the two"


def _signature(artifact: Artifact, version: str, data: bytes, keys: Mapping[str, Key]) -> Iterator[Flaw]:
    if artifact.signature is None:
        return
    try:
        signer, said = key_id(artifact.signature), comment_fields(artifact.signature)
    except NotASignature as error:
        yield Flaw("signature", f"the signature of {artifact.file} is none: {error}", _SIGN)
        return
    if signer not in keys:
        yield Flaw("signature", f"{artifact.file} is signed by key {signer}, which is not trusted here", _KEY)
    elif not _holds(artifact.signature, data, keys[signer]):
        yield Flaw("signature", f"the signature does not fit the bytes of {artifact.file}", _SIGN)
    # Clients refuse bytes that are announced under another number than they were signed for.
    for name, wanted in (("version", version), ("file", artifact.file)):
        if (found := said.get(name)) != wanted:
            names = f"names {name} {found}" if found else f"names no {name}"
            yield Flaw("signature", f"the signature of {artifact.file} {names}, not {wanted}", _SIGN)


_SIGN = "sign the file with: tauri signer sign --app-version VERSION FILE"
_KEY = "sign it with a key that product.yaml trusts in this environment"


def _holds(signature: str, data: bytes, key: Key) -> bool:
    """True for a prehashed signature of these bytes: the old kind is for clients we do not have."""
    try:
        parsed = minisign.Signature.from_bytes(base64.b64decode(signature))
        minisign.PublicKey.from_bytes(base64.b64decode(key.public)).verify(data, parsed)
    except (minisign.Error, binascii.Error):
        return False
    return bool(parsed.is_prehashed())
