"""The endpoint that is attacked through the edge: real code, a real signed head, a clock that stands still."""

from tests.unit.endpoint.parts import World

_WORLD = World()
_WORLD.publish()
app = _WORLD.app
