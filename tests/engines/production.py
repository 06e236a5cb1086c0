"""Staging as production has it, on a moto server: real commands, the real engine, its S3 backend and KMS secrets.

Only the providers are the laptop's: attached to the CLI by its own variable for debugging providers.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from delivery.artifacts import samples
from delivery.endpoint.settings import Settings
from delivery.engines import cli
from delivery.laptop import keys
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.endpoint import endpoint_settings
from infra.names import Names
from tests.engines.internet import Internet
from tests.laptop.system import copy_of_this_repository, env, git

ENVIRONMENT: Environment = "staging"
DOMAIN = "espice-staging.app"
FILE = f"Pulumi.{ENVIRONMENT}.yaml"
ACCOUNT = "123456789012"  # moto's only one


@dataclass(frozen=True)
class Staging:
    """A checkout, and the account that its commands reach."""

    repo: Path
    moto: str
    ledger: Path
    env: Mapping[str, str]
    internet: Internet

    def inv(self, *arguments: str, expect: int = 0, given: str | None = None) -> str:
        """Type `./inv …` and get what it prints."""
        done = self.started(*arguments, given=given)
        said, trouble = done.communicate(given, timeout=500)
        assert done.returncode == expect, f"./inv {' '.join(arguments)} -> {done.returncode}\n{said}{trouble}"
        return said + ("" if "--json" in arguments else trouble)

    def json(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """The same, for machines."""
        found: dict[str, Any] = json.loads(self.inv(*arguments, "--json", expect=expect))
        return found

    def started(self, *arguments: str, given: str | None = None) -> subprocess.Popen[str]:
        """Typed, and not waited for; the head of a process group of its own."""
        command = [sys.executable, "-m", "invoke", *arguments]
        stdin = subprocess.PIPE if given is not None else subprocess.DEVNULL
        pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        outside = {} if arguments[0] == "build" else self.internet.env  # a build gets its wheels from where they are
        env = {**self.env, **outside}
        return subprocess.Popen(command, cwd=self.repo, env=env, text=True, start_new_session=True, **pipes)

    def client(self, service: str) -> Any:
        """boto3's, in that account."""
        told = {"endpoint_url": self.moto, "region_name": "us-east-1"}
        return boto3.client(service, aws_access_key_id="t", aws_secret_access_key="t", **told)

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Change a file by regular expressions, each of which is found."""
        file = self.repo / path
        text = file.read_text()
        for pattern, becomes in changes:
            assert re.search(pattern, text), pattern
            text = re.sub(pattern, lambda _, new=becomes: new, text)
        file.write_text(text)

    def commit(self, message: str) -> None:
        """Commit everything."""
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-q", "-m", message)


@contextmanager
def as_if_over_tls() -> Iterator[None]:
    """moto reads no condition and takes "never without TLS" for "never": here each request is taken for one by TLS."""
    really = IAMPolicyStatement.is_action_permitted

    def permitted(statement: IAMPolicyStatement, *args: Any, **more: Any) -> PermissionResult:
        unless = statement._statement.get("Condition", {}).get("Bool", {})
        if unless.get("aws:SecureTransport") == "false":
            return PermissionResult.NEUTRAL
        return really(statement, *args, **more)

    IAMPolicyStatement.is_action_permitted = permitted
    try:
        yield
    finally:
        IAMPolicyStatement.is_action_permitted = really


@contextmanager
def staging(moto: str, folder: Path) -> Iterator[Staging]:
    """A copy of this repository whose staging is the account of this moto server."""
    repo = copy_of_this_repository(folder)
    ledger = folder.parent / "ledger.json"
    providers = serve(packages(moto, ledger))
    ports = ",".join(f"{name}:{address.rpartition(':')[2]}" for name, address in providers.addresses.items())
    profiles = folder.parent / "credentials"  # R2's keys lie in a profile of their own
    profiles.write_text(f"[espice-{ENVIRONMENT}-r2]\naws_access_key_id = r\naws_secret_access_key = 2\n")
    told = {
        "AWS_SHARED_CREDENTIALS_FILE": str(profiles),
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "t",
        "AWS_SECRET_ACCESS_KEY": "t",
        "PULUMI_DEBUG_PROVIDERS": ports,
        "PATH": f"{cli.needed().parent}{os.pathsep}{os.environ['PATH']}",
    }
    s3 = boto3.client(
        "s3", endpoint_url=moto, region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t"
    )
    with Internet(folder.parent, DOMAIN, s3, lambda: _settings(repo)) as internet:
        yield _configured(Staging(repo, moto, ledger, {**env(), **told}, internet))
    providers.stop()


def _configured(made: Staging) -> Staging:
    made.edit(
        FILE,
        ('account: "000000000000"', f'account: "{ACCOUNT}"'),
        ('account: "0{32}"', f'account: "{"a" * 32}"'),
        ('zone: "0{32}"', f'zone: "{"b" * 32}"'),
        (r"(?s)origin-pull: \|.*?\n    github:", f"origin-pull: |\n{_origin_pull(made.repo)}    github:"),
        ("timeout: 5", "timeout: 1"),  # what a purge waits for
        ("confirm-after: 10", "confirm-after: 1"),
    )
    made.commit("Say which accounts staging has")
    return made


def _settings(repo: Path) -> Settings:
    """What staging's endpoint is told by the files as they are now."""
    filed, _ = parse("product.yaml", (repo / "product.yaml").read_bytes(), Product)
    infra, _ = stack_file.read(FILE, (repo / FILE).read_bytes())
    assert filed is not None
    assert infra is not None
    return endpoint_settings(Names.of(filed.value, ENVIRONMENT), infra, filed.value, None)


def _origin_pull(repo: Path) -> str:
    """The certificate that goes with the demo key."""
    file = yaml.safe_load((repo / "Pulumi.laptop.yaml").read_text())
    text = file["config"]["espice:infra"]["cloudflare"]["origin-pull"]
    return "".join(f"        {line}\n" for line in text.strip().splitlines())


def origin_pull_key() -> str:
    """The demo key."""
    return keys.secrets()["origin-pull-key"]


def built(account: Staging, folder: Path) -> Path:
    """The files of every version, as continuous integration would have made them."""
    filed, _ = parse("product.yaml", (account.repo / "product.yaml").read_bytes(), Product)
    assert filed is not None
    for file in sorted((account.repo / "releases/versions").glob("*.yaml")):
        version = yaml.safe_load(file.read_text())
        for target, bundles in version["artifacts"].items():
            for bundle, artifact in bundles.items():
                place = folder / version["version"] / artifact["file"]
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(samples.build(filed.value.title, version["version"], target, bundle))
    return folder
