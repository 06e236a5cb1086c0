"""Heads and overrides signed by KMS keys (moto over HTTP), believed by whoever trusts what product.yaml says."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer import SSlibKey

from delivery.commands.desk import ROOT
from delivery.deploy.signer import KmsSigner, Paper, kms_signer, trusted_key
from delivery.engines.stack import EngineError
from delivery.rules import brake
from delivery.rules.brake import Halt, Override
from delivery.rules.facts import Key, Keys, Product
from delivery.rules.head import LIFETIME, Head, HeadRefused, seal, unseal
from delivery.rules.load import parse
from infra.names import Names

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NAMES = Names("espice", "staging", "espice-staging.app")
HEAD = Head("espice", "staging", 7, "c" * 40, "a" * 64, NOW, NOW + LIFETIME)


@pytest.fixture
def kms(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    told = {"ENDPOINT_URL": aws, "ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t"}
    for name, value in {**told, "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember these for other tests
    client = boto3.client("kms")
    for alias in (NAMES.head_key, NAMES.brake_key):
        key = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        client.create_alias(AliasName=alias, TargetKeyId=key)
    return client


@pytest.fixture
def product() -> Product:
    filed, _ = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    assert filed is not None
    return filed.value


def trusting(product: Product, kms: Any) -> Product:
    """The product whose keys say what the bootstrap prints."""
    heads = (*product.keys.heads, trusted_key(Paper.head, NAMES, kms))
    brakes = (*product.keys.brakes, trusted_key(Paper.override, NAMES, kms))
    return replace(product, keys=Keys(product.keys.artifacts, heads, brakes))


def test_a_head_that_kms_signed_is_believed_by_whoever_trusts_the_printed_key(kms: Any, product: Product) -> None:
    told = trusting(product, kms)
    data = seal(HEAD, kms_signer(Paper.head, told, "staging", kms))
    assert unseal(data, told.head_keys("staging"), "espice", "staging", NOW) == HEAD


def test_and_by_nobody_when_a_byte_of_it_changed(kms: Any, product: Product) -> None:
    told = trusting(product, kms)
    other = seal(replace(HEAD, serial=8), kms_signer(Paper.head, told, "staging", kms))
    payload = other.split(b'"payload":"')[1].split(b'"')[0]
    mixed = seal(HEAD, kms_signer(Paper.head, told, "staging", kms))
    forged = mixed.replace(mixed.split(b'"payload":"')[1].split(b'"')[0], payload)
    with pytest.raises(HeadRefused, match="no trusted key signed it"):
        unseal(forged, told.head_keys("staging"), "espice", "staging", NOW)


def test_an_override_is_signed_by_a_key_of_its_own(kms: Any, product: Product) -> None:
    told = trusting(product, kms)
    override = Override("espice", "staging", 3, NOW, ())
    assert (
        brake.unseal(
            brake.seal(override, kms_signer(Paper.override, told, "staging", kms)),
            told.brake_keys("staging"),
            "espice",
            "staging",
        )
        == override
    )
    signed_as_head = brake.seal(override, kms_signer(Paper.head, told, "staging", kms))
    with pytest.raises(brake.OverrideRefused, match="no trusted key signed it"):
        brake.unseal(signed_as_head, told.brake_keys("staging"), "espice", "staging")


def test_a_paper_that_is_longer_than_kms_takes_is_signed_by_its_digest() -> None:
    """moto hashes a digest once more, so here a key of the moment signs as KMS is documented to."""
    key = ec.generate_private_key(ec.SECP256R1())
    asked = []

    class Kms:
        def sign(self, **said: Any) -> Any:
            asked.append(said["MessageType"])
            assert len(said["Message"]) <= 4096
            how = hashes.SHA256() if said["MessageType"] == "RAW" else Prehashed(hashes.SHA256())
            return {"Signature": key.sign(said["Message"], ec.ECDSA(how))}

    public = SSlibKey.from_crypto(key.public_key())
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = Key(public.keyid, base64.b64encode(der).decode(), ("staging",), "a key of the moment")
    halts = tuple(Halt(f"2026-11-26-stable-halt-{n}", "stable", None, NOW, "it crashes at start") for n in range(60))
    for override in (Override("espice", "staging", 1, NOW, ()), Override("espice", "staging", 2, NOW, halts)):
        data = brake.seal(override, KmsSigner(Kms(), "alias/a", public))
        assert brake.unseal(data, [trusted], "espice", "staging") == override
    assert asked == ["RAW", "DIGEST"]


def test_a_key_that_product_yaml_does_not_trust_signs_nothing(kms: Any, product: Product) -> None:
    with pytest.raises(EngineError) as refused:
        kms_signer(Paper.head, product, "staging", kms)
    assert str(refused.value) == (
        "product.yaml trusts no key of staging that is alias/espice-staging-head; "
        "add the one that ./inv bootstrap staging prints to keys.heads"
    )
    with pytest.raises(EngineError, match=r"alias/espice-staging-brake; add the one .* prints to keys\.brakes$"):
        kms_signer(Paper.override, product, "staging", kms)


def test_a_key_that_is_not_there_is_said_with_the_mend(kms: Any, product: Product) -> None:
    with pytest.raises(EngineError, match=r"does not tell the public key of alias/espice-production-head: .*bootstrap"):
        kms_signer(Paper.head, product, "production", kms)
