"""One running system for the tests of the walk, and fresh facts for each of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laptop.system import System, copy_of_this_repository, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts the system, up to four of which may be starting at the same time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.laptop)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def one_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Started once."""
    with running(copy_of_this_repository(tmp_path_factory.mktemp("espice"))) as system:
        yield system


@pytest.fixture
def system(one_system: System) -> Iterator[System]:
    """The running system; what the test commits is taken back afterwards by going back to where it was."""
    before = one_system.git("rev-parse", "HEAD").strip()
    yield one_system
    one_system.git("reset", "-q", "--hard", before)
    one_system.git("clean", "-qfd")
    one_system.await_live()
