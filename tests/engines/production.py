"""Staging and production as they are, on a moto server: real commands, the real engine, S3 backend and KMS secrets.

Only the providers are the laptop's: attached to the CLI by its own variable for debugging providers.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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

ACCOUNT = "123456789012"  # moto's only one
ZONES = {"staging": "b" * 32, "production": "c" * 32}


@dataclass(frozen=True)
class Account:
    """A checkout, and the account that its commands reach: moto's is that of all environments.

    `providers` are each environment's, as Pulumi's variable names them, for Cloudflare tells zones apart; `ledger` is
    what the first one's have made.
    """

    repo: Path
    moto: str
    ledger: Path
    env: Mapping[str, str]
    internet: Internet
    providers: Mapping[str, str]

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
        env = {**self.env, **outside, **self.attached(arguments)}
        return subprocess.Popen(command, cwd=self.repo, env=env, text=True, start_new_session=True, **pipes)

    def attached(self, typed: Sequence[str]) -> dict[str, str]:
        """The providers of the environment that is named there, or of the first one."""
        named = [each for each in self.providers if {each, f"{each}-live"} & {*typed}]
        return {"PULUMI_DEBUG_PROVIDERS": self.providers[(*named, *self.providers)[0]]}

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
def account(moto: str, folder: Path, *environments: Environment) -> Iterator[Account]:
    """A copy of this repository some of whose environments are the account of this moto server."""
    repo = copy_of_this_repository(folder)
    ledgers = {environment: folder.parent / f"ledger-{environment}.json" for environment in environments}
    served = {environment: serve(packages(moto, ledger)) for environment, ledger in ledgers.items()}
    ports = {environment: _ports(handle.addresses) for environment, handle in served.items()}
    profiles = folder.parent / "credentials"  # R2's keys lie in profiles of their own
    keys = "aws_access_key_id = r\naws_secret_access_key = 2\n"
    profiles.write_text("".join(f"[espice-{environment}-r2]\n{keys}" for environment in environments))
    told = {
        "AWS_SHARED_CREDENTIALS_FILE": str(profiles),
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "t",
        "AWS_SECRET_ACCESS_KEY": "t",
        "PATH": f"{cli.needed().parent}{os.pathsep}{os.environ['PATH']}",
    }
    s3 = boto3.client(
        "s3", endpoint_url=moto, region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t"
    )
    sites = {_product(repo).environments[each].domain: partial(_settings, repo, each) for each in environments}
    with Internet(folder.parent, s3, sites) as internet:
        made = Account(repo, moto, ledgers[environments[0]], {**env(), **told}, internet, ports)
        for environment in environments:
            _configure(made, environment)
        yield made
    for handle in served.values():
        handle.stop()


def _ports(addresses: Mapping[str, str]) -> str:
    return ",".join(f"{name}:{address.rpartition(':')[2]}" for name, address in addresses.items())


def _configure(made: Account, environment: Environment) -> None:
    made.edit(
        file(environment),
        ('account: "000000000000"', f'account: "{ACCOUNT}"'),
        ('account: "0{32}"', f'account: "{"a" * 32}"'),
        ('zone: "0{32}"', f'zone: "{ZONES[environment]}"'),
        (r"(?s)origin-pull: \|.*?\n    github:", f"origin-pull: |\n{_origin_pull(made.repo)}    github:"),
        ("timeout: 5", "timeout: 1"),  # what a purge waits for
        ("confirm-after: 10", "confirm-after: 1"),
    )
    made.commit(f"Say which accounts {environment} has")


def file(environment: Environment) -> str:
    """The stack file of an environment."""
    return f"Pulumi.{environment}.yaml"


def trust(made: Account, environment: Environment, keys: Mapping[str, Mapping[str, Any]]) -> None:
    """What the bootstrap says to write into product.yaml, written there."""
    for kind, key in keys.items():
        lines = (
            f"- id: {key['id']}",
            f"  public: {key['public']}",
            f"  trusted-in: [{environment}]",
            f"  note: {key['note']}",
        )
        entry = "".join(f"    {line}\n" for line in lines)
        made.edit("product.yaml", (f"\n  {kind}:\n", f"\n  {kind}:\n{entry}"))
    # The samples' key: there are no others.
    demo = r"(?<=trusted-in: \[laptop)(?=[^]]*\]\n.*demo key.*\n  # Keys that sign the catalog)"
    made.edit("product.yaml", (demo, f", {environment}"))


def name_builds(made: Account, environment: Environment) -> None:
    """HEAD's own builds, published and named in the stack file."""
    done = made.json("build", "--publish", environment)
    digests = {app: each["digest"] for app, each in done["builds"].items()}
    made.edit(
        file(environment),
        (r"(console:\n      build: )sha256:0{64}", f"console:\n      build: {digests['console']}"),
        (r"(telemetry:\n      build: )sha256:0{64}", f"telemetry:\n      build: {digests['consumer']}"),
    )
    made.inv("switch", environment, "--next", digests["endpoint"])
    made.commit(f"Name the builds of {environment}")


def _product(repo: Path) -> Product:
    filed, _ = parse("product.yaml", (repo / "product.yaml").read_bytes(), Product)
    assert filed is not None
    return filed.value


def _settings(repo: Path, environment: Environment) -> Settings:
    """What an environment's endpoint is told by the files as they are now."""
    product, path = _product(repo), file(environment)
    infra, _ = stack_file.read(path, (repo / path).read_bytes())
    assert infra is not None
    return endpoint_settings(Names.of(product, environment), infra, product, None)


def _origin_pull(repo: Path) -> str:
    """The certificate that goes with the demo key."""
    file = yaml.safe_load((repo / "Pulumi.laptop.yaml").read_text())
    text = file["config"]["espice:infra"]["cloudflare"]["origin-pull"]
    return "".join(f"        {line}\n" for line in text.strip().splitlines())


def origin_pull_key() -> str:
    """The demo key."""
    return keys.secrets()["origin-pull-key"]


def built(made: Account, folder: Path) -> Path:
    """The files of every version, as continuous integration would have made them."""
    for fact in sorted((made.repo / "releases/versions").glob("*.yaml")):
        version = yaml.safe_load(fact.read_text())
        for target, bundles in version["artifacts"].items():
            for bundle, artifact in bundles.items():
                place = folder / version["version"] / artifact["file"]
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(samples.build(_product(made.repo).title, version["version"], target, bundle))
    return folder
