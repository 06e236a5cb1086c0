"""Who signs head and override outside the laptop: a key in KMS for each, which stays there and signs no artifact."""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.signer import Key as PublicKey
from securesystemslib.signer import SecretsHandler, Signature, Signer, SSlibKey

from delivery.engines.stack import EngineError
from delivery.rules.envelope import public_key
from delivery.rules.facts import Key, Product
from delivery.rules.shapes import Environment
from infra.names import Names

MOST = 4096  # bytes of a message that KMS takes


class Paper(StrEnum):
    """What is signed: each has a key of its own, and a list of product.yaml that says who is believed."""

    head = "heads"
    override = "brakes"

    def alias(self, names: Names) -> str:
        """What KMS calls its key."""
        return names.head_key if self is Paper.head else names.brake_key

    def trusted(self, product: Product, environment: Environment) -> tuple[Key, ...]:
        """The keys that are believed."""
        return product.head_keys(environment) if self is Paper.head else product.brake_keys(environment)


class KmsSigner(Signer):
    """Has KMS sign. It sends the whole message where securesystemslib's AWSSigner sends a digest.

    What is longer than KMS takes goes there as its digest: an override of many halts must be signed, too.
    """

    def __init__(self, kms: Any, alias: str, public: SSlibKey) -> None:
        self._kms, self._alias, self._public = kms, alias, public

    @property
    def public_key(self) -> PublicKey:
        return self._public

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: PublicKey, secrets_handler: SecretsHandler | None = None
    ) -> Signer:
        raise NotImplementedError("a KmsSigner is made by kms_signer")

    def sign(self, payload: bytes) -> Signature:
        """Raises EngineError: KMS refused."""
        message, kind = (payload, "RAW") if len(payload) <= MOST else (hashlib.sha256(payload).digest(), "DIGEST")
        asked = {"KeyId": self._alias, "Message": message, "MessageType": kind, "SigningAlgorithm": "ECDSA_SHA_256"}
        try:
            signed: bytes = self._kms.sign(**asked)["Signature"]
        except (BotoCoreError, ClientError) as error:
            raise EngineError(f"KMS does not sign with {self._alias}: {error}") from None
        return Signature(self._public.keyid, signed.hex())


def kms_signer(paper: Paper, product: Product, environment: Environment, kms: Any) -> Signer:
    """The environment's own key for this paper, if product.yaml trusts it. `kms` is boto3's client.

    Raises EngineError: KMS does not give it, or nobody would believe it.
    """
    alias = paper.alias(Names.of(product, environment))
    data = _public(alias, kms)
    for key in paper.trusted(product, environment):
        trusted = public_key(key)
        if isinstance(trusted, SSlibKey) and base64.b64decode(key.public) == data:
            return KmsSigner(kms, alias, trusted)
    raise EngineError(
        f"product.yaml trusts no key of {environment} that is {alias}; add the one that ./inv bootstrap {environment} "
        f"prints to keys.{paper}"
    )


def trusted_key(paper: Paper, names: Names, kms: Any) -> Key:
    """What product.yaml is to say of the environment's own key for this paper. Raises EngineError."""
    alias = paper.alias(names)
    data = _public(alias, kms)
    found = SSlibKey.from_crypto(load_der_public_key(data))
    return Key(found.keyid, base64.b64encode(data).decode(), (names.environment,), f"the KMS key {alias}")


def _public(alias: str, kms: Any) -> bytes:
    try:
        return bytes(kms.get_public_key(KeyId=alias)["PublicKey"])
    except (BotoCoreError, ClientError) as error:
        mend = f"sign in to the AWS account of {alias}, and see that ./inv bootstrap made the key"
        raise EngineError(f"KMS does not tell the public key of {alias}: {error}; {mend}") from None
