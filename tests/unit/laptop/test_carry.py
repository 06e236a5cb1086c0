"""What an apply of the laptop makes of the brake, by an engine during whose first apply something is halted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config

from delivery.deploy import steps
from delivery.engines.stack import Outcome, Stack
from delivery.history import snapshot
from delivery.laptop import carry, keys
from delivery.laptop.carry import Carrier, Failed
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override, seal
from delivery.rules.plan import Effect
from infra import config as stack_file
from infra.names import Names
from infra.publication import Publication
from tests.laptop.system import git
from tests.unit.infra.recorder import ROOT

CATALOG = "espice-laptop-catalog"
NOW = datetime.now(UTC).replace(microsecond=0)
HALTED = Override("espice", "laptop", 1, NOW, (Halt("2026-11-25-120000-stable", "stable", None, NOW, "it crashes"),))


@dataclass
class Slow:
    """Applies nothing."""

    meanwhile: Callable[[], object]
    applied: list[Publication] = field(default_factory=list)
    name: str = "slow"

    def apply(self, stack: Stack) -> Outcome:
        self.applied.append(stack.program.args[1])  # type: ignore[attr-defined] # it is a partial
        if len(self.applied) == 1:
            self.meanwhile()
        return Outcome((), {}, ())


def put(aws: str, data: bytes) -> None:
    told = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t"}
    config = Config(s3={"addressing_style": "path"})
    s3: Any = boto3.client("s3", endpoint_url=aws, config=config, **told)
    s3.create_bucket(Bucket=CATALOG)
    s3.put_object(Bucket=CATALOG, Key=OVERRIDE_KEY, Body=data)


def live(aws: str, engine: Slow) -> list[str]:
    """One apply of HEAD's facts; what was said."""
    said: list[str] = []
    files, commit = snapshot.at_commit(ROOT, "HEAD"), git(ROOT, "rev-parse", "HEAD").strip()
    prepared = steps.prepare(files, files, "laptop", NOW)
    path = stack_file.path("laptop")
    infra, _ = stack_file.read(path, snapshot.at_commit(ROOT, commit, [path])[path])
    assert infra is not None
    nobody: Any = None
    carrier = Carrier(Places(ROOT), {"downloads": 1}, Moto(aws), nobody, engine, nobody)  # type: ignore[arg-type]
    carrier.empty = {"laptop-live"}
    plan: Any = SimpleNamespace(effect=Effect.wider)
    names = Names.of(prepared.facts.product.value, "laptop")
    carrier._live(commit, names, infra, prepared, plan, NOW, said.append)
    return said


@pytest.fixture(autouse=True)
def _unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carry, "Guarded", lambda engine: engine)
    monkeypatch.setattr(carry, "public_history", lambda *_: {})


def test_an_apply_that_a_halt_overtook_is_done_once_more_under_it(aws: str) -> None:
    engine = Slow(lambda: put(aws, seal(HALTED, keys.brake_signer())))
    said = live(aws, engine)
    assert [each.brake for each in engine.applied] == [0, 1]
    assert "something was halted meanwhile: applying once more, under the new override" in said
    key = "v1/update/stable/linux/x86_64/appimage.json"
    first, last = (each.manifests[key] for each in engine.applied)
    assert b'"version":"0.0.0"' in last
    assert first != last


def test_under_a_halt_it_is_done_once(aws: str) -> None:
    put(aws, seal(HALTED, keys.brake_signer()))
    engine = Slow(lambda: None)
    live(aws, engine)
    assert [each.brake for each in engine.applied] == [1]


def test_under_an_override_that_nobody_believes_nothing_is_applied(aws: str) -> None:
    put(aws, b"{}")
    engine = Slow(lambda: None)
    with pytest.raises(Failed, match=r"^catalog/override\.json is not to be believed: "):
        live(aws, engine)
    assert engine.applied == []
