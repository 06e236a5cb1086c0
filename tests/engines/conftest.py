"""What the engines' tests share: an engine on a small cloud of the tests' own, and one on the laptop's clouds."""

import os

import pytest
import requests

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines.programs import Cloud, engine_on, real_on
from tests.moto import moto


@pytest.fixture
def cloud(tmp_path):
    return Cloud(tmp_path / "cloud.json")


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def engine(cloud, state):
    with engine_on(cloud, state) as engine:
        yield engine


@pytest.fixture
def embedded(engine):
    return engine


@pytest.fixture
def real(cloud, tmp_path):
    """The real engine on the same small cloud. For tests that are marked `engine`."""
    with real_on(cloud, tmp_path / "real") as engine:
        yield engine


@pytest.fixture(scope="module", name="moto")
def _moto():
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # as the laptop's own
    with moto() as address:
        yield address


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "laptop" / "ledger.json"


@pytest.fixture
def laptop(moto, ledger, tmp_path):
    """An engine on the laptop's own clouds, empty."""
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    handle = serve(packages(moto, ledger))
    yield EmbeddedEngine(tmp_path / "engine", handle.addresses)
    handle.stop()


@pytest.fixture
def storage(moto):
    import boto3

    secret = {"aws_access_key_id": "laptop", "aws_secret_access_key": "laptop"}
    return boto3.client("s3", endpoint_url=moto, region_name="us-east-1", **secret)
