"""What check says of stack files, wherever they are: in the work tree, or in what a proposal would make of main."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from delivery.rules.facts import Facts
from delivery.rules.problem import Problem
from delivery.rules.read import File
from delivery.rules.shapes import Environment
from infra import config as stack_file


def stack_files(facts: Facts | None, lying: Callable[[Sequence[str]], Mapping[str, File]]) -> tuple[Problem, ...]:
    """The problems of Pulumi.<environment>.yaml of each environment: of those there can be, if facts cannot say.

    `lying` gives the files of these paths, from wherever the facts are.
    """
    environments = facts.product.value.environments if facts else get_args(Environment)
    paths = [stack_file.path(environment) for environment in environments]
    files = lying(paths)
    absent = [path for path in paths if path not in files] if facts else []
    missing = [Problem(path, 0, "", "is missing", "restore it from git") for path in absent]
    return (*missing, *(problem for path, data in files.items() for problem in stack_file.read(path, data)[1]))
