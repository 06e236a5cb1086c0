"""Both clients, and for some of them a laptop of their own whose facts hold every case at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.laptop import client
from tests.clients import world
from tests.clients.both import Both
from tests.laptop.system import System, copy_of_this_repository, git, running
from tests.unit.clients.host import Host, serving

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here asks the real client, which is a process each time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.client)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """The two clients."""
    program = client.find()
    assert program is not None, client.MISSING
    return Both(program, tmp_path_factory.mktemp("clients"))


@pytest.fixture
def host() -> Iterator[Host]:
    """A host that says what a test tells it to."""
    with serving() as host:
        yield host


@pytest.fixture(scope="session")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A running system whose first commit has every case."""
    repo = copy_of_this_repository(tmp_path_factory.mktemp("espice"))
    world.write(repo)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--amend", "--no-edit")
    with running(repo) as system:
        system.await_live()
        yield system
