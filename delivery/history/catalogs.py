"""What was live, commit by commit: the catalogs of the first-parent line.

Facts are read by today's code. A commit whose facts it cannot read, or whose artifacts the environment did not trust,
never went live for all we can say: what was live before it stayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery.history import mainline
from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog
from delivery.rules.facts import Facts
from delivery.rules.ledger import Live
from delivery.rules.problem import Problem, Refused
from delivery.rules.read import File, read


@dataclass(frozen=True, slots=True)
class Known:
    """The facts that a commit left and their catalog."""

    facts: Facts
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is no catalog of a commit."""

    problems: tuple[Problem, ...]


def known(files: Mapping[str, File], environment: str) -> Known | Unknown:
    """The catalog of these files in one environment."""
    facts, problems = read(files)
    if facts is None:
        return Unknown(problems)
    try:
        return Known(facts, assemble(facts, environment))
    except Refused as refused:
        return Unknown(refused.problems)


def lives(repo: Path, ref: str, environment: str) -> tuple[Live, ...]:
    """Every catalog that was live on this ref's first-parent line, oldest first."""
    line = mainline.entries(repo, ref)
    found = zip(line, (known(files, environment) for files in mainline.files(repo, line)), strict=True)
    return tuple(
        Live(entry.commit.id, entry.commit.at, each.catalog) for entry, each in found if isinstance(each, Known)
    )
