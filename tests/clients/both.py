"""The real client and the one in Python, asked the same.

The real one is a program: what the app's configuration says goes in as JSON, where the app lies as APPIMAGE, and which
bundle it is by a mark in the program itself, which Tauri's bundler sets as it is set here.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.reference.check import Update, check
from clients.reference.download import download, install
from clients.reference.errors import UpdaterError
from clients.reference.installation import Installation

OWN_WORDS = {
    "EmptyEndpoints",
    "InvalidUpdaterFormat",
    "Minisign",
    "MissingSignedVersion",
    "Network",
    "ReleaseNotFound",
    "SignatureUtf8",
    "SignedVersionMismatch",
    "TargetNotFound",
    "TargetsNotFound",
}
"""Errors whose words are the plugin's; those of its libraries for HTTP, JSON and files differ from Python's."""

_UNMARKED = b"__TAURI_BUNDLE_TYPE_VAR_UNK"
_MARKS = {"appimage": b"APP", "deb": b"DEB", "rpm": b"RPM"}


@dataclass(frozen=True)
class Offer:
    """An update as the app sees it. `date` is in whole seconds since 1970."""

    version: str
    url: str
    signature: str
    notes: str | None
    date: int | None
    raw: Any


@dataclass(frozen=True)
class Failure:
    """An error by its name in the plugin's code, and its words where they are the plugin's own."""

    kind: str
    words: str = ""


Answer = Offer | Failure | None


@dataclass(frozen=True)
class Both:
    """The two clients. `folder` holds the real one as each bundle."""

    program: Path
    folder: Path

    def say(self, app: Installation, file: Path | None = None, **env: str) -> Answer:
        """What both of them answer; with a file both also install what they find there, from the same beginning."""
        before = (file.read_bytes(), file.stat().st_mode) if file else None
        real = self.real(app, file, **env)
        after = (file.read_bytes(), file.stat().st_mode) if file else None
        if file and before:
            file.write_bytes(before[0])
            file.chmod(before[1])
        ours = reference(app, file)
        assert ours == real
        if file and app.bundle in ("appimage", "unknown"):
            assert (file.read_bytes(), file.stat().st_mode) == after
        return real

    def real(self, app: Installation, file: Path | None = None, **env: str) -> Answer:
        """What the real client answers."""
        question = {
            "current": app.current,
            "endpoints": app.endpoints,
            "pubkey": app.pubkey,
            "require_signed_version": app.require_signed_version,
            "target": app.custom_target,
            "headers": dict(app.headers),
            "timeout": app.timeout,
            "install": file is not None,
        }
        environment = {"PATH": "/nowhere", "HOME": str(self.folder), **({"APPIMAGE": str(file)} if file else {}), **env}
        done = subprocess.run(
            [self._as(app.bundle)],
            input=json.dumps(question) + "\n",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return _answer(json.loads(done.stdout))

    def _as(self, bundle: str) -> Path:
        if bundle == "unknown":
            return self.program
        marked = self.folder / bundle
        if not marked.exists():
            data = self.program.read_bytes()
            assert data.count(_UNMARKED) == 1
            marked.write_bytes(data.replace(_UNMARKED, _UNMARKED[:-3] + _MARKS[bundle]))
            marked.chmod(0o755)
        return marked


def reference(app: Installation, file: Path | None = None) -> Answer:
    """What the one in Python answers."""
    try:
        found = check(app)
        if not isinstance(found, Update):
            return None
        if file:
            install(download(app, found), file, app.bundle)
    except UpdaterError as error:
        return _failure(type(error).__name__, str(error))
    date = None if found.pub_date is None else int(found.pub_date.timestamp() // 1)
    return Offer(found.version, found.url, found.signature, found.notes, date, found.raw)


def _answer(said: Mapping[str, Any]) -> Answer:
    if error := said.get("error"):
        return _failure(error["kind"], error["words"])
    return Offer(**said["update"]) if said["update"] else None


def _failure(kind: str, words: str) -> Failure:
    return Failure(kind, words if kind in OWN_WORDS else "")
