"""What strangers may write (titles, branches, inputs, payloads) reaches a task as one word, and no shell obeys it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.laptop.system import ROOT

HOSTILE = "$(touch pwned) `touch pwned`; touch pwned & '\" * ${PATH} \\\n--commit"
RECORDER = '#!/bin/sh\nfor each in "$@"; do printf "%s\\0" "$each" >> typed; done\n'
FILES = sorted((ROOT / ".github").glob("**/*.yml"))


def steps(file: Path) -> Iterator[tuple[str, list[str]]]:
    """What each step runs, and the variables that its file gives it."""
    made: Any = yaml.safe_load(file.read_text())
    jobs = [*made.get("jobs", {}).values(), made.get("runs", {})]
    for job in jobs:
        for step in job.get("steps", []):
            if "run" in step:
                yield step["run"], sorted({**made.get("env", {}), **job.get("env", {}), **step.get("env", {})})


def said(script: str, names: list[str]) -> list[str]:
    """Those of the variables that it names, as often as it does."""
    return [each for each in re.findall(r"\$(\w+)", script) if each in names]


WITH_VARIABLES = [
    pytest.param(script, names, id=f"{file.stem}: {script}")
    for file in FILES
    for script, names in steps(file)
    if said(script, names)
]


def test_no_line_that_runs_has_an_expression_in_it() -> None:
    assert not [(file.name, script) for file in FILES for script, _ in steps(file) if "${{" in script]


@pytest.mark.parametrize(("script", "names"), WITH_VARIABLES)
def test_a_variable_is_one_word_to_its_task(script: str, names: list[str], tmp_path: Path) -> None:
    inv = tmp_path / "inv"
    inv.write_text(RECORDER)
    inv.chmod(0o755)
    summary = str(tmp_path / "summary")
    given = {**dict.fromkeys(names, HOSTILE), "GITHUB_STEP_SUMMARY": summary, "PATH": "/usr/bin:/bin"}
    typing = ["bash", "-e", "-c", script]
    done = subprocess.run(typing, cwd=tmp_path, env=given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    typed = (tmp_path / "typed").read_text().split("\0")[:-1]
    values = [word.partition("=")[2] if word.startswith("--") else word for word in typed]
    assert values.count(HOSTILE) == len(said(script, names))
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "summary") == ["inv", "typed"]
