"""What this software changed, in words: CHANGELOG.md, and the version in pyproject.toml that its newest section is of.

An entry is the first line of a commit, under the first of our groups that it touches. What only states facts is no
change of this software: `git log releases/` has that. Text that people wrote stays.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from semver import Version

from delivery.history.git import log
from delivery.rules.approvals import is_fact

PROJECT, CHANGELOG = "pyproject.toml", "CHANGELOG.md"
PATHS = (PROJECT, CHANGELOG)
NEXT = "## Next"  # what people wrote for the version to come

Part = Literal["major", "minor", "patch"]
Entries = Mapping[str, tuple[str, ...]]

# What people type, what they edit, and what installations are answered: a change of these is more than a patch.
_SURFACES = ("tasks.py", "schemas/", "infra/config.py", "docs/openapi.json")
_GROUPS = {
    "Facts": ("delivery/rules/", "schemas/", "releases/", "product.yaml"),
    "Endpoint": ("delivery/endpoint/", "clients/", "docs/openapi.json"),
    "Infrastructure": ("infra/", "policies/", "engine/", "delivery/deploy/", "delivery/engines/", "delivery/drift/"),
    "Laptop": ("delivery/laptop/", "delivery/drills/", "Containerfile"),
    "Automation": (".github/", "delivery/", "tasks.py", "inv"),
    "Documentation": ("docs/", "runbooks/", "README.md", "CONTRIBUTING.md"),
    "Tests and tools": ("",),
}
_SECTION = re.compile(r"^## .*\n", re.MULTILINE)
_MARKUP = re.compile(r"([\\`*_<>\[\]|@#])")
_VERSION = re.compile(r'^version = "(?P<version>[^"]*)"$', re.MULTILINE)
_TITLE = "# Changelog"


@dataclass(frozen=True, slots=True)
class Commit:
    """The first line of a commit, and the files it touches."""

    subject: str
    paths: tuple[str, ...]


def since(repo: Path, old: str, new: str) -> tuple[Commit, ...]:
    """The commits that `new` has and `old` lacks, without merges, the newest first. Raises NoHistory."""
    printed = log(repo, "%x01%s", "--no-merges", "--name-only", "--no-renames", f"{old}..{new}").decode(
        errors="replace"
    )
    lines = (each.splitlines() for each in printed.split("\1")[1:])
    return tuple(Commit(subject, tuple(path.lstrip('"') for path in paths if path)) for subject, *paths in lines)


def of_software(commits: Sequence[Commit]) -> tuple[Commit, ...]:
    """Those that do more than state facts."""
    return tuple(commit for commit in commits if not all(map(is_fact, commit.paths)))


def part(commits: Sequence[Commit]) -> Part:
    """What these commits are: minor where one of them changes what people type or edit, or installations get."""
    touched = (path for commit in commits for path in commit.paths)
    return "minor" if any(path.startswith(_SURFACES) for path in touched) else "patch"


def following(version: str, part: Part) -> str:
    """1.5.0 after 1.4.2, if it is a minor one. Raises ValueError."""
    return str(Version.parse(version).next_version(part))


def grouped(commits: Sequence[Commit]) -> Entries:
    """Their first lines by what they touch, in the order of our groups."""
    of = {name: tuple(c.subject for c in commits if _group(c) == name) for name in _GROUPS}
    return {name: subjects for name, subjects in of.items() if subjects}


def _group(commit: Commit) -> str:
    return next(name for name, below in _GROUPS.items() if any(path.startswith(below) for path in commit.paths))


def added(text: str, version: str, day: date, entries: Entries) -> str:
    """The changelog with a section of this version before all others; what stands under "Next" begins it."""
    before, written, after = _cut(text or _TITLE, NEXT)
    parts = [f"## {version} ({day})", *([written.strip()] if written.strip() else [])]
    for name, subjects in entries.items():
        parts.append(f"### {name}\n\n" + "\n".join(f"- {_MARKUP.sub(_escaped, each)}" for each in subjects))
    return "\n\n".join([before.rstrip(), *parts, after]).rstrip() + "\n"


def section(text: str, version: str) -> str | None:
    """What stands of this version, without its heading; None where nothing does."""
    found = re.search(rf"^## {re.escape(version)}(?: .*)?$", text, re.MULTILINE)
    return _cut(text, found[0])[1].strip() if found else None


def _cut(text: str, heading: str) -> tuple[str, str, str]:
    """What is before a heading, under it and after it; before the first one, where it is not there."""
    starts = [(found.start(), found.end(), found[0].strip()) for found in _SECTION.finditer(text)]
    for number, (start, end, title) in enumerate(starts):
        if title == heading:
            until = starts[number + 1][0] if number + 1 < len(starts) else len(text)
            return text[:start], text[end:until], text[until:]
    first = starts[0][0] if starts else len(text)
    return text[:first], "", text[first:]


def _escaped(found: re.Match[str]) -> str:
    """As itself in Markdown, calling nobody."""
    return "@\u200b" if found[0] == "@" else f"\\{found[0]}"


# --- pyproject.toml ---------------------------------------------------------------------------------------------------


def version(project: str) -> str:
    """The version that it says. Raises ValueError where it says none."""
    found = tomllib.loads(project).get("project", {}).get("version")
    if not isinstance(found, str):
        raise ValueError("says no version")
    return found


def with_version(project: str, new: str) -> str:
    """The same text with another version, and nothing else changed. Raises ValueError."""
    made = _VERSION.sub(f'version = "{new}"', project, count=1)
    old, now = tomllib.loads(project), tomllib.loads(made)
    old["project"]["version"] = new
    if old != now:
        raise ValueError('does not say its version on a line of its own, like version = "1.0.0"')
    return made
