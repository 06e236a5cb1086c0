import pytest

from tests.unit.endpoint.parts import World


@pytest.fixture
def world() -> World:
    """An endpoint whose store holds serial 7: stable has 1.3.0 at 100 % and 1.4.0 at 10 %."""
    world = World()
    world.publish()
    return world
