"""What Cloudflare's handlers share: the ledger that is their account, and the S3 server under R2's buckets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from delivery.laptop.providers.aws.account import Account
from delivery.laptop.providers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Zone:
    """One account and its zones; ids are Cloudflare's: 32 hexadecimal digits."""

    storage: Account
    ledger: Ledger

    def find_or_name(self, token: str, values: dict[str, object]) -> str:
        """The id of what is on record with these values, should this be a second try; else a new id."""
        for identity, record in self.ledger.read().get(token, {}).items():
            if all(record.get(name) == value for name, value in values.items()):
                return identity
        return uuid.uuid4().hex
