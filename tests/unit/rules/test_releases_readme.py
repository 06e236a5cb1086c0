"""releases/README.md cannot rot: its examples are loaded, checked as one small repository, and use every field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from delivery.artifacts import fact, samples
from delivery.laptop import keys
from delivery.rules import facts as kinds
from delivery.rules import ranges
from delivery.rules.check import check
from delivery.rules.facts import Facts, Filed, Product
from delivery.rules.load import parse
from delivery.rules.read import KINDS, PRODUCT, read
from delivery.rules.schemas import schema_line

README = (Path(__file__).parents[3] / "releases" / "README.md").read_text()
PUBLISHED = {"1.1.0": "2026-07-01", "1.2.0": "2026-09-01", "1.3.0": "2026-10-01", "1.4.1": "2026-11-24"}


@cache
def examples() -> dict[str, bytes]:
    """The fenced YAML blocks, by the path in their first line."""
    blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return {path: body.encode() for path, body in blocks}


@cache
def world() -> Mapping[str, bytes]:
    """The examples, and what they take for granted: versions before and after 1.4.0, and how those reached people."""
    filed, problems = parse(PRODUCT, examples()[PRODUCT], Product)
    assert filed is not None, problems
    return {**dict(background(filed.value)), **examples()}


def background(product: Product) -> Iterator[tuple[str, bytes]]:
    for version, day in PUBLISHED.items():
        published = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
        made = samples.release(product, version, published, "A sample.", keys.artifact_key())
        yield f"releases/versions/{version}.yaml", fact.to_yaml(replace(made, minimum_os={"macos": "11.0"}))
    rollouts = {
        "beta/1.1.0": "07-02 07-03",
        "beta/1.2.0": "09-02 09-03",
        "beta/1.3.0": "10-02 10-05",
        "beta/1.4.0": "11-11 11-12",
        "beta/1.4.1": "11-25 11-26",
        "stable/1.1.0": "07-07 07-08 07-09 07-10 07-13",
        "stable/1.2.0": "09-07 09-08 09-09 09-10 09-11",
        "stable/1.3.0": "10-12 10-13 10-14 10-15 10-16",
    }
    for name, days in rollouts.items():
        yield f"releases/rollouts/{name}.yaml", rollout(name, days.split())


def rollout(name: str, days: list[str]) -> bytes:
    """Up the whole ladder of its channel, one rung a day, each on its pass."""
    ladder = [10, 100] if name.startswith("beta") else [1, 10, 25, 50, 100]
    lines = [f'{{at: "2026-{days[0]}T09:00:00Z", percent: {ladder[0]}, evidence: all well}}']
    for day, percent in zip(days[1:], ladder[1:], strict=True):
        lines.append(f'{{at: "2026-{day}T09:00:00Z", percent: {percent}, gate: default}}')
        lines.append(f'{{pass: {percent}, at: "2026-{day}T09:00:00Z", evidence: all well}}')
    head = f"rollout: {name}\nsalt: {name.replace('/', '-')}\ntargets: all\nsteps:\n"
    return (head + "".join(f"  - {line}\n" for line in lines)).encode()


def loaded() -> Facts:
    facts, problems = read(world())
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


def written() -> set[tuple[str, str]]:
    """What the examples use; the background counts for nothing."""
    facts = loaded()
    found = [facts.product, facts.policy, *(filed for kind in KINDS for filed in getattr(facts, kind.folder).values())]
    return {each for filed in found if filed.path in examples() for each in used(filed.value)}


def test_every_block_of_yaml_is_headed_by_its_path() -> None:
    assert README.count("```yaml") == len(examples())


def test_the_examples_are_a_repository_without_a_problem() -> None:
    assert [str(problem) for problem in check(loaded())] == []
    assert [str(problem) for problem in check(loaded(), loaded())] == []


def test_the_examples_use_every_field_of_every_fact() -> None:
    every = {
        (kind.__name__, field.name)
        for kind in vars(kinds).values()
        if isinstance(kind, type) and hasattr(kind, "__pydantic_config__")
        for field in fields(kind)
    }
    # `lifted` is the same in all kinds: one example is enough, and more would undo the others.
    everywhere = {(name, field) for name, field in every if field == "lifted"}
    assert everywhere & written()
    assert every - everywhere - written() == set()


def test_there_is_an_example_of_every_kind() -> None:
    assert all(any(kind.name(path) for path in examples()) for kind in KINDS)
    assert isinstance(loaded().product, Filed)


def test_every_kind_can_be_lifted_or_is_not_said_to_be() -> None:
    liftable = {kind.type.__name__ for kind in KINDS if any(field.name == "lifted" for field in fields(kind.type))}
    assert liftable == {"Withdrawal", "Stop", "Barrier", "Deadend", "Block", "Freeze", "Notice"}
    assert "a withdrawal, stop, barrier, dead end, block, freeze or notice does" in README.replace("\n", " ")


def test_it_opens_with_what_people_want_to_do() -> None:
    assert README.index("| I want to … | add this |") < README.index("## ")


def test_its_table_leads_to_headings_that_exist() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", README, re.M)
    }
    assert set(re.findall(r"\(#([a-z-]+)\)", README)) <= headings


def test_the_verbs_it_names_are_tasks() -> None:
    tasks = (Path(__file__).parents[3] / "tasks.py").read_text()
    for verb in set(re.findall(r"\./inv ([a-z-]+)", README)):
        assert re.search(rf'def {verb}\(|name="{verb}"', tasks), verb


def test_it_names_every_verb_that_writes_facts() -> None:
    verbs = "release start raise pass hold resume critical withdraw stop lift block barrier deadend freeze"
    assert set(verbs.split()) <= set(re.findall(r"\./inv ([a-z-]+)", README))


def test_what_it_says_of_pre_releases_in_ranges_is_so() -> None:
    assert "**`<1.5.0` holds 1.5.0-beta.1**" in README
    assert ranges.parse("<1.5.0").holds("1.5.0-beta.1")
    assert not ranges.parse(">=1.5.0").holds("1.5.0-beta.1")
    assert not ranges.parse("<1.5.0-0").holds("1.5.0-beta.1")
    assert ranges.parse("<1.5.0-0").holds("1.4.9")


def test_the_schema_line_it_shows_is_the_right_one() -> None:
    assert f"`{schema_line('channels').strip()}`" in README
