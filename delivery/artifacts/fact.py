"""Writes releases/versions/<version>.yaml: the text of a build's fact. Builds, signs and checks nothing.

A template, not an emitter: the file has one shape, is written once and never edited.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from delivery.rules.characters import deceptions
from delivery.rules.facts import Artifact, Source, Version
from delivery.rules.schemas import schema_line


def artifact(file: str, data: bytes, signature: str | None) -> Artifact:
    """What a fact says of these bytes."""
    return Artifact(file, len(data), hashlib.sha256(data).hexdigest(), signature)


def to_yaml(version: Version) -> bytes:
    """The whole file. Texts are quoted where YAML could take them for something else."""
    lines = [
        f"# What was built as {version.version}. The build wrote this file; it is never edited.",
        f"version: {version.version}",
        f'published: "{_moment(version.published)}"',
        *_source(version.source),
        *_notes(version.notes),
        *_minimum(version.minimum_os or {}),
        "artifacts:",
        *_targets(version.artifacts),
    ]
    return (schema_line("versions") + "".join(f"{line}\n" for line in lines)).encode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _source(source: Source) -> Iterable[str]:
    yield "source:"
    yield f"  repository: {source.repository}"
    yield f'  commit: "{source.commit}"'  # 40 digits would be a number, and 12e4… a float
    yield f"  run: {source.run}"


def _notes(notes: str) -> Iterable[str]:
    """A literal block where one gives back exactly this text, else one quoted line."""
    lines = notes.split("\n")
    if len(lines) > 1 and lines[0] and lines[-1] and all(_is_plain(line) for line in lines):
        yield "notes: |-"
        yield from (f"  {line}".rstrip() for line in lines)
    else:
        yield "notes: " + yaml.safe_dump(notes, default_style='"', width=math.inf).rstrip("\n")


def _is_plain(line: str) -> bool:
    return line.isprintable() and line == line.strip() and not [*deceptions(line)]


def _minimum(systems: Mapping[Any, str]) -> Iterable[str]:
    if systems:
        yield "minimum-os:"
        yield from (f'  {system}: "{least}"' for system, least in systems.items())


def _targets(artifacts: Mapping[str, Mapping[str, Artifact]]) -> Iterable[str]:
    for target, bundles in artifacts.items():
        yield f"  {target}:"
        for bundle, artifact in bundles.items():
            yield f"    {bundle}:"
            yield f"      file: {artifact.file}"
            yield f"      size: {artifact.size}"
            yield f'      sha256: "{artifact.sha256}"'
            if artifact.signature:
                yield f"      signature: {artifact.signature}"
