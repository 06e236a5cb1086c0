"""What the laptop's stand-in for Cloudflare Access signs with, and how its public half is told, as Access tells it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass(frozen=True, slots=True)
class Identity:
    """`key` is base64 of PKCS #8 as DER, `kid` its id, `certificates` the JWKS (RFC 7517) of its public half."""

    issuer: str
    key: str
    kid: str
    certificates: str

    @classmethod
    def of(cls, key: RSAPrivateKey, team: str) -> Identity:
        """The identity of the Access team with this name."""
        numbers = key.public_key().public_numbers()
        modulus = _base64url(numbers.n)
        kid = hashlib.sha256(modulus.encode()).hexdigest()
        public = {"kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": modulus, "e": _base64url(numbers.e)}
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return cls(
            issuer=f"https://{team}.cloudflareaccess.com",
            key=base64.b64encode(der).decode(),
            kid=kid,
            certificates=json.dumps({"keys": [public]}),
        )


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
