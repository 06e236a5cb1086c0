"""A version of the update endpoint that answers as it should, and the settings it was told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from delivery.laptop import keys
from delivery.rules.facts import Product
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.load import parse
from infra.endpoint import endpoint_settings
from infra.names import Names
from tests.unit.infra.recorder import ROOT, infra_of

_PRODUCT, _ = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
assert _PRODUCT
PRODUCT = _PRODUCT.value
SETTINGS = endpoint_settings(Names.of(PRODUCT, "laptop"), infra_of("laptop"), PRODUCT, "http://127.0.0.1:8402")
ISSUED = datetime.now(UTC) - timedelta(hours=1)


@cache
def sealed(serial: int = 7, issued: datetime = ISSUED) -> str:
    """A head, signed by the demo key."""
    head = Head("espice", "laptop", serial, "0" * 40, "ab" * 32, issued, issued + LIFETIME)
    return seal(head, keys.head_signer()).decode()


def good(event: Mapping[str, Any]) -> dict[str, Any]:
    """What a sound version answers: its head, or that there is nothing newer."""
    if event["rawPath"] == "/v1/head":
        return {"statusCode": 200, "headers": {}, "body": sealed()}
    return {"statusCode": 204, "headers": {"espice-serial": "7", "espice-reason": "newest"}, "body": ""}
