"""The endpoint that is attacked: real code, a real signed head, all that it answers from, a clock that stands still."""

from dataclasses import replace

from delivery.endpoint.reads.history import KEY
from tests.unit.endpoint.parts import CATALOG, World


def published() -> World:
    """A world in which everything that can be asked for is there."""
    world = World()
    begun = tuple(replace(each, began=each.stages[0].at) for each in CATALOG.offerings)
    world.publish(replace(CATALOG, offerings=begun))
    world.halt()  # an override without halts
    world.store.objects[KEY] = b'{"product":"espice","environment":"staging","releases":[]}'
    return world


app = published().app  # what granian serves behind the edge
