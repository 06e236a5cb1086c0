"""The brake's override as it lies in a catalog's bucket, read by whoever must not publish or say more than it lets."""

from delivery.engines.stack import EngineError
from delivery.rules.brake import OVERRIDE_KEY, Override, OverrideRefused, unseal
from delivery.rules.facts import Product

MEND = "put back the version of it that was there before"


def live_override(data: bytes | None, product: Product, environment: str) -> Override | None:
    """The override in these bytes; None where there is none (`data` None), so nothing is halted.

    Raises EngineError: it is there and may not be believed. Taking it for none would offer what was halted.
    """
    if data is None:
        return None
    try:
        return unseal(data, product.brake_keys(environment), product.product, environment)
    except OverrideRefused as refused:
        raise EngineError(f"{OVERRIDE_KEY} is not to be believed: {refused}; {MEND}") from None
