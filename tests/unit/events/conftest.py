"""One server for all tests of events, and a database of its own for each of them."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from delivery.events.connect import connect
from delivery.events.settings import Settings
from delivery.events.store import Postgres
from tests.unit.events.parts import database, server

_NUMBERS = count()


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the server listens."""
    with server(tmp_path_factory.mktemp("postgres") / "data") as number:
        yield number


@pytest.fixture
def settings(port: int) -> Iterator[Settings]:
    """What the consumer is told of an empty database."""
    with database(port, f"test-{next(_NUMBERS)}") as found:
        yield found


@pytest.fixture
def events(settings: Settings) -> Iterator[Postgres]:
    """The store of an empty database."""
    made = Postgres(lambda: connect(settings), settings.keep_events, settings.keep_outcomes)
    yield made
    made.close()


@pytest.fixture
def sql(settings: Settings) -> Iterator[psycopg.Connection]:
    """A look into that database beside the store."""
    with connect(settings) as connection:
        yield connection
