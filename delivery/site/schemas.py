"""JSON Schemas of front matter, authors and settings, beside those of the facts: what editors complete and check by."""

from collections.abc import Mapping
from typing import Any

from delivery.rules.schemas import SCHEMAS, schema
from delivery.rules.shapes import Name
from delivery.site.content import Author, Front, Guide, Incident, Quote
from delivery.site.settings import Settings

_KINDS: Mapping[str, Any] = {
    "authors": Mapping[Name, Author],
    "docs": Guide,
    "incidents": Incident,
    "page": Front,
    "quotes": Quote,
    "settings": Settings,
}


def schemas() -> Mapping[str, str]:
    """Every schema as the text of its file, by path."""
    return {f"{SCHEMAS}site-{name}.json": schema(kind, f"site {name}") for name, kind in _KINDS.items()}
