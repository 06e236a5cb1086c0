"""Heads signed by a KMS key (moto over HTTP), believed by whoever trusts what product.yaml says."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from delivery.commands.desk import ROOT
from delivery.deploy.signer import kms_signer, trusted_key
from delivery.engines.stack import EngineError
from delivery.rules.facts import Keys, Product
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
    key = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName=NAMES.head_key, TargetKeyId=key)
    return client


@pytest.fixture
def product() -> Product:
    filed, _ = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    assert filed is not None
    return filed.value


def trusting(product: Product, kms: Any) -> Product:
    """The product whose keys say what the bootstrap prints."""
    keys = Keys(product.keys.artifacts, (*product.keys.heads, trusted_key(NAMES, kms)))
    return replace(product, keys=keys)


def test_a_head_that_kms_signed_is_believed_by_whoever_trusts_the_printed_key(kms: Any, product: Product) -> None:
    told = trusting(product, kms)
    data = seal(HEAD, kms_signer(told, "staging", kms))
    assert unseal(data, told.head_keys("staging"), "espice", "staging", NOW) == HEAD


def test_and_by_nobody_when_a_byte_of_it_changed(kms: Any, product: Product) -> None:
    told = trusting(product, kms)
    other = seal(replace(HEAD, serial=8), kms_signer(told, "staging", kms))
    payload = other.split(b'"payload":"')[1].split(b'"')[0]
    mixed = seal(HEAD, kms_signer(told, "staging", kms))
    forged = mixed.replace(mixed.split(b'"payload":"')[1].split(b'"')[0], payload)
    with pytest.raises(HeadRefused, match="no trusted key signed it"):
        unseal(forged, told.head_keys("staging"), "espice", "staging", NOW)


def test_a_key_that_product_yaml_does_not_trust_signs_nothing(kms: Any, product: Product) -> None:
    with pytest.raises(EngineError) as refused:
        kms_signer(product, "staging", kms)
    assert str(refused.value) == (
        "product.yaml trusts no key of staging that is alias/espice-staging-head; "
        "add the one that ./inv bootstrap staging prints to keys.heads"
    )


def test_a_key_that_is_not_there_is_said_with_the_mend(kms: Any, product: Product) -> None:
    with pytest.raises(EngineError, match=r"does not tell the public key of alias/espice-production-head: .*bootstrap"):
        kms_signer(product, "production", kms)
