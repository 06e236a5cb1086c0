"""What the documents say cannot rot: commands, options, links and paths that they name are there."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invoke import Collection, ParseError, Parser, Task
from invoke.loader import FilesystemLoader

ROOT = Path(__file__).parents[2]
SELF = Path(__file__).relative_to(ROOT).as_posix()


def tracked() -> list[str]:
    """The files of the repository, also those about to be added."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(name for name in names if name and (ROOT / name).is_file())


def read(name: str) -> str:
    return (ROOT / name).read_text()


def _tasks() -> Collection:
    module, _ = FilesystemLoader(start=str(ROOT)).load("tasks")
    return Collection.from_module(module)


FILES = tracked()
DOCUMENTS = [name for name in FILES if name.endswith(".md")]
COMMANDING = [*DOCUMENTS, *(name for name in FILES if name.startswith((".github/", ".ci/", ".pre-commit")))]
TASKS = _tasks()
GROUPS = tuple({name.partition(".")[0] for name in TASKS.task_names if "." in name})


def joined(words: list[str]) -> list[str]:
    """As invoke has them: a task of a group has a dot where people type a space."""
    return [f"{words[0]}.{words[1]}", *words[2:]] if len(words) > 1 and words[0] in GROUPS else words


# --- commands -----------------------------------------------------------------------------------------------------

_COMMAND = re.compile(r"\./inv(?: (?P<rest>(?:[^`#|>\s]| (?! ))*))?")  # two spaces end it: what follows explains it
_PLACEHOLDERS = {"<environment>": "laptop", "<version>": "1.4.0", "TASK": "up"}
_CORE = {"--list", "--help"}  # invoke's own


def commands(name: str) -> Iterator[list[str]]:
    """Every `./inv …` in a document, as words."""
    for found in _COMMAND.finditer(read(name)):
        words = shlex.split((found["rest"] or "").split(";")[0].replace('"$', '"').strip())
        yield joined([_PLACEHOLDERS.get(word.rstrip(".,)"), word) for word in words])


def complaint(words: list[str]) -> str | None:
    """What invoke would say to these words. A task named alone is a mention, and `…` leaves something out."""
    if not words or words[0] in _CORE or words[0] in GROUPS:
        return None
    name = words[0].rstrip(".,:)")
    if name not in TASKS.task_names:
        return f"there is no task {name}"
    if len(words) == 1 or "…" in words[1:]:
        known = {flag for argument in TASKS[name].get_arguments() for flag in _flags(argument)}
        return next((f"{name} has no {word}" for word in words if word.startswith("-") and word not in known), None)
    try:
        Parser(TASKS.to_contexts()).parse_argv(words)
    except ParseError as error:
        return str(error)
    return None


def _flags(argument: Any) -> list[str]:
    return [f"--{name.replace('_', '-')}" if len(name) > 1 else f"-{name}" for name in argument.names]


@pytest.mark.parametrize("name", COMMANDING)
def test_every_command_that_a_document_names_can_be_typed(name: str) -> None:
    assert [(words, wrong) for words in commands(name) if (wrong := complaint(words))] == []


def test_commands_are_found_and_wrong_ones_noticed() -> None:
    assert ["raise", "stable", "25"] in commands("README.md")
    assert complaint(["raise", "stable", "25", "--commit"]) is None
    assert complaint(["rise", "stable", "25"]) == "there is no task rise"
    assert complaint(["raise", "stable", "25", "--comit"]) == "No idea what '--comit' is!"
    assert complaint(["hold", "stable", "--raisin", "…"]) == "hold has no --raisin"
    assert "did not receive required positional arguments" in str(complaint(["explain", "stable"]))


def test_every_task_that_the_code_tells_people_to_type_is_there() -> None:
    code = [name for name in FILES if name.endswith(".py") and not name.startswith("tests/")]
    group = "".join(f"(?:{each} )?" for each in GROUPS)
    typed = re.compile(rf"\./inv (?!needs\b)({group}[a-z]+)")
    named = {(task.replace(" ", "."), name) for name in code for task in typed.findall(read(name))}
    assert [(task, name) for task, name in sorted(named) if task not in TASKS.task_names] == []


# --- the table of tasks -------------------------------------------------------------------------------------------


def row(name: str, task: Task[Any]) -> str:
    """A task as docs/tasks.md has it."""
    given = [name.replace(".", " ")]
    for argument in task.get_arguments():
        flag = _flags(argument)[0]
        if argument.positional:
            given.append(argument.names[0].upper())
        else:
            given.append(f"[{flag}]" if argument.kind is bool else f"[{flag} …]")
    return f"| `{' '.join(given)}` | {' '.join(str(task.__doc__).split())} |"


def test_every_task_is_in_the_table_of_tasks_as_its_help_has_it() -> None:
    rows = [line for line in read("docs/tasks.md").splitlines() if line.startswith("| `")]
    expected = [row(name, TASKS[name]) for name in TASKS.task_names]
    assert sorted(rows) == sorted(expected), "make docs/tasks.md say:\n" + "\n".join(expected)


# --- links and paths ----------------------------------------------------------------------------------------------

_LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
PLACES = {name.partition("/")[0] for name in FILES if "/" in name}


def anchors(text: str) -> set[str]:
    """Of headings, as GitHub makes them."""
    plain = (re.sub(r"[^\w\s-]", "", heading.strip().lower()) for heading in _HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in plain}


def dead_links(name: str) -> Iterator[str]:
    for link in _LINK.finditer(read(name)):
        target = (ROOT / name).parent / link["path"] if link["path"] else ROOT / name
        is_dead = not target.exists() or (link["anchor"] and link["anchor"] not in anchors(target.read_text()))
        if is_dead:
            yield link[0]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_to_a_file_or_heading_leads_somewhere(name: str) -> None:
    assert list(dead_links(name)) == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if not name.startswith("docs/adr/")])
def test_every_path_of_the_repository_that_a_document_names_is_there(name: str) -> None:
    named = [path for path in _PATH.findall(read(name)) if path.partition("/")[0] in PLACES]
    beside = (ROOT / name).parent
    assert [path for path in named if not (ROOT / path).exists() and not (beside / path).exists()] == []


def test_the_map_in_the_readme_names_folders_that_are_there_and_forgets_none() -> None:
    block = read("README.md").partition("## Where things are\n\n```\n")[2].partition("```")[0]
    rooms = set(re.findall(r"(?<=  )(\w+)/ ", block))
    beside = {"policies", "tests", "benchmarks", "runbooks", "docs"}  # on the line of another one
    top = set(re.findall(r"^(\w+)/ ", block, re.MULTILINE)) | beside
    of_delivery = {path.parent.name for path in (ROOT / "delivery").glob("*/__init__.py")}
    assert of_delivery <= rooms
    assert {name for name in PLACES if not name.startswith(".")} - {"requirements"} == top


def test_each_room_says_what_it_does() -> None:
    packages = [name for name in FILES if name.endswith("/__init__.py") and not name.startswith("tests/")]
    assert [name for name in packages if not read(name).startswith('"""')] == []


# --- what no file may name ----------------------------------------------------------------------------------------

_MACHINE = re.compile(r"(?<![\w./~$}>)*-])/(?:work|root|home|tmp|Users|mnt)/[\w.]")
_REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|npmjs\.(?:org|com)|proxy\.golang|crates\.io|artifactory", re.IGNORECASE
)


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    found = []
    for name in FILES:
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1):
            if name != SELF and (_MACHINE.search(line) or _REGISTRIES.search(line)):
                found.append(f"{name}:{number}: {line[:120]}")
    assert found == []
