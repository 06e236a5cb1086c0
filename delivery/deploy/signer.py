"""Who signs the catalog's head outside the laptop: a key in KMS, which never leaves it and never signs an artifact."""

from __future__ import annotations

import base64
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.signer import Key as PublicKey
from securesystemslib.signer import SecretsHandler, Signature, Signer, SSlibKey

from delivery.engines.stack import EngineError
from delivery.rules.facts import Key, Product
from delivery.rules.envelope import public_key
from delivery.rules.shapes import Environment
from infra.names import Names


class KmsSigner(Signer):
    """Has KMS sign. It sends the whole message where securesystemslib's AWSSigner sends a digest.

    A head is far below the 4,096 bytes that KMS takes, and so there is no second way to hash it.
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
        asked = {"KeyId": self._alias, "Message": payload, "MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"}
        try:
            signed: bytes = self._kms.sign(**asked)["Signature"]
        except (BotoCoreError, ClientError) as error:
            raise EngineError(f"KMS does not sign with {self._alias}: {error}") from None
        return Signature(self._public.keyid, signed.hex())


def kms_signer(product: Product, environment: Environment, kms: Any) -> Signer:
    """The environment's own key, if product.yaml trusts it. `kms` is boto3's client.

    Raises EngineError: KMS does not give it, or nobody would believe it.
    """
    alias = Names.of(product, environment).head_key
    data = _public(alias, kms)
    for key in product.head_keys(environment):
        trusted = public_key(key)
        if isinstance(trusted, SSlibKey) and base64.b64decode(key.public) == data:
            return KmsSigner(kms, alias, trusted)
    raise EngineError(
        f"product.yaml trusts no key of {environment} that is {alias}; add the one that ./inv bootstrap {environment} "
        "prints to keys.heads"
    )


def trusted_key(names: Names, kms: Any) -> Key:
    """What product.yaml is to say of the environment's own key. Raises EngineError."""
    data = _public(names.head_key, kms)
    found = SSlibKey.from_crypto(load_der_public_key(data))
    note = f"the KMS key {names.head_key}"
    return Key(found.keyid, base64.b64encode(data).decode(), (names.environment,), note)


def _public(alias: str, kms: Any) -> bytes:
    try:
        return bytes(kms.get_public_key(KeyId=alias)["PublicKey"])
    except (BotoCoreError, ClientError) as error:
        mend = f"sign in to the AWS account of {alias}, and see that ./inv bootstrap made the key"
        raise EngineError(f"KMS does not tell the public key of {alias}: {error}; {mend}") from None
