"""Readiness means that an update check would be answered, and says what may soon end that."""

import pytest

from delivery.rules.head import LIFETIME
from tests.unit.endpoint.parts import CRASH, World, new_key


def ready(world: World) -> tuple[int, list[str]]:
    response = world.get("/readyz")
    said = response.get_json()
    return response.status_code, said["degraded"] if response.status_code == 200 else [said["detail"]]


def no_head(world: World) -> None:
    world.store.objects.clear()


def expired(world: World) -> None:
    world.check()
    world.clock.passes(seconds=LIFETIME.total_seconds())


def unconfirmed(world: World) -> None:
    world.check()
    world.store.trouble = "the store said SlowDown"
    world.clock.passes(seconds=301)


def distrusted_override(world: World) -> None:
    world.halt(CRASH, signer=new_key()[0])


@pytest.mark.parametrize("breaks", [no_head, expired, unconfirmed, distrusted_override])
def test_it_is_not_ready_exactly_when_a_check_gets_503_and_for_the_same_reason(world: World, breaks: object) -> None:
    assert ready(world) == (200, [])
    world = World()
    world.publish()
    breaks(world)  # type: ignore[operator]
    check = world.check()
    assert ready(world) == (503, [check.get_json()["detail"]])
    assert check.status_code == 503


def test_trouble_with_the_store_degrades_it_and_does_not_end_it(world: World) -> None:
    world.check()
    world.store.trouble = "the store said SlowDown"
    world.clock.passes(seconds=60)
    status, [degraded] = ready(world)
    assert (status, world.check().status_code) == (200, 200)
    assert degraded.endswith("the store said SlowDown")


def test_an_override_that_is_believed_no_more_degrades_it(world: World) -> None:
    world.halt(CRASH)
    assert world.get("/readyz").get_json()["override"] == 1
    world.halt(CRASH, number=2, signer=new_key()[0])
    world.clock.passes(seconds=60)
    status, [degraded] = ready(world)
    assert status == 200
    assert degraded.startswith("the override was not taken: ")
    assert world.get("/readyz").get_json()["override"] == 1


def test_a_head_near_its_end_degrades_it(world: World) -> None:
    world.clock.passes(hours=48)
    assert ready(world) == (200, [])
    world.clock.passes(seconds=1)
    assert ready(world) == (200, ["the head expires in 23 hours"])
