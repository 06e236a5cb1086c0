"""Which path is which fact, and all of them together as `Facts`.

Loads files (`load`) and knows where they belong. What a fact may say about another is `check`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast

from delivery.rules.facts import (
    Barrier,
    Block,
    Channel,
    Deadend,
    Experiment,
    Facts,
    Filed,
    Flag,
    Freeze,
    Notice,
    Policy,
    Product,
    Rollout,
    Stop,
    Version,
    Withdrawal,
)
from delivery.rules.load import parse
from delivery.rules.problem import Problem
from delivery.rules.strays import leftover, stray, twins

PRODUCT = "product.yaml"
POLICY = "releases/policy.yaml"
FOLDER = "releases/"
_README = "releases/README.md"

T = TypeVar("T")


File = bytes


class Link(File):
    """What a repository holds in place of a file's own bytes: a symbolic link (its target), or a submodule (nothing).

    No fact may be one: what it says would stand somewhere else, and would not be in the diff that people approve.
    """


@dataclass(frozen=True, slots=True)
class Kind:
    """One folder of facts: its type, the key that is also the file's name (if one is), and what names look like."""

    folder: str
    type: type[Any]
    key: str | None
    names: str

    def name(self, path: str) -> str | None:
        """stable/1.4.0 for releases/rollouts/stable/1.4.0.yaml; None for a path of another kind."""
        prefix = f"{FOLDER}{self.folder}/"
        if not path.startswith(prefix) or not path.endswith(".yaml"):
            return None
        name = path.removeprefix(prefix).removesuffix(".yaml")
        return name if name.count("/") == self.names.count("/") and all(name.split("/")) else None

    def path(self, name: str) -> str:
        """The other way round."""
        return f"{FOLDER}{self.folder}/{name}.yaml"

    @property
    def shape(self) -> str:
        """Its paths in words: releases/versions/<version>.yaml."""
        return self.path(self.names)


KINDS = (
    Kind("versions", Version, "version", "<version>"),
    Kind("channels", Channel, "channel", "<channel>"),
    Kind("rollouts", Rollout, "rollout", "<channel>/<version>"),
    Kind("withdrawals", Withdrawal, "withdraw", "<version>"),
    Kind("stops", Stop, None, "<date>-<channel>"),  # a channel may be stopped again another day
    Kind("barriers", Barrier, "barrier", "<version>"),
    Kind("deadends", Deadend, "deadend", "<version>"),
    Kind("blocks", Block, "block", "<name>"),
    Kind("freezes", Freeze, "freeze", "<name>"),
    Kind("experiments", Experiment, "experiment", "<name>"),
    Kind("flags", Flag, "flag", "<name>"),
    Kind("notices", Notice, "notice", "<name>"),
)


def read(files: Mapping[str, File]) -> tuple[Facts | None, tuple[Problem, ...]]:
    """The facts in these files (path -> bytes), and every problem of every file; None where some could not be read.

    Files that do not belong there are told, and keep the others from nothing.
    Files outside releases/ and product.yaml are none of its business and are passed over. Never raises.
    """
    reading = _Reading()
    product = reading.one(PRODUCT, files, Product)
    policy = reading.one(POLICY, files, Policy)
    found: dict[str, dict[str, Filed[Any]]] = {kind.folder: {} for kind in KINDS}
    paths = sorted(path for path in files if path.startswith(FOLDER))
    reading.strays.extend(twins(paths))
    for path in paths:
        if path not in (POLICY, _README):
            reading.any(path, files[path], found)
    told = tuple(sorted({*reading.problems, *reading.strays}))
    if reading.problems or product is None or policy is None:
        return None, told
    return Facts(product, policy, **found), told


@dataclass(slots=True)
class _Reading:
    problems: list[Problem] = field(default_factory=list)
    strays: list[Problem] = field(default_factory=list)

    def one(self, path: str, files: Mapping[str, File], into: type[T]) -> Filed[T] | None:
        if path in files:
            return self.load(path, files[path], into)
        self.problems.append(Problem(path, 0, "", "is missing", "restore it from git"))
        return None

    def any(self, path: str, data: File, found: Mapping[str, dict[str, Filed[Any]]]) -> None:
        kind = next((kind for kind in KINDS if kind.name(path) is not None), None)
        odd = _not_a_file(path, data) or leftover(path)
        if odd or kind is None:
            self.strays.append(odd or stray(path, [POLICY, *(kind.shape for kind in KINDS)]))
            return
        filed, name = self.load(path, data, kind.type), str(kind.name(path))
        if filed and self.is_named(filed, kind, name):
            found[kind.folder][name] = filed

    def load(self, path: str, data: File, into: type[T]) -> Filed[T] | None:
        if wrong := _not_a_file(path, data):
            self.problems.append(wrong)
            return None
        filed, problems = _parsed(path, data, cast("Any", into))
        self.problems.extend(problems)
        return filed

    def is_named(self, filed: Filed[Any], kind: Kind, name: str) -> bool:
        said = name if kind.key is None else getattr(filed.value, kind.key)
        if said == name:
            return True
        what = f'says "{said}" in a file named for "{name}"'
        mend = f"write {name}, or move the file to {kind.path(said)}"
        self.problems.append(Problem(filed.path, filed.line(str(kind.key)), str(kind.key), what, mend))
        return False


@lru_cache(maxsize=8192)
def _parsed(path: str, data: bytes, into: Any) -> tuple[Filed[Any] | None, tuple[Problem, ...]]:
    """What was read once, in the base or at another commit, is not read again."""
    return parse(path, data, into)


def _not_a_file(path: str, data: File) -> Problem | None:
    if isinstance(data, Link):
        where = f" to {data.decode(errors='backslashreplace')}" if data else ""
        return Problem(path, 0, "", f"is a link{where}, not a file", "put the fact itself there")
    if ".." in path.split("/"):
        return Problem(path, 0, "", "leads out of its folder", "name the file without ..")
    return None
