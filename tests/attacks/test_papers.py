"""Who can write into the bucket, but has no key, and tries what they like with head, catalog and override."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from securesystemslib.signer import CryptoSigner

from delivery.rules.brake import OVERRIDE_KEY, Halt
from delivery.rules.catalog import HEAD_KEY, object_key, sha256, to_bytes
from tests.unit.endpoint.parts import BRAKE_SIGNER, CATALOG, EARLY, NOW, SIGNER, STOPPED, World, new_key

FORGER, _ = new_key()
FOREVER = 2**63


def _payload(data: bytes, **said: object) -> bytes:
    """An envelope whose payload says something else, and whose signature is still the real one."""
    envelope = json.loads(data)
    payload = {**json.loads(base64.b64decode(envelope["payload"])), **said}
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps(envelope).encode()


def older(world: World) -> None:
    """8: yesterday's catalog with yesterday's head, both real."""
    world.publish(CATALOG, serial=6)


def expired(world: World) -> None:
    """9: a real head that has had its time."""
    world.publish(CATALOG, serial=8, issued=NOW - timedelta(days=9), expires=NOW - timedelta(days=6))


def elsewhere(world: World) -> None:
    """10: the real head of another environment, by a key that is trusted in both."""
    world.publish(CATALOG, serial=8, environment="production")


def another_product(world: World) -> None:
    """10: the real head of another product."""
    world.publish(CATALOG, serial=8, product="elsewhere")


def mixed(world: World) -> None:
    """11: the real head, and under the name that it gives another real catalog."""
    head = world.publish(STOPPED, serial=8)
    world.store.objects[object_key(head.sha256)] = to_bytes(CATALOG)


def mended(world: World) -> None:
    """11: the real catalog without its stop, under the hash that it has now, named by a head that was changed."""
    data = to_bytes(CATALOG)
    world.store.objects[object_key(sha256(data))] = data
    world.store.objects[HEAD_KEY] = _payload(world.store.objects[HEAD_KEY], sha256=sha256(data), serial=8)


def forged(world: World) -> None:
    """A head by a key that nobody trusts."""
    world.publish(CATALOG, signer=FORGER, serial=8)


def ahead(world: World) -> None:
    """12: a head so far ahead that no real one could follow it."""
    world.publish(CATALOG, signer=FORGER, serial=FOREVER)


def braked_by_another(world: World) -> None:
    """A head by the brake's key, which may take away and never give."""
    world.publish(CATALOG, signer=BRAKE_SIGNER, serial=8)


def no_paper(world: World) -> None:
    """A page where a head was."""
    world.store.objects[HEAD_KEY] = b"<html>" + b"[" * 100_000


ATTACKS = (older, expired, elsewhere, another_product, mixed, mended, forged, ahead, braked_by_another, no_paper)
EACH = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
Attack = Callable[[World], None]


@pytest.fixture
def stopped() -> World:
    """An endpoint that offers nothing on stable, because of a stop that attackers want away."""
    world = World()
    world.publish(STOPPED)
    assert world.offered(cohort=EARLY) == 204
    return world


@EACH
def test_no_paper_without_its_key_brings_back_what_was_stopped(stopped: World, attack: Attack) -> None:
    attack(stopped)
    for _ in range(40):
        stopped.clock.passes(seconds=11)
        assert stopped.offered(cohort=EARLY) in (204, 503)


@EACH
def test_nor_for_a_process_that_begins_under_the_attack(stopped: World, attack: Attack) -> None:
    attack(stopped)
    if attack is older:
        return  # real, and not expired: whoever has seen no newer one cannot know; that is what `expires` bounds
    fresh = World(store=stopped.store)
    assert fresh.offered(cohort=EARLY) == 503
    assert fresh.get("/v1/catalog").status_code == 503


@EACH
def test_the_next_real_head_is_believed_after_every_attack(stopped: World, attack: Attack) -> None:
    attack(stopped)
    stopped.clock.passes(seconds=11)
    stopped.check()
    stopped.publish(CATALOG, serial=9)
    stopped.clock.passes(seconds=11)
    assert stopped.offered(cohort=EARLY) == "1.4.0"


@pytest.mark.parametrize("number", [2, FOREVER])
@pytest.mark.parametrize("signer", [FORGER, SIGNER], ids=["a stranger's key", "the head's key"])
def test_a_forged_override_frees_nothing_and_the_next_real_one_is_obeyed(number: int, signer: CryptoSigner) -> None:
    world = World()
    world.publish()
    halt = Halt("eats-netlists", "stable", None, NOW, "it eats netlists")
    world.halt(halt)
    assert world.offered(cohort=EARLY) == 204
    world.halt(number=number, signer=signer)
    world.clock.passes(seconds=11)
    assert world.offered(cohort=EARLY) == 204
    world.halt(halt, Halt("beta-too", "beta", None, NOW, "so does beta"), number=3)
    world.clock.passes(seconds=11)
    assert world.get("/v1/update/beta/linux/x86_64/1.2.0").status_code == 204
    assert world.get("/v1/override").data == world.store.objects[OVERRIDE_KEY]


@EACH
def test_nothing_that_an_attacker_wrote_is_shown_or_said(stopped: World, attack: Attack) -> None:
    attack(stopped)
    stopped.clock.passes(seconds=11)
    seen = stopped.get("/readyz").get_data(as_text=True) + stopped.get("/v1/head").get_data(as_text=True)
    assert "<html" not in seen + str(stopped.said)
    assert "elsewhere production" not in seen
