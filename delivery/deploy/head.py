"""Which head is to be live: the one that is, or a newly signed one. A pure decision around one signature."""

from collections.abc import Callable
from datetime import datetime

from securesystemslib.signer import Signer

from delivery.engines.stack import EngineError
from delivery.rules.facts import Product
from delivery.rules.head import LIFETIME, Head, HeadRefused, peek, seal

REWRITES = "laptop"  # the only environment whose history may be rewritten below what is live


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
    follows: Callable[[str], bool] = lambda _: False,
) -> bytes:
    """The head for a catalog: the live one, to the byte, while it names this catalog and need not be signed anew.

    So an apply of nothing changes nothing. A serial only ever rises, above git's count where heads were signed anew
    meanwhile. So endpoints would believe an old commit, too: `follows` tells whether `commit` is a named one or has it
    behind it, and only on the laptop (`git commit --amend`) may a commit go live that does not follow the live one.

    Raises:
        EngineError: the commit does not follow the live one.
    """
    current = live_head(live, product, environment)
    if current is not None and environment != REWRITES and not follows(current.commit):
        raise EngineError(f"live is {current.commit}, serial {current.serial}, which HEAD does not have; git pull")
    if live is not None and current is not None and current.sha256 == sha256 and not current.is_due(now):
        return live
    if current is not None:
        serial = max(serial, current.serial + 1)
    now = now.replace(microsecond=0)
    head = Head(product.product, environment, serial, commit, sha256, now, now + LIFETIME)
    return seal(head, signer)


def live_head(live: bytes | None, product: Product, environment: str) -> Head | None:
    """The live head if it is ours; anything else is replaced by a new one."""
    if live is None:
        return None
    try:
        head = peek(live, product.head_keys(environment))
    except HeadRefused:
        return None
    return head if (head.product, head.environment) == (product.product, environment) else None
