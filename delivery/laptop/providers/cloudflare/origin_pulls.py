"""Authenticated origin pulls: the certificate by which Cloudflare proves to an origin that it is Cloudflare.

On the laptop the edge reaches origins over loopback, without TLS: a certificate is judged and on record, no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from delivery.engines.wire import Properties
from delivery.laptop.providers.cloudflare.recorded import Recorded
from infra.config import NOT_READ


def certificate_problems(pull: Properties) -> Mapping[str, str]:
    """A certificate or key that is none, is over, or does not belong to the other."""
    try:
        certificate = x509.load_pem_x509_certificate(pull["certificate"].encode())
    except ValueError:
        return {"certificate": "is no certificate in PEM form; give one, from BEGIN to END CERTIFICATE"}
    if certificate.not_valid_after_utc < datetime.now(UTC):
        return {"certificate": f"ended at {certificate.not_valid_after_utc:%Y-%m-%d}; make a new one"}
    if pull["privateKey"] == NOT_READ:
        return {}
    try:
        key = load_pem_private_key(pull["privateKey"].encode(), password=None).public_key()
    except (TypeError, ValueError):
        return {"privateKey": "is no private key in PEM form without a password; give one"}
    if _bytes(key) != _bytes(certificate.public_key()):
        return {"privateKey": "is not the certificate's; give the key that it was made with"}
    return {}


def _bytes(key: object) -> bytes:
    data: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return data


class Certificate(Recorded):
    """Uploaded once: another one is another resource. Its key leaves Cloudflare never again."""

    secrets = frozenset({"privateKey"})

    def computed_for(self, identity: str, inputs: Properties) -> Properties:
        certificate = x509.load_pem_x509_certificate(inputs["certificate"].encode())
        return {
            "certificateId": identity,
            "expiresOn": certificate.not_valid_after_utc.isoformat(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serialNumber": str(certificate.serial_number),
            "signature": hashlib.sha256(certificate.signature).hexdigest(),
            "status": "active",
        }


RECORDS = (
    Certificate(
        "AuthenticatedOriginPullsCertificate",
        "zoneId",
        "certificate",
        fixed=("zoneId", "certificate", "privateKey"),
        check=certificate_problems,
    ),
    Recorded("AuthenticatedOriginPullsSettings", "zoneId", own_id="zoneId"),
)
