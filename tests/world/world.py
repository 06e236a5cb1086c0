"""A miniature repository, changes of its files in words of text, and what the rules say of them.

A change is a mapping from a path to one edit:

    {add: text}                    at the end of the file; {lines: text} indented, as lines of `steps:`
    {replace: old, by: new}        one text that stands there once
    {write: text}                  a whole file; {hex: …} for bytes that no YAML can hold
    {link: target}                 a symbolic link
    {spare: name}                  a version that was built and is not in the repository yet, from spare/;
                                   with {replace: old, by: new} in all of it
    {copy: path, replace: …, by: …}  another file's text, with every `old` replaced
    {remove: true}
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from delivery.rules.check import check
from delivery.rules.facts import Facts
from delivery.rules.problem import Severity
from delivery.rules.read import Link, read

HERE = Path(__file__).parent
REPOSITORY = HERE / "repository"
NOON = "2026-11-25T12:00:00Z"  # a Wednesday

Files = dict[str, bytes]
Edit = Mapping[str, Any]


@cache
def _committed() -> tuple[tuple[str, bytes], ...]:
    found = sorted(path for path in REPOSITORY.rglob("*") if path.is_file())
    return tuple((path.relative_to(REPOSITORY).as_posix(), path.read_bytes()) for path in found)


def repository() -> Files:
    """The miniature repository: path -> bytes."""
    return dict(_committed())


def changed(files: Files, change: Mapping[str, Edit]) -> Files:
    """The files once these edits are made."""
    after = dict(files)
    for path, edit in change.items():
        made = _edited(files, path, edit)
        if made is None:
            del after[path]
        else:
            after[path] = made
    return after


def _edited(files: Files, path: str, edit: Edit) -> bytes | None:
    match edit:
        case {"remove": True}:
            return None
        case {"link": target}:
            return Link(target.encode())
        case {"hex": text}:
            return bytes.fromhex(text)
        case {"spare": name}:
            text = (HERE / "spare" / f"{name}.yaml").read_text()
            old = edit.get("replace")
            return (text.replace(old, edit["by"]) if old else text).encode()
        case {"write": text}:
            return text.encode()
        case {"add": text}:
            return files[path] + text.encode()
        case {"copy": source, "replace": old, "by": new}:
            return files[source].decode().replace(old, new).encode()
        case {"lines": text}:
            return files[path] + "".join(f"  {line}\n" for line in text.splitlines()).encode()
        case {"replace": old, "by": new}:
            text = files[path].decode()
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
            return text.replace(old, new).encode()
    raise AssertionError(f"{path}: no such edit: {edit}")


def moment(text: str) -> datetime:
    """A moment as facts write it."""
    return datetime.fromisoformat(text)


def facts(files: Files) -> Facts:
    """The facts in these files, which can be read."""
    found, problems = read(files)
    assert found is not None, "\n".join(map(str, problems))
    return found


def said_of(base: Files, files: Files, now: datetime) -> list[str]:
    """Every problem of reading and checking these files as a change of the base, as `./inv check` prints them."""
    found, problems = read(files)
    return [str(each) for each in problems or check(found or facts(files), facts(base), now=now)]


def errors_of(base: Files, files: Files, now: datetime) -> list[str]:
    """Those of them that refuse the change."""
    found, problems = read(files)
    every = problems or check(found or facts(files), facts(base), now=now)
    return [str(each) for each in every if each.severity is Severity.error]


def cases(folder: str) -> list[Path]:
    """The files of a folder of tests/world, in order."""
    return sorted((HERE / folder).glob("*.yaml"))


def case(path: Path) -> dict[str, Any]:
    """What one of them says."""
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found
