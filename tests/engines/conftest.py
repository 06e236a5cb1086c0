"""What the engines' tests share: a cloud of their own, and an engine on it."""

import pytest

from tests.engines.programs import Cloud, engine_on


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
