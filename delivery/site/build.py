"""Builds the site of a commit: from what git has of it and what its facts say, never from the work tree.

A build is named by what it was made from, so the same thing is never built twice. It runs the code of that commit.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from delivery.engines.making import Progress, Tell
from delivery.history import snapshot
from delivery.history.git import git
from delivery.rules.read import File
from delivery.rules.shapes import Environment
from delivery.site import node
from delivery.site.data import Hosts, data
from delivery.site.finish import Unfit, finish
from delivery.site.node import Node

MADE_BY = ("site", "delivery/site/finish.py", node.LOCK)  # what decides a build besides its data
KEPT = 5  # builds, the ones that were asked for last
_OF_THE_MOMENT = ("built", "commit")  # of product.json: another moment alone makes no other build
_LINES = 12  # of what a failed build said
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_STACK = re.compile(r"^\s*at |^\s*$|^\s*errors: \[Getter/Setter\]|^}$")
_TROUBLE = re.compile(r"error|failed", re.IGNORECASE)


class BuildFailed(Exception):  # noqa: N818 - reads as what is wrong
    """The site of a commit cannot be built; the text says why, in a few lines."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: a folder of files to publish, and what it is named by. `is_new`: it was made just now."""

    folder: Path
    key: str
    commit: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a build is made from. `made_by` names the code, `data` are the files that its pages read."""

    commit: str
    made_by: bytes
    data: Mapping[str, bytes]

    @property
    def key(self) -> str:
        """Equal for builds that would differ in nothing but their moment."""
        told = hashlib.sha256(self.made_by)
        for name, content in sorted(self.data.items()):
            told.update(name.encode() + b"\0" + _timeless(content) + b"\0")
        return told.hexdigest()[:32]


def wanted(repo: Path, ref: str, environment: Environment, hosts: Hosts, now: datetime) -> Wanted:
    """What the site of this commit would be made from at this moment.

    Raises NoHistory; Refused where its facts or its content are wrong; BuildFailed where it has no site.
    """
    commit = snapshot.commit_id(repo, ref)
    made_by = git(repo, "ls-tree", "--full-tree", commit, "--", *MADE_BY)
    if made_by.count(b"\n") < len(MADE_BY):
        raise BuildFailed(f"commit {commit[:9]} has no site yet; name a later one")
    return Wanted(commit, made_by, data(repo, commit, environment, now, hosts))


def build(repo: Path, asked: Wanted, tell: Tell) -> Built:
    """Build it, unless it was built before. What is half built is never kept.

    Raises NoNode: it cannot be had here; BuildFailed: the commit's own fault.
    """
    state = repo / ".state"
    builds = state / "site" / "builds"
    folder = builds / asked.key
    builds.mkdir(parents=True, exist_ok=True)
    with FileLock(builds / ".lock"):
        is_new = not folder.exists()
        if is_new:
            files = snapshot.at_commit(repo, asked.commit, (*node.MANIFESTS, node.LOCK))
            manifests = {path: _bytes(files, path) for path in node.MANIFESTS}
            program = node.node(state, _bytes(files, node.LOCK), tell)
            packages = node.packages(program, state, manifests, tell)
            _make(repo, asked, program, packages, folder, tell)
        os.utime(folder)
        _forget(builds)
    return Built(folder, asked.key, asked.commit, is_new)


def _make(repo: Path, asked: Wanted, program: Node, packages: Path, folder: Path, tell: Tell) -> None:
    """In a folder within that of the packages, where Node finds them by looking upwards; one at a time does."""
    with FileLock(packages / ".building"), tempfile.TemporaryDirectory(prefix="build-", dir=packages) as scratch:
        node.forget(packages, "build-*", but=Path(scratch))
        work = Path(scratch)
        tell(Progress("taking the site out of git"))
        with tarfile.open(fileobj=io.BytesIO(git(repo, "archive", asked.commit, "--", "site"))) as archive:
            archive.extractall(work, filter="data")
        (work / ".git").mkdir()  # Tailwind leaves out what git would ignore, and this folder is ignored where it lies
        (work / "data").mkdir()
        for name, content in asked.data.items():
            (work / "data" / name).write_bytes(content)
        try:
            _build(work, program, packages, tell)
        except node.Failed as failed:
            raise BuildFailed(f"the site of {asked.commit[:9]} does not build: {_gist(str(failed), work)}") from None
        except Unfit as unfit:
            raise BuildFailed("\n".join(unfit.sentences)) from None
        (work / "out" / "client").rename(folder)


def _build(work: Path, program: Node, packages: Path, tell: Tell) -> None:
    modules, site, out = packages / "node_modules", work / "site", work / "out"
    told = {"ESPICE_SITE_BUILD": str(out), "ESPICE_SITE_DATA": str(work / "data"), "NODE_ENV": "production"}
    told |= {"NO_COLOR": "1", "FORCE_COLOR": "0"}
    program.run("building", tell, modules / "@react-router" / "dev" / "bin.cjs", "build", cwd=site, **told)

    def index(folder: Path) -> None:
        script = modules / "pagefind" / "lib" / "runner" / "bin.cjs"
        program.run("indexing for search", tell, script, "--site", folder, cwd=site)

    tell(Progress("finishing"))
    finish(out / "client", json.loads((work / "data" / "product.json").read_bytes()), index)


def _forget(builds: Path) -> None:
    kept = sorted((each for each in builds.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    for folder in kept[:-KEPT]:
        shutil.rmtree(folder)


def _timeless(content: bytes) -> bytes:
    """Data without what says only when it was made."""
    said = json.loads(content)
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if name not in _OF_THE_MOMENT}
    return json.dumps(said, sort_keys=True).encode()


def _bytes(files: Mapping[str, File], path: str) -> bytes:
    found = files.get(path)
    if not isinstance(found, bytes):
        raise BuildFailed(f"{path} is missing in this commit; restore it from git")
    return found


def _gist(said: str, work: Path) -> str:
    """What a build tool says of an error: from where it begins to, without its stack, its colours and our folders."""
    plain = _COLOURS.sub("", said).replace(f"{work}/", "").splitlines()
    lines = [line.rstrip() for line in plain if not _STACK.search(line)]
    first = next((number for number, line in enumerate(lines) if _TROUBLE.search(line)), 0)
    return "\n".join(lines[first : first + _LINES])
