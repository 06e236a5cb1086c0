"""A Sigstore of our own: an authority, a log of certificates and a log of signatures, and attestations as GitHub's."""

import hashlib
import json
import struct
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sigstore.models import TrustedRoot
from sigstore_models.trustroot.v1 import TrustedRoot as Inner

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
ISSUER = "https://token.actions.githubusercontent.com"
KEYS = "PKIX_ECDSA_P256_SHA_256"


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_der(key)).digest()


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(SHA256()))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Sigstore:
    """Each has keys of its own, and trusts no other."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    certificates: ec.EllipticCurvePrivateKey = field(default_factory=_key)  # the log of these
    signatures: ec.EllipticCurvePrivateKey = field(default_factory=_key)

    def root(self) -> TrustedRoot:
        """What trusts it."""
        since = {"start": "2026-01-01T00:00:00Z"}
        said = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self._log(self.signatures, "https://log.espice.localhost", since)],
            "ctlogs": [self._log(self.certificates, "https://certificates.espice.localhost", since)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": "espice", "commonName": "espice"},
                    "uri": "https://authority.espice.localhost",
                    "certChain": {"certificates": [{"rawBytes": _text(self._own().public_bytes(Encoding.DER))}]},
                    "validFor": since,
                }
            ],
            "timestampAuthorities": [],
        }
        return TrustedRoot(Inner.from_json(json.dumps(said)))

    def attest(
        self,
        sha256: str,
        repository: str,
        commit: str,
        *,
        issuer: str = ISSUER,
        kind: str = "application/vnd.in-toto+json",
    ) -> dict[str, Any]:
        """The bundle that a workflow of this repository leaves at GitHub, of a build of this commit."""
        own = _key()
        certificate = self._certificate(own, repository, commit, issuer)
        statement = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "a build", "digest": {"sha256": sha256}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {},
        }
        payload = json.dumps(statement).encode()
        signature = _sign(own, f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
        envelope = {"payload": _text(payload), "payloadType": kind, "signatures": [{"sig": _text(signature)}]}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": _text(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(envelope, payload, certificate)],
                "timestampVerificationData": {},
            },
            "dsseEnvelope": envelope,
        }

    def _log(self, key: ec.EllipticCurvePrivateKey, where: str, since: dict[str, str]) -> dict[str, Any]:
        public = {"rawBytes": _text(_der(key)), "keyDetails": KEYS, "validFor": since}
        return {"baseUrl": where, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": {"keyId": _text(_id(key))}}

    def _own(self) -> x509.Certificate:
        public = self.authority.public_key()
        made = self._begun(_name("espice"), public, 1, timedelta(days=3650))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(_usage(certificates=True), critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        return made.sign(self.authority, SHA256())

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, serial: int, lasts: timedelta
    ) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(_name("espice")).public_key(key)
        return made.serial_number(serial).not_valid_before(AT - timedelta(minutes=1)).not_valid_after(AT + lasts)

    def _certificate(
        self, key: ec.EllipticCurvePrivateKey, repository: str, commit: str, issuer: str
    ) -> x509.Certificate:
        """Logged: the log signs it as it is without the log's word, which is then put in."""
        where = f"https://github.com/{repository}"
        workflow = f"{where}/.github/workflows/build.yml@refs/heads/main"
        said = {8: issuer, 9: workflow, 12: where, 13: commit}
        made = self._begun(x509.Name([]), key.public_key(), 2, timedelta(minutes=10))
        made = made.add_extension(_usage(certificates=False), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key())
        made = made.add_extension(own, critical=False)
        made = made.add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(workflow)]), critical=True
        )
        for number, text in said.items():
            oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
            value = text.encode()
            made = made.add_extension(x509.UnrecognizedExtension(oid, _tagged(0x0C, value)), critical=False)
        word = self._logged(made.sign(self.authority, SHA256()).tbs_certificate_bytes)
        oid = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
        made = made.add_extension(x509.UnrecognizedExtension(oid, _tagged(0x04, word)), critical=False)
        return made.sign(self.authority, SHA256())

    def _logged(self, certificate: bytes) -> bytes:
        """RFC 6962's list of one signed timestamp, of a certificate to be."""
        at = int(AT.timestamp() * 1000)
        entry = _id(self.authority) + len(certificate).to_bytes(3, "big") + certificate
        signed = _sign(self.certificates, struct.pack("!BBQH", 0, 0, at, 1) + entry + b"\0\0")
        word = struct.pack("!B32sQHBBH", 0, _id(self.certificates), at, 0, 4, 3, len(signed)) + signed
        return struct.pack("!HH", len(word) + 2, len(word)) + word

    def _entry(self, envelope: dict[str, Any], payload: bytes, certificate: x509.Certificate) -> dict[str, Any]:
        """The log's second entry, as Rekor has it: where it is in the tree, and the log's promises."""
        pem = _text(certificate.public_bytes(Encoding.PEM))
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(json.dumps(envelope).encode()).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": envelope["signatures"][0]["sig"], "verifier": pem}],
        }
        body = json.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}).encode()
        first = hashlib.sha256(b"\0the first entry").digest()
        tree = hashlib.sha256(b"\1" + first + hashlib.sha256(b"\0" + body).digest()).digest()
        own, at = _id(self.signatures), int(AT.timestamp())
        promise = {"body": _text(body), "integratedTime": at, "logID": own.hex(), "logIndex": 1}
        canonical = json.dumps(promise, sort_keys=True, separators=(",", ":")).encode()
        note = f"log.espice.localhost - 1\n2\n{_text(tree)}\n"
        sealed = _text(own[:4] + _sign(self.signatures, note.encode()))
        return {
            "logIndex": "1",
            "logId": {"keyId": _text(own)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {"signedEntryTimestamp": _text(_sign(self.signatures, canonical))},
            "inclusionProof": {
                "logIndex": "1",
                "rootHash": _text(tree),
                "treeSize": "2",
                "hashes": [_text(first)],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.espice.localhost {sealed}\n"},
            },
            "canonicalizedBody": _text(body),
        }


def _usage(*, certificates: bool) -> x509.KeyUsage:
    never = {"content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False}
    return x509.KeyUsage(
        digital_signature=not certificates, key_cert_sign=certificates, crl_sign=certificates,
        encipher_only=False, decipher_only=False, **never,
    )  # fmt: skip


def _tagged(tag: int, value: bytes) -> bytes:
    """DER, of at most 65,535 bytes."""
    size = len(value)
    return bytes((tag, size)) + value if size < 128 else bytes((tag, 0x82)) + struct.pack("!H", size) + value
