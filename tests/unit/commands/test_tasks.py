"""The list of tasks is the help: complete, quick, and loaded without anything heavy."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from invoke import Collection, Program, Task
from invoke.loader import FilesystemLoader

ROOT = Path(__file__).parents[3]
HEAVY = ("boto3", "delivery", "flask", "grpc", "infra", "pulumi", "pydantic", "requests", "rich")


def options(task: Task[Any]) -> list[str]:
    """As people type them."""
    names = (argument.names[0] for argument in task.get_arguments())
    return [f"--{name}" if len(name) > 1 else f"-{name}" for name in names]


def loaded() -> Collection:
    """tasks.py as ./inv sees it."""
    module, _ = FilesystemLoader(start=str(ROOT)).load("tasks")
    return Collection.from_module(module)


TASKS = {name: loaded()[name] for name in loaded().task_names}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_and_every_parameter_says_what_it_is_for(name: str) -> None:
    assert TASKS[name].__doc__
    assert [argument.name for argument in TASKS[name].get_arguments() if not argument.help] == []


@pytest.mark.parametrize("name", TASKS)
def test_help_shows_the_sentence_and_every_option(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Program(namespace=loaded(), binary="inv").run(["inv", "--help", name], exit=False)
    shown = " ".join(capsys.readouterr().out.split()).replace("--[no-]", "--")
    assert f"inv [--core-opts] {name} " in shown
    assert " ".join(str(TASKS[name].__doc__).split()) in shown
    assert [option for option in options(TASKS[name]) if option not in shown] == []


def test_the_tasks_of_the_first_day_are_there() -> None:
    """What the README, workflows and people's fingers know."""
    first = "up down check plan preview apply status explain raise hold withdraw stop sample test lint fmt"
    assert set(first.split()) <= set(TASKS)


def test_what_a_machine_would_read_has_json() -> None:
    answers = "status check plan explain blame history next simulate preview apply outputs refresh destroy drift build"
    assert set(answers.split()) <= {name for name, task in TASKS.items() if "--json" in options(task)}


def test_listing_the_tasks_imports_nothing_heavy() -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "invoke", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(f"  {name} " in run.stdout for name in TASKS)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in run.stderr.splitlines()}
    assert "invoke" in imported
    assert imported.intersection(HEAVY) == set()
