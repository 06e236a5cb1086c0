"""A moto server for what is said to AWS, as empty at each test as an account on its first day."""

import logging
from collections.abc import Iterator

import pytest
import requests


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(_moto: str) -> str:
    """Its address. What moto keeps belongs to the whole process, other tests' things too."""
    requests.post(f"{_moto}/moto-api/reset", timeout=10)
    return _moto
