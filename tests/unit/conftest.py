"""A moto server for what is said to AWS, as empty at each test as an account on its first day."""

from collections.abc import Iterator

import pytest
import requests

from tests.moto import moto


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    with moto() as address:
        yield address


@pytest.fixture
def aws(_moto: str) -> str:
    """Its address. What moto keeps belongs to the whole process, other tests' things too."""
    requests.post(f"{_moto}/moto-api/reset", timeout=10)
    return _moto
