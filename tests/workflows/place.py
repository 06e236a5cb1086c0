"""Where workflows run in tests: moto with both environments, a stand-in for GitHub, and what people set there."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.engines.production import (
    ACCOUNT,
    Account,
    account,
    as_if_over_tls,
    built,
    file,
    name_builds,
    origin_pull_key,
    trust,
)
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import StandIn, stand_in
from tests.github.shelf import Asset, Release
from tests.laptop.system import git
from tests.workflows.files import ROOT
from tests.workflows.run import Run, run

NAME, NUMBERS = "espice/espice-delivery", {"repository_id": "4242", "repository_owner_id": "77"}
ENVIRONMENTS = ("staging", "production")
PEOPLE = {
    "of-actions": Person("github-actions[bot]", "read", sees_members=False),
    "of-actions-that-write": Person("github-actions[bot]", sees_members=False),
    "of-proposals": Person("espice-proposals[bot]"),
    "of-brake": Person("espice-brake[bot]", sees_members=False),
    "of-checks": Person("espice-checks[bot]", sees_members=False),
    "of-files": Person("espice-files[bot]", "read", sees_members=False),
    "of-ada": Person("ada"),
    "of-bea": Person("bea"),
}
RIGHTS = {  # of the Apps, by their private keys
    "key-of-proposals": {
        ("actions", "read"),
        ("attestations", "read"),
        ("contents", "write"),
        ("members", "read"),
        ("pull-requests", "write"),
        ("statuses", "read"),
    },
    "key-of-brake": {("contents", "write"), ("pull-requests", "write"), ("issues", "write"), ("statuses", "read")},
    "key-of-checks": {("statuses", "write")},
    "key-of-files": {("contents", "read")},
}
CLOUDFLARE = {"R2_ACCESS_KEY_ID": "id-of-r2", "R2_SECRET_ACCESS_KEY": "key-of-r2", "CLOUDFLARE_API_TOKEN": "of-cf"}


def secrets() -> dict[str, dict[str, str]]:
    """What people put into each environment: of Cloudflare's everywhere but where nothing of it is reached."""
    settings = yaml.safe_load((ROOT / ".github/settings.yaml").read_text())["environments"]
    found = {name: dict(CLOUDFLARE) for name in settings}
    found["proposals"] = {"APP_PRIVATE_KEY": "key-of-proposals", "CHECKS_APP_PRIVATE_KEY": "key-of-checks"}
    for environment in ENVIRONMENTS:
        found[f"{environment}-publish"]["APP_PRIVATE_KEY"] = "key-of-files"
        found[f"{environment}-preview"]["CHECKS_APP_PRIVATE_KEY"] = "key-of-checks"
        found[f"{environment}-backfill"] = {
            "APP_PRIVATE_KEY": "key-of-brake",
            "CHECKS_APP_PRIVATE_KEY": "key-of-checks",
        }
    return found


@dataclass
class Place:
    """A repository at GitHub, and the clouds that its workflows reach. `people` is a person's own checkout."""

    clouds: Account
    at: StandIn
    folder: Path
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=secrets)
    numbers: Iterator[int] = field(default_factory=count)
    ran: set[str] = field(default_factory=set)

    # --- what workflows are told --------------------------------------------------------------------------------

    @property
    def github(self) -> Mapping[str, Any]:
        owner, urls = NAME.partition("/")[0], {"api_url": self.at.api, "server_url": self.at.api}
        return {"repository": NAME, "repository_owner": owner, **urls, "ref": "refs/heads/main"}

    @cached_property
    def variables(self) -> Mapping[str, str]:
        accounts = {f"{environment.upper()}_ACCOUNT": ACCOUNT for environment in ENVIRONMENTS}
        return {**accounts, "CHECKS_APP_CLIENT_ID": "Iv2", "APP_REPOSITORY": "espice"}

    @cached_property
    def settings(self) -> Mapping[str, Mapping[str, str]]:
        return {name: {"APP_CLIENT_ID": "Iv1"} for name, held in self.secrets.items() if "APP_PRIVATE_KEY" in held}

    def env(self) -> Mapping[str, str]:
        known = {name: value for name, value in os.environ.items() if name in ("LANG", "TMPDIR", "TZ")}
        internet = {k: v for k, v in self.clouds.internet.env.items() if k not in CLOUDFLARE}
        return {**known, **internet, **{name: self.clouds.env[name] for name in ("AWS_ENDPOINT_URL", "PATH")}}

    def token(self, permissions: Mapping[str, str]) -> str:
        writes = {name for name, right in permissions.items() if right == "write"} - {"id-token"}
        return "of-actions-that-write" if writes else "of-actions"

    def app_token(self, key: str, permissions: Mapping[str, str]) -> str:
        rights = RIGHTS[key] | {(name, "read") for name, _ in RIGHTS[key]}
        assert set(permissions.items()) <= rights, f"the App of {key} has not all of {permissions}"
        return key.removeprefix("key-")

    def sign_in(self, role: str, environment: str) -> Mapping[str, str]:
        found = self.clouds.client("iam").get_role(RoleName=role.rpartition("/")[2])["Role"]
        assert found["Arn"] == role
        claims = {"aud": "sts.amazonaws.com", "sub": f"repo:{NAME}:environment:{environment}", **NUMBERS}
        assert admits(found["AssumeRolePolicyDocument"], claims), f"{role} is not given to {claims['sub']}"
        keys = {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t"}
        return {**keys, **self.clouds.attached(role.rpartition("/")[2].split("-"))}

    def clone(self, folder: Path, commit: str, depth: int, token: str) -> str:
        url = f"{self.at.api}/{NAME}.git"
        shallow = ("--depth", str(depth), "--no-single-branch") if depth else ()
        allowed = url.replace("://", f"://x-access-token:{token}@")
        git(self.folder, "clone", "-q", *shallow, allowed, str(folder))
        git(folder, "checkout", "-q", commit)
        git(folder, "remote", "set-url", "origin", url)
        return git(folder, "rev-parse", "HEAD").strip()

    # --- what happens here --------------------------------------------------------------------------------------

    @property
    def hub(self) -> Hub:
        return self.at.hub

    @property
    def head(self) -> str:
        """Where main is at GitHub."""
        return self.hub.bare.tip("refs/heads/main") or ""

    def push(self) -> str:
        """What a person committed to main, as if it had been merged."""
        git(self.clouds.repo, "push", "-q", str(self.hub.bare.folder), "main")
        return self.head

    def pull(self) -> None:
        """Bring a person's checkout to where main is."""
        git(self.clouds.repo, "pull", "-q", "--ff-only", str(self.hub.bare.folder), "main")

    def run(self, workflow: str, event: str = "schedule", sha: str = "", **said: Any) -> Run:
        """A workflow after an event, on main if not elsewhere. None of them may ever print a secret."""
        self.ran.add(workflow)
        done = run(self, workflow, self.folder / f"run-{next(self.numbers)}", event, sha or self.head, **said)
        held = {value for environment in self.secrets.values() for value in environment.values()} | {*PEOPLE}
        shown = [value for value in held if value in done.said + done.summary]
        assert not shown, f"{workflow} shows {shown}:\n{done.said}"
        return done


def admits(trust: Mapping[str, Any], claims: Mapping[str, str]) -> bool:
    """Whether what GitHub says of a job is what one of a role's ways to be taken on asks for."""
    ways = [each["Condition"] for each in trust["Statement"] if each["Action"] == "sts:AssumeRoleWithWebIdentity"]
    assert all(way.keys() == {"StringEquals", "StringLike"} for way in ways)
    asked = [[(key, wanted) for kind in way.values() for key, wanted in kind.items()] for way in ways]
    return any(all(_is_said(claims[key.rpartition(":")[2]], wanted) for key, wanted in way) for way in asked)


def _is_said(claim: str, wanted: str | list[str]) -> bool:
    return any(fnmatchcase(claim, each) for each in ([wanted] if isinstance(wanted, str) else wanted))


@contextmanager
def place(moto: str, folder: Path) -> Iterator[Place]:
    """Everything that people do once, in both environments, and main pushed; no platform, and nothing live yet."""
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # as the laptop's own
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    with as_if_over_tls(), account(moto, folder / "people" / "repo", *ENVIRONMENTS) as clouds:
        _found(clouds)
        with stand_in(folder, NAME, PEOPLE) as at:
            made = Place(clouds, at, folder)
            at.hub.teams["espice/release"] = {"ada", "bea"}
            _release_all(made)
            made.push()
            yield made


def _found(clouds: Account) -> None:
    for environment in ENVIRONMENTS:
        clouds.edit(
            file(environment),
            ('repository-id: "0"', f'repository-id: "{NUMBERS["repository_id"]}"'),
            ('owner-id: "0"', f'owner-id: "{NUMBERS["repository_owner_id"]}"'),
        )
    clouds.commit("Say whose workflows may take on the roles")
    for environment in ENVIRONMENTS:
        trust(clouds, environment, clouds.json("bootstrap", environment, "--yes")["keys"])
        clouds.inv("secret", "set", environment, "origin-pull-key", given=origin_pull_key())
    clouds.commit("Trust the keys that the bootstraps made")
    for environment in ENVIRONMENTS:
        name_builds(clouds, environment)


def _release_all(made: Place) -> None:
    """Every version's files as releases of the app's repository."""
    files = built(made.clouds, made.folder / "built")
    for fact in sorted((made.clouds.repo / "releases/versions").glob("*.yaml")):
        version = yaml.safe_load(fact.read_text())
        assets = [Asset(each.name, each.read_bytes()) for each in sorted((files / version["version"]).iterdir())]
        release = Release(f"v{version['version']}", version["source"]["commit"], "", assets)
        made.hub.shelf.releases.append(release)
