"""What an apply of the laptop makes of the brake, by an engine during whose first apply something is halted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
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
from infra.names import HEAD_KEY, Names, catalog_key
from infra.publication import Publication
from tests.laptop.system import git
from tests.unit.infra.recorder import ROOT

pytestmark = pytest.mark.slow

CATALOG, DOWNLOADS = "espice-laptop-catalog", "espice-laptop-downloads"
MANIFEST = "v1/update/stable/linux/x86_64/appimage.json"
FIRST = "darwin/aarch64/app"  # the target and bundle that is looked at
NOW = datetime.now(UTC).replace(microsecond=0)
HALTED = Override("espice", "laptop", 1, NOW, (Halt("2026-11-25-120000-stable", "stable", None, NOW, "it crashes"),))


@dataclass
class Slow:
    """Applies nothing."""

    meanwhile: Callable[[], object]
    applied: list[Publication] = field(default_factory=list)
    name: str = "slow"
    errors: tuple[str, ...] = ()

    def apply(self, stack: Stack) -> Outcome:
        self.applied.append(stack.program.args[1])  # type: ignore[attr-defined] # it is a partial
        if len(self.applied) == 1:
            self.meanwhile()
        return Outcome((), {}, self.errors)


def bucket(aws: str, name: str) -> Any:
    told = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t"}
    config = Config(s3={"addressing_style": "path"})
    s3: Any = boto3.resource("s3", endpoint_url=aws, config=config, **told)
    return s3.create_bucket(Bucket=name)


def put(aws: str, data: bytes) -> None:
    bucket(aws, CATALOG).put_object(Key=OVERRIDE_KEY, Body=data)


def publish(aws: str, made: Publication) -> None:
    """What an apply leaves that fails at its very end."""
    catalog, downloads = bucket(aws, CATALOG), bucket(aws, DOWNLOADS)
    catalog.put_object(Key=catalog_key(made.catalog_sha256), Body=made.catalog)
    catalog.put_object(Key=HEAD_KEY, Body=made.head)
    for key, data in made.manifests.items():
        downloads.put_object(Key=key, Body=data, Metadata=dict(made.metadata))


def live(aws: str, engine: Slow) -> list[str]:
    """One apply of HEAD's facts; what was said."""
    said: list[str] = []
    files, commit = snapshot.at_commit(ROOT, "HEAD"), git(ROOT, "rev-parse", "HEAD").strip()
    prepared = steps.prepare(files, files, "laptop", NOW)
    path = stack_file.path("laptop")
    infra, _ = stack_file.read(path, snapshot.at_commit(ROOT, commit, [path])[path])
    assert infra is not None
    nobody: Any = None
    carrier = Carrier(Places(ROOT), {"updates": 2, "downloads": 1}, Moto(aws), nobody, engine, nobody)  # type: ignore[arg-type]
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
    first, last = (each.manifests[MANIFEST] for each in engine.applied)
    assert b'"version":"0.0.0"' in last
    assert first != last


@pytest.mark.parametrize("interrupted", [False, True], ids=["fails", "is interrupted"])
def test_what_an_apply_that_fails_half_way_wrote_past_a_halt_is_written_strictly_again(
    aws: str, interrupted: bool
) -> None:
    def meanwhile() -> None:
        put(aws, seal(HALTED, keys.brake_signer()))
        publish(aws, engine.applied[0])
        if interrupted:
            raise KeyboardInterrupt

    engine = Slow(meanwhile, errors=("the disk is full",))
    with pytest.raises(KeyboardInterrupt if interrupted else Failed) as failed:
        live(aws, engine)
    assert interrupted or str(failed.value) == "the disk is full"
    assert len(engine.applied) == 1
    found = bucket(aws, DOWNLOADS).Object(MANIFEST).get()
    assert (b'"version":"0.0.0"' in found["Body"].read(), found["Metadata"]) == (True, {"brake": "1"})


def test_where_that_cannot_be_written_it_says_what_is_to_be_typed(aws: str) -> None:
    engine = Slow(lambda: put(aws, seal(HALTED, keys.brake_signer())), errors=("the disk is full",))
    with pytest.raises(Failed) as failed:
        live(aws, engine)
    first, then = failed.value.sentences
    assert first == "the disk is full"
    assert then.startswith("a halt was overwritten; type ./inv halt stable --reason 'it crashes' again: ")


def test_an_apply_that_fails_while_nothing_was_halted_says_only_why(aws: str) -> None:
    with pytest.raises(Failed) as failed:
        live(aws, Slow(lambda: None, errors=("the disk is full",)))
    assert failed.value.sentences == ("the disk is full",)


def test_a_manifest_that_obeys_a_newer_override_tells_that_this_one_is_gone(aws: str) -> None:
    bucket(aws, DOWNLOADS).put_object(Key=MANIFEST.replace("linux/x86_64/appimage", FIRST), Metadata={"brake": "4"})
    engine = Slow(lambda: None)
    with pytest.raises(Failed, match="believed: it is gone, and number 4 was there before"):
        live(aws, engine)
    assert engine.applied == []


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


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    file = Places(tmp_path).override
    file.parent.mkdir(parents=True)
    file.write_bytes(seal(HALTED, keys.brake_signer()))
    return file


def put_back(aws: str, repo: Path) -> list[str]:
    """What is said when moto may have forgotten what was halted."""
    said: list[str] = []
    nobody: Any = None
    files = snapshot.at_commit(ROOT, "HEAD")
    product = steps.prepare(files, files, "laptop", NOW).facts.product.value
    carrier = Carrier(Places(repo), {}, Moto(aws), nobody, nobody, nobody)
    carrier._put_back_the_override(Names.of(product, "laptop"), product, said.append)
    return said


def test_an_override_that_moto_forgot_is_put_back_once(aws: str, kept: Path, tmp_path: Path) -> None:
    catalog = bucket(aws, CATALOG)
    assert put_back(aws, tmp_path) == ["AWS forgot what was halted: put back the override"]
    assert catalog.Object(OVERRIDE_KEY).get()["Body"].read() == kept.read_bytes()
    assert put_back(aws, tmp_path) == []


def test_what_lies_there_is_never_written_over_by_what_was_kept(aws: str, kept: Path, tmp_path: Path) -> None:
    put(aws, b"newer")
    assert put_back(aws, tmp_path) == []
    assert bucket(aws, CATALOG).Object(OVERRIDE_KEY).get()["Body"].read() == b"newer"
    assert kept.exists()


def test_a_kept_one_that_nobody_believes_is_not_put_back_and_not_taken_for_none(
    aws: str, kept: Path, tmp_path: Path
) -> None:
    bucket(aws, CATALOG)
    kept.write_bytes(b"{}")
    with pytest.raises(Failed, match=r"^AWS was started anew, and its last catalog/override\.json is not to be "):
        put_back(aws, tmp_path)
