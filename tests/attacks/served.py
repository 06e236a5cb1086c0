"""The endpoint that is attacked: real code, a real signed head, all that it answers from, a clock that stands still."""

from delivery.endpoint.reads.history import KEY
from tests.unit.endpoint.parts import World


def published() -> World:
    """A world in which everything that can be asked for is there."""
    world = World()
    world.publish()
    world.store.objects[KEY] = b'{"product":"espice","environment":"staging","releases":[]}'
    return world


app = published().app  # what granian serves behind the edge
