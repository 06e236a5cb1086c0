"""The brake's override as it lies in a catalog's bucket, read by whoever must not publish or say more than it lets."""

from delivery.deploy.objects import Found
from delivery.engines.stack import EngineError
from delivery.rules.brake import OVERRIDE_KEY, Override, OverrideRefused, unseal
from delivery.rules.facts import Product
from infra.publication import BRAKE

MEND = "./inv halt with the same words writes it anew (runbooks/bad-release.md)"
DIGITS = 12  # of a number that a manifest says it obeys; what is longer is no number of ours


class NotInForce(EngineError):  # noqa: N818 - what was found
    """What lies there as the override may not be believed, so nobody knows what is halted; `why` is a sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{OVERRIDE_KEY} is not to be believed: {why}; {MEND}")
        self.why = why


def live_override(data: bytes | None, product: Product, environment: str) -> Override | None:
    """The override in these bytes; None where there is none (`data` None), so nothing is halted.

    Raises NotInForce: it is there and may not be believed. Taking it for none would offer what was halted.
    """
    if data is None:
        return None
    try:
        return unseal(data, product.brake_keys(environment), product.product, environment)
    except OverrideRefused as refused:
        raise NotInForce(str(refused)) from None


def obeyed(manifest: Found) -> int:
    """The number of the override that a manifest says it obeys; 0 where it says none."""
    said = manifest.metadata.get(BRAKE, "")
    return int(said) if said.isdecimal() and len(said) <= DIGITS else 0
