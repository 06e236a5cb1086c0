"""Secrets of a stack file: in Pulumi's own form, wrapped by a real KMS protocol (moto over HTTP)."""

import re

import boto3
import pytest
import yaml

from delivery.commands.desk import ROOT
from delivery.deploy import secrets
from delivery.engines import cipher
from delivery.engines.stack import EngineError
from infra import config as stack_file
from infra.names import Names

pytestmark = pytest.mark.slow

PATH = "Pulumi.staging.yaml"
NAMES = Names("espice", "staging", "espice-staging.app")
PROVIDER = secrets.provider(NAMES, "us-east-1")


@pytest.fixture
def key(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember these for other tests
    client = boto3.client("kms", region_name="us-east-1", endpoint_url=aws)
    made = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName=NAMES.secrets_key, TargetKeyId=made)


@pytest.fixture
def staging() -> bytes:
    return (ROOT / PATH).read_bytes()


def put(data: bytes, text: str) -> bytes:
    return secrets.with_secret(data, stack_file.sealing(PATH, data), "origin-pull-key", text, PROVIDER)


def read(data: bytes) -> object:
    return secrets.opened(stack_file.sealing(PATH, data))


@pytest.mark.usefixtures("key")
def test_a_secret_goes_in_without_being_readable_and_comes_out_again(staging: bytes) -> None:
    after = put(staging, "-----BEGIN PRIVATE KEY-----\nabc")
    assert b"BEGIN PRIVATE KEY" not in after
    assert read(after) == {"espice:origin-pull-key": "-----BEGIN PRIVATE KEY-----\nabc"}


@pytest.mark.usefixtures("key")
def test_a_second_one_replaces_it_under_the_same_wrapped_key(staging: bytes) -> None:
    first = put(staging, "first")
    second = put(first, "second")
    assert read(second) == {"espice:origin-pull-key": "second"}
    assert yaml.safe_load(first)["encryptedkey"] == yaml.safe_load(second)["encryptedkey"]
    assert second.count(b"secure:") == 1


@pytest.mark.usefixtures("key")
def test_nothing_else_of_the_file_changes(staging: bytes) -> None:
    after = put(staging, "text")
    assert stack_file.read(PATH, after) == stack_file.read(PATH, staging)
    gone = [line for line in staging.splitlines() if line not in after.splitlines()]
    assert gone == []


def test_a_file_without_secrets_asks_nobody_for_a_key(staging: bytes) -> None:
    assert read(staging) == {}


@pytest.mark.usefixtures("key")
def test_a_wrapped_key_that_kms_does_not_know_is_said_with_the_mend(staging: bytes) -> None:
    after = put(staging, "text")
    damaged = re.sub(rb"(?m)^encryptedkey: .*$", b"encryptedkey: AAAA", after)
    with pytest.raises(EngineError, match=r"KMS refused the key alias/espice-staging-secrets: .*; sign in to"):
        read(damaged)


@pytest.mark.usefixtures("key")
def test_a_value_encrypted_with_another_key_is_named(staging: bytes) -> None:
    after = put(staging, "text")
    sealed = stack_file.sealing(PATH, after).values["origin-pull-key"]
    other = after.replace(sealed.encode(), cipher.encrypt(bytes(32), "text").encode())
    mend = "set it again with ./inv secret set"
    with pytest.raises(EngineError, match=f"espice:origin-pull-key: it was encrypted with another key.*; {mend}"):
        read(other)
