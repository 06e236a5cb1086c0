"""Catalogs in which something was taken away."""

from dataclasses import replace
from datetime import timedelta

from delivery.rules.catalog import Catalog, Offering, Withdrawn
from tests.unit.endpoint.parts import CATALOG, NOW

WHY = "it writes netlists that cannot be read"


def withdrawn(version: str, downloads: str, *, instead: str | None = None, catalog: Catalog = CATALOG) -> Catalog:
    """This version was withdrawn on stable half an hour ago."""
    fact = f"releases/withdrawals/{version}.yaml:1"
    at = NOW - timedelta(minutes=30)
    gone = Withdrawn("stable", version, at, WHY, downloads, instead, None, None, fact)
    return replace(catalog, withdrawals=(*catalog.withdrawals, gone))


def begun(catalog: Catalog = CATALOG) -> Catalog:
    """As `assemble` has it: each rollout says when it began."""

    def told(offering: Offering) -> Offering:
        return replace(offering, began=next((stage.at for stage in offering.stages if stage.permille), None))

    return replace(catalog, offerings=tuple(map(told, catalog.offerings)))
