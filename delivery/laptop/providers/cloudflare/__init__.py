"""Cloudflare on the laptop: the ledger is the account, nginx its network. `edge` makes the one from the other."""

from delivery.laptop.providers.cloudflare.records import HANDLERS
from delivery.laptop.providers.cloudflare.zone import Zone

__all__ = ["HANDLERS", "Zone"]
