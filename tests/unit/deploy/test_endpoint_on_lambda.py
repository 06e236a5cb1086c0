"""The update endpoint as Lambda runs it: its zip, a Python that has nothing else, and events as an HTTP API sends them.

With wheels for this machine, since those for Lambda's processor do not run here; all else is alike. The events are
whole ones of payload format 2.0, in events/.
"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from delivery.rules.catalog import Offering
from tests.unit.deploy.zips import HERE, made, unpacked
from tests.unit.endpoint.parts import CATALOG, EARLY, SETTINGS, World

EVENTS = {file.stem: json.loads(file.read_text()) for file in (Path(__file__).parent / "events").glob("*.json")}
RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from delivery.endpoint.handler import handler
print(json.dumps({name: handler(event, None) for name, event in json.load(sys.stdin).items()}))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def zip_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(made("endpoint", HERE), tmp_path_factory.mktemp("endpoint"))


def answers(folder: Path, aws: str, events: dict[str, Any]) -> dict[str, Any]:
    """What the handler returns for each event, in one process, as one instance answers many requests."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", RUN, str(folder)],
        input=json.dumps(events),
        env={**SETTINGS.to_env(), **keys, "AWS_ENDPOINT_URL": aws},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def long_ago(offering: Offering) -> Offering:
    """In force by the clock of this machine, which is the handler's."""
    return replace(
        offering, stages=tuple(replace(stage, at=datetime(2020, 1, 1, tzinfo=UTC)) for stage in offering.stages)
    )


@pytest.fixture
def published(aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A catalog and its head in the bucket that the settings name."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    s3 = boto3.client("s3", endpoint_url=aws, region_name=SETTINGS.region)
    s3.create_bucket(Bucket=SETTINGS.bucket, CreateBucketConfiguration={"LocationConstraint": SETTINGS.region})
    world = World()
    world.clock.now = datetime.now(UTC)
    world.publish(replace(CATALOG, offerings=tuple(long_ago(each) for each in CATALOG.offerings)))
    for key, data in world.store.objects.items():
        s3.put_object(Bucket=SETTINGS.bucket, Key=key, Body=data)
    return aws


def test_every_event_gets_the_answer_that_it_should(zip_alone: Path, published: str) -> None:
    asked = dict(EVENTS)
    asked["offer"]["rawQueryString"] += str(EARLY)
    found = answers(zip_alone, published, asked)
    assert {name: answer["statusCode"] for name, answer in found.items()} == {
        "offer": 200,
        "current": 204,
        "stranger": 204,
        "head-method": 200,
        "post": 405,
        "ready": 200,
        "nowhere": 404,
    }
    said = {name: answer["headers"].get("content-type") for name, answer in found.items()}
    assert set(said.values()) == {"application/json", "application/problem+json", None}  # never a page
    assert not any(answer["isBase64Encoded"] for answer in found.values())
    assert json.loads(found["offer"]["body"])["version"] == "1.4.0"
    assert found["head-method"]["body"] == ""
    assert "script" not in json.dumps(found["nowhere"])
    assert found["current"]["headers"]["espice-reason"] == "current"  # its plus arrived as a plus


def test_without_its_bucket_it_says_503_so_that_clients_go_on(zip_alone: Path, aws: str) -> None:
    found = answers(zip_alone, aws, {"offer": EVENTS["offer"]})["offer"]
    assert (found["statusCode"], found["headers"]["content-type"]) == (503, "application/problem+json")
    assert found["headers"]["cache-control"] == "no-store"
