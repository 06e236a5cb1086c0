"""The whole system in a copy of this repository, driven by the same commands that people type."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config

from clients.reference.check import Update, UpToDate, check
from clients.reference.installation import Installation, espice_endpoints
from delivery.laptop import ports
from delivery.laptop.places import Places
from delivery.laptop.status import status

ROOT = Path(__file__).resolve().parents[2]
SERVED = ("CacheControl", "ContentDisposition", "ContentType", "Metadata")
PATIENCE = 120.0  # seconds, on a machine that runs the other tests at the same time


@dataclass(frozen=True)
class System:
    """A repository with its laptop running."""

    repo: Path

    def inv(self, *arguments: str, expect: int | None = 0, within: float | None = None) -> str:
        """Type `./inv …` and get what it prints, `within` so many seconds; `expect` None takes any exit status."""
        done = subprocess.run(
            [sys.executable, "-m", "invoke", *arguments],
            cwd=self.repo,
            capture_output=True,
            text=True,
            check=False,
            env=env(),
            timeout=within,
        )
        assert expect in (None, done.returncode), (
            f"./inv {' '.join(arguments)} -> {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done.stdout + done.stderr

    def git(self, *arguments: str) -> str:
        """Run git in the repository."""
        return git(self.repo, *arguments)

    def status(self) -> dict[str, Any]:
        """What `./inv status --json` says."""
        done = subprocess.run(
            [sys.executable, "-m", "invoke", "status", "--json"],
            cwd=self.repo,
            capture_output=True,
            text=True,
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def url(self, host: str) -> str:
        """Where a host is reached without DNS."""
        return str(status(Places(self.repo))["hosts"][host]["url"])

    def s3(self) -> Any:
        """The buckets of its clouds, past everything that guards them."""
        return boto3.client(
            "s3",
            endpoint_url=Places(self.repo).aws,
            region_name="us-east-1",
            aws_access_key_id="laptop",
            aws_secret_access_key="laptop",
            config=Config(s3={"addressing_style": "path"}),
        )

    def swap(self, bucket: str, key: str, data: bytes) -> None:
        """Put other bytes into an object by hand; how it is served stays what it was."""
        s3 = self.s3()
        was = s3.head_object(Bucket=bucket, Key=key)
        s3.put_object(Bucket=bucket, Key=key, Body=data, **{each: was[each] for each in SERVED if each in was})

    def write(self, path: str, text: str) -> None:
        """Write a file, as an editor would."""
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def append(self, path: str, line: str) -> None:
        """Add a line at the end of a file."""
        file = self.repo / path
        file.write_text(file.read_text() + line + "\n")

    def commit(self, message: str) -> str:
        """Commit everything and say its id."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def await_live(self) -> dict[str, Any]:
        """Wait until HEAD is live."""
        return self.await_status(lambda found: bool(found.get("head_is_live")), "HEAD is live")

    def await_status(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until the status is as wanted."""
        found: dict[str, Any] = {}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # Not by the command, whose start would cost the system that it watches half of a core.
            found = status(Places(self.repo))
            if wanted(found):
                return found
            time.sleep(0.2)
        raise AssertionError(
            f"not within {PATIENCE} s: {what}; status: {json.dumps(found, indent=1)}\n{self.log('up')}"
        )

    def log(self, name: str) -> str:
        """The end of what a process printed."""
        return (self.repo / ".state/laptop/logs" / f"{name}.log").read_text()[-4000:]

    def installation(self, version: str, bundle: str = "appimage", **said: Any) -> Installation:
        """An ESpice on Linux as a user has it."""
        keys = yaml.safe_load((self.repo / "product.yaml").read_text())["keys"]["artifacts"]
        endpoints = espice_endpoints(self.url("updates"), self.url("downloads"), said.pop("channel", "stable"), **said)
        return Installation(version, "linux", "x86_64", bundle, endpoints, keys[0]["public"], timeout=5)

    def ask(self, version: str, **said: Any) -> Update | UpToDate:
        """Check for updates as that installation."""
        return check(self.installation(version, **said))

    def offered(self, version: str, **said: Any) -> str | None:
        """The version it would install, or None."""
        answer = self.ask(version, **said)
        return answer.version if isinstance(answer, Update) else None


def git(repo: Path, *arguments: str) -> str:
    """Run git in a repository, as somebody whose name is of no matter."""
    who = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@espice.localhost", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *arguments], cwd=repo, capture_output=True, text=True, check=True).stdout


def env() -> dict[str, str]:
    """The environment of the tasks: git knows who commits, and asks nobody to sign."""
    who = {"NAME": "A Maintainer", "EMAIL": "maintainer@espice.localhost"}
    named = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who.items()}
    unsigned = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgsign", "GIT_CONFIG_VALUE_0": "false"}
    return {**os.environ, **named, **unsigned}


def copy_of_this_repository(folder: Path) -> Path:
    """What this work tree holds, committed in a repository of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        source, target = ROOT / name, folder / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "The repository as it is")
    ports.choose_others(Places(folder).ports)  # several run at a time, and each has its parts killed
    return folder


@contextmanager
def running(repo: Path, *, site: bool = False) -> Iterator[System]:
    """`./inv up --detach` … `./inv down`, with its web site only where a test asks for it."""
    system = System(repo)
    system.inv("up", "--detach", *([] if site else ["--no-site"]))
    try:
        yield system
    finally:
        system.inv("down")


def now(minutes: float = 0) -> str:
    """A moment as facts write it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
