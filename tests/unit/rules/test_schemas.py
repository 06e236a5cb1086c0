"""The schemas say what the types say, and editors find them."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from delivery.rules.read import KINDS
from delivery.rules.schemas import SCHEMAS, schema_line, schemas

ROOT = Path(__file__).parents[3]
FILES = [ROOT / "product.yaml", *sorted((ROOT / "releases").rglob("*.yaml"))]


def said(kind: str, text: str) -> list[str]:
    """What an editor would say of this text."""
    schema = json.loads(schemas()[f"{SCHEMAS}{kind}.json"])
    found = jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(text))
    return sorted(f"{'.'.join(map(str, error.path))}: {error.message}" for error in found)


def test_the_schemas_are_current() -> None:
    there = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / SCHEMAS).iterdir()}
    there = {path: text for path, text in there.items() if not path.startswith(f"{SCHEMAS}site-")}
    assert there == schemas(), "run ./inv schemas"


def test_there_is_a_schema_of_every_kind() -> None:
    assert len(schemas()) == len(KINDS) + 2


@pytest.mark.parametrize("path", schemas())
def test_every_schema_is_one(path: str) -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(schemas()[path]))


def test_a_line_leads_from_its_file_to_the_schema() -> None:
    assert schema_line("rollouts") == "# yaml-language-server: $schema=../../../schemas/rollout.json\n"
    for kind in KINDS:
        path = kind.path(kind.names.replace("<", "").replace(">", ""))
        found = re.search(r"\$schema=(\S+)", schema_line(kind.folder))
        assert found
        assert (ROOT / path).parent.joinpath(
            found[1]
        ).resolve() == ROOT / SCHEMAS / f"{kind.type.__name__.lower()}.json"


def test_what_is_no_fact_has_no_line() -> None:
    with pytest.raises(KeyError):
        schema_line("release")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_line_in_a_file_is_the_right_one_and_what_it_names_takes_the_file(path: Path) -> None:
    """Verbs write the line; who writes a file by hand may do without."""
    name, text = path.relative_to(ROOT).as_posix(), path.read_text()
    kind = _kind(name)
    if "yaml-language-server" in text:
        assert text.startswith(f"# yaml-language-server: $schema={'../' * name.count('/')}{SCHEMAS}{kind}.json\n")
    assert said(kind, text) == []


def _kind(path: str) -> str:
    """The kind of fact that a file of this path is, as its schema is named."""
    if path in ("product.yaml", "releases/policy.yaml"):
        return Path(path).stem
    return next(kind.type.__name__.lower() for kind in KINDS if kind.name(path) is not None)


ROLLOUT = 'rollout: stable/1.4.0\nsalt: a\ntargets: all\nsteps: [{at: "2026-11-25T14:00:00Z", percent: 10}]\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("percent: 10", "percent: 140", "steps.0: {'at': '2026-11-25T14:00:00Z', 'percent': 140} is not valid"),
        ("salt", "slat", "'salt' is a required property"),
        ("stable/1.4.0", "stable/1.4", "rollout: 'stable/1.4' does not match"),
        ("all", "[]", "targets: [] is not valid"),
    ],
)
def test_an_editor_marks_what_the_loader_would_refuse(old: str, new: str, words: str) -> None:
    assert said("rollout", ROLLOUT) == []
    assert words in " ".join(said("rollout", ROLLOUT.replace(old, new)))


def test_schemas_speak_of_keys_as_they_are_written_and_never_of_null() -> None:
    assert "`applies-below`" in schemas()[f"{SCHEMAS}barrier.json"]

    def parts(value: Any) -> list[Any]:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [value, *(part for each in inside for part in parts(each))]

    for text in schemas().values():
        assert {"type": "null"} not in parts(json.loads(text))
