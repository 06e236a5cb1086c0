"""A moto server: what stands for AWS where a test says something to it over HTTP."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def moto() -> Iterator[str]:
    """Its address. What it keeps belongs to the whole process; /moto-api/reset empties it."""
    from moto.server import ThreadedMotoServer  # it takes a second, and most tests need none

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
