"""The laptop's AWS account: boto3 clients for one region of a moto server, and the forms AWS wants its arguments in."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.ledger import Ledger

ACCOUNT_ID = "123456789012"
"""moto's own."""
DEFAULT_REGION = "us-east-1"


class Account:
    """Clients are made once and shared: making one costs a tenth of a second, and is not thread-safe.

    `ledger` holds what moto does not keep, `code` is the folder of what Lambda runs.
    """

    def __init__(
        self, moto: str, code: Path, ledger: Ledger, region: str = DEFAULT_REGION, clients: _Clients | None = None
    ) -> None:
        self.region = region
        self.code = code
        self.ledger = ledger
        self._clients = clients or _Clients(moto)

    def configured(self, config: Properties) -> Account:
        """This account as one provider instance sees it: in the region of its configuration.

        Other endpoints in the configuration (R2's) are not followed: on the laptop all buckets are moto's.
        """
        region = str(config.get("region") or DEFAULT_REGION)
        return Account("", self.code, self.ledger, DEFAULT_REGION if region == "auto" else region, self._clients)

    def client(self, service: str) -> Any:
        return self._clients.get(service, self.region)

    def recorded(self, token: str, identity: str) -> Properties | None:
        """What the ledger holds of a thing, or None."""
        return self.ledger.read().get(token, {}).get(identity)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT_ID}:{resource}"


class _Clients:
    def __init__(self, moto: str) -> None:
        self._moto = moto
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._session: Any = None

    def get(self, service: str, region: str) -> Any:
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._make(service, region)
            return self._made[service, region]

    def _make(self, service: str, region: str) -> Any:
        import boto3  # noqa: PLC0415 - plan-only providers never come here, and it takes a while
        from botocore.config import Config  # noqa: PLC0415

        self._session = self._session or boto3.session.Session()
        return self._session.client(
            service,
            endpoint_url=self._moto,
            region_name=region,
            aws_access_key_id="laptop",
            aws_secret_access_key="laptop",  # noqa: S106 - moto asks for none, boto3 for any
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, read_timeout=30),
        )


def caller_identity(_account: Account, _args: Properties) -> Properties:
    return {
        "id": ACCOUNT_ID,
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:user/laptop",
        "userId": "laptop",
    }


_ABBREVIATIONS = {"Id": "ID", "SseAlgorithm": "SSEAlgorithm", "KmsMasterKeyId": "KMSMasterKeyID"}


def pascal(value: Any, renamed: Mapping[str, str] = _ABBREVIATIONS) -> Any:
    """Nested arguments in AWS's spelling: `noncurrentDays` becomes `NoncurrentDays`."""
    if isinstance(value, Mapping):
        return {renamed.get(up := key[:1].upper() + key[1:], up): pascal(item, renamed) for key, item in value.items()}
    return [pascal(item, renamed) for item in value] if isinstance(value, list) else value


def camel(value: Any, renamed: Mapping[str, str] = _ABBREVIATIONS) -> Any:
    """The way back from `pascal`: AWS's answer in Pulumi's spelling."""
    if isinstance(value, Mapping):
        back = {theirs: ours for ours, theirs in renamed.items()}
        spelled = {str(back.get(key, key)): item for key, item in value.items()}
        return {key[:1].lower() + key[1:]: camel(item, renamed) for key, item in spelled.items()}
    return [camel(item, renamed) for item in value] if isinstance(value, list) else value


def chosen(inputs: Properties, names: Mapping[str, str]) -> dict[str, Any]:
    """Those of the named inputs that are given, under AWS's names."""
    return {theirs: inputs[ours] for ours, theirs in names.items() if inputs.get(ours) is not None}


def named(answer: Mapping[str, Any], names: Mapping[str, str]) -> Properties:
    """The way back from `chosen`: of AWS's answer what the names say, None where it says nothing."""
    return {ours: answer.get(theirs) for ours, theirs in names.items()}


def pairs(tags: Mapping[str, str] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags, dimensions and the like, as AWS wants them."""
    return [{key: name, value: item} for name, item in (tags or {}).items()]


def unpaired(listed: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """The way back from `pairs`."""
    return {each[key]: each[value] for each in listed or []}


def owner(outputs: Properties, name: str) -> str:
    """The id of what a thing belongs to; ValueError where only its own id is known, as in an import."""
    if name not in outputs:
        raise ValueError(f"{name}: is not known from the id alone; the laptop cannot import this type")
    return str(outputs[name])


def text(document: Any) -> str:
    """A policy as JSON text, whether it was given as text or as an object."""
    return document if isinstance(document, str) else json.dumps(document)


def is_missing(error: Exception) -> bool:
    """Whether an AWS error says that the thing is not there."""
    return re.search("404|NotFound|NoSuch|NotExist|NonExistent", _code(error)) is not None


def _code(error: Exception) -> str:
    return str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))


def make_or(adopt: Callable[[], Any], make: Callable[..., Any], **named: Any) -> Any:
    """Make something, or adopt the one that has its name already; returns what the one that was done returns."""
    try:
        return make(**named)
    except Exception as error:
        if re.search("Conflict|Exists|Duplicate", _code(error)) is None:
            raise
        return adopt()


def ask(act: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """What AWS answers, or None if it says that the thing is not there."""
    try:
        return act(*args, **named)
    except Exception as error:
        if not is_missing(error):
            raise
        return None


def quietly(act: Callable[..., Any], *args: Any, **named: Any) -> None:
    """Take something away that may be gone already."""
    ask(act, *args, **named)
