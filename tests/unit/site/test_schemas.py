"""Editors know the front matter, the authors and the settings as check does."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from delivery.rules.schemas import SCHEMAS
from delivery.site.schemas import schemas
from tests.unit.site.written import GUIDE, INCIDENT, QUOTE, page

ROOT = Path(__file__).parents[3]


def said(kind: str, text: bytes) -> list[str]:
    """What an editor would say of this text."""
    found = jsonschema.Draft7Validator(json.loads(schemas()[f"{SCHEMAS}site-{kind}.json"]))
    return [error.message for error in found.iter_errors(yaml.safe_load(text))]


def test_they_are_current() -> None:
    there = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / SCHEMAS).glob("site-*.json")}
    assert there == schemas(), "run ./inv schemas"


def test_what_lies_here_is_as_they_say() -> None:
    assert said("authors", (ROOT / "site/content/authors.yaml").read_bytes()) == []
    assert said("settings", (ROOT / "site/settings.yaml").read_bytes()) == []


@pytest.mark.parametrize(("kind", "front"), [("docs", GUIDE), ("quotes", QUOTE), ("incidents", INCIDENT)])
def test_front_matter_is_known_by_its_kind(kind: str, front: dict[str, str]) -> None:
    def head(**other: str) -> bytes:
        return page(front, **other).split(b"---\n")[1]

    assert said(kind, head()) == []
    assert len(said(kind, head(subtitle="More"))) == 1
