"""The override as an apply, drift and explain read it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from securesystemslib.signer import CryptoSigner

from delivery.commands.desk import ROOT
from delivery.deploy.override import live_override
from delivery.engines.stack import EngineError
from delivery.laptop import keys
from delivery.rules import load
from delivery.rules.brake import Halt, Override, seal
from delivery.rules.facts import Product

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PRODUCT = load.parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)[0].value  # type: ignore[union-attr]
OVERRIDE = Override("espice", "laptop", 3, NOW, (Halt("crash", "stable", None, NOW, "it crashes at start"),))


def test_the_laptops_override_is_read_with_the_key_of_product_yaml() -> None:
    assert live_override(seal(OVERRIDE, keys.brake_signer()), PRODUCT, "laptop") == OVERRIDE


def test_where_there_is_none_nothing_is_halted() -> None:
    assert live_override(None, PRODUCT, "laptop") is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (seal(OVERRIDE, CryptoSigner.generate_ed25519()), "no trusted key signed it"),
        (seal(OVERRIDE, keys.head_signer()), "no trusted key signed it"),
        (
            seal(replace(OVERRIDE, environment="staging"), keys.brake_signer()),
            "it is the override of espice staging, not of espice laptop",
        ),
    ],
)
def test_one_that_is_not_to_be_believed_is_never_taken_for_none(data: bytes, why: str) -> None:
    with pytest.raises(EngineError) as refused:
        live_override(data, PRODUCT, "laptop")
    mend = "./inv halt with the same words writes it anew (runbooks/bad-release.md)"
    assert str(refused.value) == f"catalog/override.json is not to be believed: {why}; {mend}"


def test_one_that_is_cut_short_is_never_taken_for_none() -> None:
    with pytest.raises(EngineError, match="malformed"):
        live_override(seal(OVERRIDE, keys.brake_signer())[:99], PRODUCT, "laptop")
