"""The providers the laptop has, by package: which resource types they realise, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers import aws, cloudflare
from delivery.laptop.providers.aws import documents, refusal
from delivery.laptop.providers.aws.account import Account
from delivery.laptop.providers.cloudflare import Zone
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.server import Package


def packages(moto: str, ledger: Path) -> tuple[Package, ...]:
    """The providers that realise things on the moto server at this URL and in this ledger file.

    Lambda code is kept in a folder `code` beside the ledger, as Lambda keeps its own copy.
    """
    records = Ledger(ledger)
    account = Account(moto, ledger.parent / "code", records)
    return (
        _aws(account.configured, records),
        Package("cloudflare", cloudflare.HANDLERS, lambda _: Zone(account, records), records),
    )


def plan_only_packages() -> tuple[Package, ...]:
    """The same providers without any cloud behind them: for `serve(..., plan_only=True)`."""
    return _aws(lambda _: None, None), Package("cloudflare", cloudflare.HANDLERS, lambda _: None, None)


def _aws(cloud: Callable[[Properties], Any], records: Ledger | None) -> Package:
    return Package("aws", aws.HANDLERS, cloud, records, aws.FUNCTIONS, documents.problems, refusal.tell)
