"""What the real engine itself asks of S3 and KMS, request by request, and that the roles of our workflows may it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pulumi
import pytest
from werkzeug.serving import make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request

from delivery.deploy.bootstrap import bootstrap
from delivery.deploy.cloud import Cloud
from delivery.engines.engine_pulumi import PulumiEngine
from delivery.engines.stack import Stack
from infra import reach
from infra.names import Names
from infra.roles import roles
from infra.stacks import PROJECT, Kind
from tests.engines.production import as_if_over_tls
from tests.unit.infra.iam import allowed
from tests.unit.infra.recorder import infra_of

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAMES, INFRA = Names("espice", "staging", "espice-staging.app"), infra_of("staging")
ROLES = {role.does: list(role.parts.values()) for role in roles(NAMES, INFRA)}
TAGS = f".pulumi/stacks/{PROJECT}/{Kind.platform.of('staging')}.pulumi-tags"
OBJECTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


@dataclass
class Account:
    """An account on moto: what was asked of it, as action and resource, and engines in folders of their own."""

    folder: Path
    asked: list[tuple[str, str]] = field(default_factory=list)

    def engine(self, name: str) -> PulumiEngine:
        self.asked.clear()
        return Cloud(NAMES, INFRA).engine(self.folder / name, [], lambda _: None)

    def refused(self, does: str) -> list[tuple[str, str]]:
        """What was asked that the role may not."""
        key = {"kms:ResourceAliases": NAMES.secrets_key}
        return [(action, on) for action, on in self.asked if not allowed(ROLES[does], action, on, key)]

    def hear(self, request: Request) -> None:
        if target := request.headers.get("X-Amz-Target", ""):
            self.asked.append((f"kms:{target.partition('.')[2]}", reach.arn(INFRA.aws, "kms", "key/1234")))
            return
        bucket, _, key = request.path.strip("/").partition("/")
        if not key:
            self.asked.append(("s3:ListBucket", reach.bucket_arn(bucket)))
            return
        self.asked.append((f"s3:{OBJECTS[request.method]}", reach.bucket_arn(bucket, key)))
        if copied := request.headers.get("X-Amz-Copy-Source"):
            self.asked.append(("s3:GetObject", f"arn:aws:s3:::{copied.strip('/').partition('?')[0]}"))


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

    moto, made = DomainDispatcherApplication(create_backend_app), Account(tmp_path)

    def heard(environ: Any, start_response: Any) -> Any:
        made.hear(Request(environ))
        return moto(environ, start_response)

    server = make_server("127.0.0.1", 0, heard, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    told = {"ENDPOINT_URL": url, "ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t", "DEFAULT_REGION": "us-east-1"}
    for name, value in told.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    list(bootstrap(NAMES, boto3.client("s3"), boto3.client("kms")))
    with as_if_over_tls():
        yield made
    server.shutdown()
    Client(moto).post("/moto-api/reset")  # it is this process's one AWS


def stack(kind: Kind, text: str = "said") -> Stack:
    def program() -> None:
        pulumi.export("hidden", pulumi.Output.secret(text))

    return Stack(PROJECT, kind.of("staging"), program)


def actions(account: Account) -> set[str]:
    return {action for action, _ in account.asked}


@pytest.mark.parametrize(("kind", "role"), [(Kind.platform, "platform-deploy"), (Kind.live, "live-deploy")])
def test_the_roles_that_apply_may_begin_a_stack_and_go_on_with_it_elsewhere(
    account: Account, kind: Kind, role: str
) -> None:
    assert account.engine("a person's").apply(stack(Kind.ground)).ok  # as the bootstrap does, before any workflow
    assert account.engine("first").apply(stack(kind)).ok
    assert {"kms:Encrypt", "kms:Decrypt", "s3:PutObject", "s3:DeleteObject"} <= actions(account)
    assert account.refused(role) == []
    assert account.refused("preview") != []
    assert account.engine("second").apply(stack(kind, "said again")).ok
    assert account.refused(role) == []


def test_the_role_that_applies_the_platform_may_tag_it_and_that_of_previews_reads_that(account: Account) -> None:
    name = Kind.platform.of("staging")
    assert account.engine("first").apply(stack(Kind.platform)).ok
    tagging = account.engine("first")
    for value in (None, "1", "2"):
        tagging.tag(name, "applied", value)
    tagging.tag(name, "other", None)
    assert account.refused("platform-deploy") == []
    assert {on for _, on in account.refused("preview")} >= {f"arn:aws:s3:::{NAMES.state}/{TAGS}"}
    reading = account.engine("second")
    assert reading.tags(name) == {"applied": "2"}
    assert actions(account) <= {"s3:GetObject", "s3:ListBucket"}
    assert account.refused("preview") == []
    tagging = account.engine("first")
    tagging.tag(name, "applied", None)
    assert account.refused("platform-deploy") == []
    assert tagging.tags(name) == {}


@pytest.mark.parametrize("kind", Kind)
def test_the_role_of_previews_looks_at_every_stack_that_is_there(account: Account, kind: Kind) -> None:
    assert account.engine("first").apply(stack(kind)).ok
    engine = account.engine("second")
    assert engine.preview(stack(kind, "said again")).ok
    assert engine.refresh(stack(kind), preview=True).ok
    assert json.dumps(dict(engine.outputs(kind.of("staging")))) == '{"hidden": "[secret]"}'
    assert actions(account) == {"kms:Decrypt", "s3:GetObject", "s3:ListBucket"}
    assert account.refused("preview") == []
