"""One copied repository for all tests of a run, put back after each."""

from collections.abc import Iterator

import pytest

from tests.laptop.system import copy_of_this_repository
from tests.unit.commands.desk import Desk


@pytest.fixture(scope="session")
def one_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Made once."""
    return Desk(copy_of_this_repository(tmp_path_factory.mktemp("espice")))


@pytest.fixture
def desk(one_desk: Desk) -> Iterator[Desk]:
    """The repository as it is; what a test changes or commits in it is taken back."""
    before = one_desk.git("rev-parse", "HEAD").strip()
    yield one_desk
    one_desk.git("reset", "-q", "--hard", before)
    one_desk.git("clean", "-qfdx")
