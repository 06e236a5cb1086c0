"""Where the real engine keeps a stack: its state, who encrypts its secrets, and the locks that runs hold on it.

A folder on the laptop, a bucket and a KMS key in the clouds; both are Pulumi's own self-managed backends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psutil

from delivery.engines.state import read_or_make

FORGOTTEN = timedelta(hours=2)
"""How old a lock of another host is when its owner is taken for dead: twice the time that a workflow's job may take."""


class Store(Protocol):
    """Files of the backend, by their path in it."""

    def list(self, folder: str) -> Mapping[str, bytes]:
        """The files below a folder."""
        ...

    def delete(self, path: str) -> None:
        """Take one away."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """Files on this machine."""

    root: Path

    def list(self, folder: str) -> Mapping[str, bytes]:
        found = sorted((self.root / folder).glob("*.json"))
        return {str(path.relative_to(self.root)): path.read_bytes() for path in found}

    def delete(self, path: str) -> None:
        for beside in ("", ".attrs"):  # Pulumi keeps what it knows of a file in another one
            (self.root / f"{path}{beside}").unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects of a bucket; `s3` is boto3's client."""

    s3: Any
    name: str

    def list(self, folder: str) -> Mapping[str, bytes]:
        listed = self.s3.list_objects_v2(Bucket=self.name, Prefix=f"{folder}/").get("Contents", ())
        return {
            each["Key"]: self.s3.get_object(Bucket=self.name, Key=each["Key"])["Body"].read()
            for each in listed
            if "/" not in each["Key"].removeprefix(f"{folder}/")
        }

    def delete(self, path: str) -> None:
        self.s3.delete_object(Bucket=self.name, Key=path)


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend by its URL, the provider of its secrets (`passphrase`, or a KMS key's URL), and what both need."""

    url: str
    secrets: str
    files: Store
    env: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def on_disk(cls, folder: Path, passphrase: Path) -> Backend:
        """In a folder of this machine, encrypted with the passphrase in this file."""
        folder.mkdir(parents=True, exist_ok=True)
        read_or_make(passphrase)
        env = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase)}
        return cls(folder.resolve().as_uri(), "passphrase", Folder(folder), env)


@dataclass(frozen=True, slots=True)
class Lock:
    """One run's hold on a stack."""

    path: str
    pid: int
    user: str
    host: str
    since: datetime

    @classmethod
    def read(cls, path: str, data: bytes) -> Lock:
        """From the file that Pulumi writes."""
        said = json.loads(data)
        since = datetime.fromisoformat(said["timestamp"]).astimezone(UTC)
        return cls(path, said["pid"], said["username"], said["hostname"], since)

    def is_left_over(self, now: datetime, host: str) -> bool:
        """Whether nobody holds it any more: its owner was a process of this host that is gone, or it is forgotten.

        One of this host that lives holds it for as long as it takes.
        """
        return not _lives(self.pid, self.since) if self.host == host else now - self.since > FORGOTTEN

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user} on {self.host} since {self.since:%Y-%m-%d %H:%M:%S} UTC"


def locks(backend: Backend, project: str, stack: str) -> list[Lock]:
    """The locks on a stack."""
    found = backend.files.list(f".pulumi/locks/organization/{project}/{stack}")
    return [Lock.read(path, data) for path, data in found.items()]


def _lives(pid: int, since: datetime) -> bool:
    try:
        process = psutil.Process(pid)
        is_younger = process.create_time() > since.timestamp() + 1  # then it has only its number
        return not is_younger and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
