"""Loads the demo keys of this folder. Nothing outside the laptop and the tests may import it (README.md says why)."""

import base64
from pathlib import Path

import minisign
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, Signer

FOLDER = Path(__file__).parent
_PASSWORD = "espice-demo"  # noqa: S105 - public on purpose; Tauri's CLI takes no key without one


def artifact_key() -> minisign.SecretKey:
    """The key that signs sample artifacts, decrypted (which costs about 0.1 s)."""
    key = minisign.SecretKey.from_bytes(base64.b64decode((FOLDER / "artifact.key").read_text()))
    key.decrypt(_PASSWORD)
    return key


def artifact_public_key() -> str:
    """Its public half as Tauri has it: base64 of the whole minisign text."""
    return (FOLDER / "artifact.key.pub").read_text()


def secrets() -> dict[str, str]:
    """What elsewhere stands encrypted in the stack file, by name."""
    return {"origin-pull-key": (FOLDER / "origin-pull.key").read_text()}


def head_signer() -> Signer:
    """What signs the laptop's head; its key id is the one in product.yaml."""
    return _signer("head.pem")


def brake_signer() -> Signer:
    """What signs the laptop's override; its key id is the one in product.yaml."""
    return _signer("brake.pem")


def _signer(file: str) -> Signer:
    key = load_pem_private_key((FOLDER / file).read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{file} is no ed25519 key; restore it with: git checkout delivery/laptop/keys/{file}")
    return CryptoSigner(key)


def access_key() -> RSAPrivateKey:
    """What the laptop's stand-in for Cloudflare Access signs with."""
    key = load_pem_private_key((FOLDER / "access.pem").read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("access.pem is no RSA key; restore it with: git checkout delivery/laptop/keys/access.pem")
    return key
