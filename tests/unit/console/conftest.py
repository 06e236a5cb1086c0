"""A console behind a team's Access."""

from collections.abc import Iterator

import pytest

from tests.unit.console.parts import Console, Team
from tests.unit.console.parts import team as a_team


@pytest.fixture(scope="module")
def keys() -> Iterator[Team]:
    """One team for the tests of a module: its keys take time to make."""
    with a_team() as found:
        yield found


@pytest.fixture
def team(keys: Team) -> Team:
    """With its first key only, and answering."""
    keys.keys = {"first": keys.keys["first"]}
    keys.asked, keys.down = 0, False
    return keys


@pytest.fixture
def console(team: Team) -> Console:
    """With a catalog that is live."""
    found = Console(team)
    found.world.publish()
    return found
