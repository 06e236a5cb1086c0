"""releases/README.md cannot rot: its examples are loaded, checked as one small repository, and use every field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from delivery.rules import facts as kinds
from delivery.rules.check import check
from delivery.rules.facts import Facts, Filed
from delivery.rules.read import KINDS, read

README = (Path(__file__).parents[3] / "releases" / "README.md").read_text()


def examples() -> dict[str, bytes]:
    """The fenced YAML blocks, by the path in their first line."""
    blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return {path: body.encode() for path, body in blocks}


def loaded() -> Facts:
    facts, problems = read(examples())
    assert problems == ()
    assert facts is not None
    return facts


def used(value: Any) -> Iterator[tuple[str, str]]:
    """(type, field) for every field that is written somewhere in this value."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for part in value:
            yield from used(part)
    if is_dataclass(value):
        for field in fields(value):
            if (part := getattr(value, field.name)) is not None:
                yield type(value).__name__, field.name
                yield from used(part)


def test_every_block_of_yaml_is_headed_by_its_path() -> None:
    assert README.count("```yaml") == len(examples())


def test_the_examples_are_a_repository_without_a_problem() -> None:
    assert check(loaded()) == ()
    assert check(loaded(), loaded()) == ()


def test_the_examples_use_every_field_of_every_fact() -> None:
    every = {
        (kind.__name__, field.name)
        for kind in vars(kinds).values()
        if isinstance(kind, type) and hasattr(kind, "__pydantic_config__")
        for field in fields(kind)
    }
    assert every - set(used(loaded())) == set()


def test_there_is_an_example_of_every_kind() -> None:
    facts = loaded()
    assert all(getattr(facts, kind.folder) for kind in KINDS)
    assert isinstance(facts.product, Filed)


def test_it_opens_with_what_people_want_to_do() -> None:
    assert README.index("| I want to … | add this |") < README.index("## ")


def test_the_verbs_it_names_are_tasks() -> None:
    tasks = (Path(__file__).parents[3] / "tasks.py").read_text()
    for verb in set(re.findall(r"\./inv ([a-z-]+)", README)):
        assert f"def {verb}(" in tasks or f'name="{verb}"' in tasks, verb
