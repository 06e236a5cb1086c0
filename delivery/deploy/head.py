"""Which head is to be live: the one that is, or a newly signed one. A pure decision around one signature."""

from datetime import datetime

from securesystemslib.signer import Signer

from delivery.rules.facts import Product
from delivery.rules.head import LIFETIME, Head, HeadRefused, peek, seal


def next_head(
    live: bytes | None,
    product: Product,
    environment: str,
    *,
    commit: str,
    serial: int,
    sha256: str,
    signer: Signer,
    now: datetime,
) -> bytes:
    """The head for a catalog: the live one, to the byte, while it names this catalog and need not be signed anew.

    So an apply of nothing changes nothing. A serial only ever rises: where history was rewritten below what is live
    (a laptop's `git commit --amend`), the next number above the live one is taken.
    """
    current = _believed(live, product, environment)
    if live is not None and current is not None and current.sha256 == sha256 and not current.is_due(now):
        return live
    if current is not None:
        serial = max(serial, current.serial + 1)
    now = now.replace(microsecond=0)
    head = Head(product.product, environment, serial, commit, sha256, now, now + LIFETIME)
    return seal(head, signer)


def _believed(live: bytes | None, product: Product, environment: str) -> Head | None:
    """The live head if it is ours; anything else is replaced by a new one."""
    if live is None:
        return None
    try:
        head = peek(live, product.head_keys(environment))
    except HeadRefused:
        return None
    return head if (head.product, head.environment) == (product.product, environment) else None
