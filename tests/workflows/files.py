"""The workflow files and actions of this repository, as they are written."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = {file.stem: file for file in sorted((ROOT / ".github/workflows").glob("*.yml"))}
OURS = "$/"  # how a step names an action of this repository, at the commit that runs

Yaml = Mapping[str, Any]


def workflow(name: str) -> Yaml:
    """A workflow; its triggers stand under `on`, which YAML takes for a word of its own."""
    found: dict[str, Any] = yaml.safe_load(FILES[name].read_text())
    found["on"] = found.pop(True)
    return found


def action(uses: str) -> Yaml:
    """An action of ours."""
    found: Yaml = yaml.safe_load((ROOT / uses.removeprefix(OURS) / "action.yml").read_text())
    return found


def legs(job: Yaml) -> list[Yaml]:
    """The values of a job's matrix, one for each time that it runs."""
    matrix = job.get("strategy", {}).get("matrix", {})
    lists = {name: values for name, values in matrix.items() if name != "include"}
    found: list[Yaml] = list(matrix.get("include", ())) or [{}]
    for name, values in lists.items():
        found = [{**each, name: value} for each in found for value in values]
    return found


def steps(job: Yaml) -> Iterator[Yaml]:
    """Those of a job, each action of ours followed by what it does itself."""
    for step in job["steps"]:
        yield step
        if step.get("uses", "").startswith(OURS):
            yield from steps(action(step["uses"])["runs"])
