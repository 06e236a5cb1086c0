"""The secrets of a stack file: encrypted in Pulumi's own form with a key that KMS wraps, so the Pulumi CLI reads them.

A stack file names the KMS key (`secretsprovider`) and holds a data key of 32 bytes that KMS encrypted (`encryptedkey`);
each secret is encrypted with that data key. The form is that of pulumi/pkg/secrets/cloud.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from delivery.engines import cipher
from delivery.engines.stack import EngineError
from delivery.rules.append import add
from infra.config import Sealing
from infra.names import Names

DATA_KEY = 32  # bytes, for AES-256

_PROVIDER = re.compile(r"awskms://(?P<key>[^?]+)\?region=(?P<region>[a-z0-9-]+)(&.*)?")


def provider(names: Names, region: str) -> str:
    """What a stack file names as the provider of its secrets."""
    return f"awskms://{names.secrets_key}?region={region}&awssdk=v2"


def opened(sealing: Sealing) -> Mapping[str, str]:
    """Every secret of a stack file in plain text, by its full key (`espice:…`).

    Raises:
        EngineError: KMS does not unwrap the key, or a value was not encrypted with it.
    """
    if not sealing.values:
        return {}
    key = _unwrap(sealing)
    return {f"espice:{name}": _decrypt(key, name, value) for name, value in sealing.values.items()}


def with_secret(data: bytes, sealing: Sealing, name: str, text: str, provider: str) -> bytes:
    """A stack file's bytes with this secret in it, in place of the one that stood there; every other byte stays.

    Raises:
        EngineError: KMS does not give or unwrap a key.
    """
    if sealing.wrapped_key is None:
        key, wrapped = _new_key(provider)
        data = add(add(data, "secretsprovider", provider), "encryptedkey", wrapped)
    else:
        key = _unwrap(sealing)
    sealed = cipher.encrypt(key, text)
    if name in sealing.values:
        return data.replace(sealing.values[name].encode(), sealed.encode())
    entry = f'  espice:{name}:\n    secure: "{sealed}"\n'
    return re.sub(rb"(?m)^config:.*\n", lambda found: found[0] + entry.encode(), data, count=1)


def _new_key(provider: str) -> tuple[bytes, str]:
    key = secrets.token_bytes(DATA_KEY)
    encrypted = _kms(provider, lambda client, name: client.encrypt(KeyId=name, Plaintext=key)["CiphertextBlob"])
    return key, base64.b64encode(encrypted).decode()


def _unwrap(sealing: Sealing) -> bytes:
    wrapped = base64.b64decode(sealing.wrapped_key or "")
    named = sealing.provider or ""
    return bytes(_kms(named, lambda client, name: client.decrypt(KeyId=name, CiphertextBlob=wrapped)["Plaintext"]))


def _kms(provider: str, act: Callable[[Any, str], bytes]) -> bytes:
    found = _PROVIDER.fullmatch(provider)
    if found is None:
        raise EngineError(
            f"secretsprovider {provider or 'is missing'}; write awskms://alias/<name>?region=<region>&awssdk=v2"
        )
    try:
        client = boto3.client("kms", region_name=found["region"], endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))
        return act(client, found["key"])
    except (BotoCoreError, ClientError) as error:
        mend = "sign in to the environment's AWS account, and see that ./inv bootstrap made the key"
        raise EngineError(f"KMS refused the key {found['key']}: {error}; {mend}") from None


def _decrypt(key: bytes, name: str, value: str) -> str:
    try:
        return cipher.decrypt(key, value)
    except cipher.WrongKey as wrong:
        raise EngineError(f"espice:{name}: {wrong}; set it again with ./inv secret set") from None
