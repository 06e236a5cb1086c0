"""What the brake does to a running endpoint: what is halted is never offered again but by a merged decision."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.endpoint.look import Live
from delivery.rules.brake import OVERRIDE_KEY, Halt, unseal
from delivery.rules.catalog import HEAD_KEY, Stopped, object_key, sha256, to_bytes
from delivery.rules.decide import Offer, Request, decide
from tests.unit.endpoint.parts import BRAKE_KEY, BRAKE_SIGNER, CATALOG, CRASH, NOW, SETTINGS, SIGNER, World, new_key

ALL = Halt("all", "stable", None, NOW, "it eats netlists")
DECIDED = replace(CATALOG, decided=("crash",))


def passes(world: World, seconds: float = 10) -> str | int:
    """What is offered when this time has passed."""
    world.clock.passes(seconds=seconds)
    return world.offered()


def trouble(world: World) -> str | None:
    return world.source.known.trouble


def live(world: World) -> Live:
    found = world.source.current(world.clock.now)
    assert isinstance(found, Live), found
    return found


def test_a_halt_is_obeyed_within_ten_seconds_with_the_old_head(world: World) -> None:
    assert world.offered() == "1.3.0"
    head = world.store.objects[HEAD_KEY]
    override = world.halt(CRASH)
    assert passes(world) == 204
    found = live(world)
    assert (found.override, found.override_envelope) == (override, world.store.objects[OVERRIDE_KEY])
    assert (found.envelope, found.catalog.plain()) == (head, to_bytes(CATALOG))  # published bytes stay as they are
    assert found.table.catalog.stops == (
        Stopped("stable", ("1.3.0",), NOW, "it crashes at start", "catalog/override.json:crash"),
    )


def test_a_process_that_begins_under_the_brake_obeys_it() -> None:
    world = World()
    world.publish()
    world.halt(CRASH)
    assert world.offered() == 204


def test_without_an_override_there_is_none(world: World) -> None:
    world.check()
    assert (live(world).override, live(world).override_envelope) == (None, None)


def test_an_override_is_asked_for_by_its_tag_and_the_same_table_stays(world: World) -> None:
    world.halt(CRASH)
    world.check()
    found, tag = live(world), sha256(world.store.objects[OVERRIDE_KEY])
    world.store.asked.clear()
    passes(world)
    assert world.store.asked[0] == (OVERRIDE_KEY, tag)
    assert live(world) is found


def test_each_further_halt_adds(world: World) -> None:
    world.publish(replace(CATALOG, offerings=CATALOG.offerings[:2]))
    world.halt(CRASH)
    assert world.offered() == 204
    assert world.get("/v1/update/beta/linux/x86_64/1.2.0").status_code == 200
    world.halt(CRASH, Halt("beta", "beta", None, NOW, "the beta, too"), number=2)
    passes(world)
    assert world.get("/v1/update/beta/linux/x86_64/1.2.0").status_code == 204


# --- what ends it -------------------------------------------------------------------------------------------------


def test_a_halt_ends_with_the_catalog_that_decides_it_and_not_before(world: World) -> None:
    world.halt(CRASH)
    assert world.offered() == 204
    world.publish(replace(CATALOG, decided=("another",)), serial=8)
    assert passes(world) == 204
    world.publish(DECIDED, serial=9)
    assert passes(world) == "1.3.0"


def test_a_head_signed_anew_keeps_it(world: World) -> None:
    world.halt(CRASH)
    world.check()
    world.clock.passes(hours=12)
    world.publish()
    assert world.offered() == 204


def test_an_override_that_leaves_out_a_halt_ends_nothing(world: World) -> None:
    world.halt(CRASH)
    world.check()
    override = world.halt(number=2)
    assert passes(world) == 204
    assert live(world).override == replace(override, halts=(CRASH,))


def test_what_a_newer_override_leaves_out_holds_until_the_head_that_decides_it_is_here(world: World) -> None:
    world.halt(CRASH)
    world.check()
    world.publish(DECIDED, serial=8)
    world.halt(Halt("beta", "beta", None, NOW, "the beta, too"), number=2)
    world.store.lost = {HEAD_KEY}  # the override came, and the head that it goes with did not
    assert passes(world) == 204
    world.store.lost = set()
    assert passes(world) == "1.3.0"


def test_a_process_that_begins_while_both_change_never_sees_less(world: World) -> None:
    """The override is read first: one that leaves out a halt lies there only after the head that decides it."""
    fresh = World(store=world.store)
    world.check()
    keys = [key for key, _ in world.store.asked]
    assert keys.index(OVERRIDE_KEY) < keys.index(HEAD_KEY)
    assert fresh.offered() == "1.3.0"


# --- what is not believed -----------------------------------------------------------------------------------------

FORGED: list[tuple[dict[str, Any], str]] = [
    ({"signer": new_key()[0]}, "no trusted key signed it"),
    ({"signer": SIGNER}, "no trusted key signed it"),  # whoever signs heads cannot brake, nor the other way round
    ({"environment": "production"}, "it is the override of espice production, not of espice staging"),
    ({"product": "other"}, "it is the override of other staging, not of espice staging"),
]


@pytest.mark.parametrize(("said", "why"), FORGED)
def test_one_that_is_not_believed_leaves_the_last_in_force_until_it_is_too_old(
    world: World, said: dict[str, Any], why: str
) -> None:
    world.halt(ALL)
    assert world.offered() == 204
    world.halt(number=2, **said)
    assert passes(world) == 204
    assert trouble(world) == f"the override was not taken: {why}"
    assert world.get("/readyz").get_json()["trouble"] == trouble(world)
    assert passes(world, 300) == 503  # nobody confirmed what is halted
    world.halt(ALL, number=2)
    assert passes(world, 1) == 204
    assert trouble(world) is None


@pytest.mark.parametrize(("said", "why"), FORGED)
def test_a_process_that_never_had_one_answers_nothing_while_it_is_not_believed(
    world: World, said: dict[str, Any], why: str
) -> None:
    assert world.offered() == "1.3.0"
    world.halt(ALL, **said)
    assert passes(world) == 503
    assert world.check().get_json()["detail"] == f"the override was not taken: {why}"
    assert world.get("/readyz").status_code == 503
    del world.store.objects[OVERRIDE_KEY]
    assert passes(world, 1) == "1.3.0"


def test_nor_does_it_believe_an_older_head_afterwards(world: World) -> None:
    old = world.store.objects[HEAD_KEY]
    world.publish(serial=8)
    world.check()
    world.store.objects[OVERRIDE_KEY] = b"{}"
    assert passes(world) == 503
    del world.store.objects[OVERRIDE_KEY]
    world.store.objects[HEAD_KEY] = old
    assert passes(world) == 503
    assert trouble(world) == "the head was not taken: it has serial 7, older than 8 which was seen before"


def test_where_no_key_may_sign_it_none_is_believed() -> None:
    world = World(settings=replace(World().settings, brake_keys=()))
    world.publish()
    assert world.offered() == "1.3.0"
    world.halt(ALL)
    assert passes(world) == 503
    assert trouble(world) == (
        "the override was not taken: product.yaml trusts no key to sign it here; add one under keys.brakes"
    )


def test_a_lower_number_is_refused_and_what_was_halted_stays_so(world: World) -> None:
    old = world.halt(number=1)
    world.halt(ALL, number=2)
    assert world.offered() == 204
    world.halt(number=old.number)
    assert passes(world) == 204
    assert trouble(world) == "the override was not taken: it has number 1, lower than 2 which was seen before"
    assert passes(world, 300) == 503


def test_one_that_goes_away_is_refused_like_a_lower_number(world: World) -> None:
    world.halt(ALL, number=3)
    assert world.offered() == 204
    del world.store.objects[OVERRIDE_KEY]
    assert passes(world) == 204
    assert trouble(world) == "the override was not taken: it is gone, and number 3 was seen before"
    assert passes(world, 300) == 503


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 3000, b'{"payload": 1}'])
def test_one_that_is_no_envelope_is_refused(world: World, data: bytes) -> None:
    world.halt(ALL)
    world.check()
    world.store.objects[OVERRIDE_KEY] = data
    assert passes(world) == 204
    assert str(trouble(world)).startswith("the override was not taken: ")


def test_a_head_is_no_override_and_an_override_no_head(world: World) -> None:
    world.halt(ALL)
    world.check()
    both = world.store.objects[HEAD_KEY], world.store.objects[OVERRIDE_KEY]
    world.store.objects[OVERRIDE_KEY] = both[0]
    assert passes(world) == 204
    assert trouble(world) == "the override was not taken: no trusted key signed it"
    world.store.objects[OVERRIDE_KEY], world.store.objects[HEAD_KEY] = both[1], both[1]
    passes(world)
    assert trouble(world) == "the head was not taken: no trusted key signed it"


# --- a store that fails -------------------------------------------------------------------------------------------


def test_an_override_that_cannot_be_had_leaves_the_last_in_force_for_five_minutes(world: World) -> None:
    world.halt(ALL)
    assert world.offered() == 204
    world.store.lost = {OVERRIDE_KEY}
    assert passes(world, 299) == 204
    assert trouble(world) == "the override was not taken: the store said InternalError"
    assert passes(world, 1) == 503
    world.store.lost = set()
    assert passes(world, 1) == 204


def test_a_head_is_not_confirmed_without_its_override(world: World) -> None:
    world.check()
    world.store.lost = {OVERRIDE_KEY}
    assert passes(world, 299) == "1.3.0"
    assert passes(world, 1) == 503


def test_a_process_that_begins_without_the_override_to_be_had_answers_nothing() -> None:
    world = World()
    world.publish()
    world.store.lost = {OVERRIDE_KEY}
    assert world.check().get_json()["detail"] == "the override was not taken: the store said InternalError"


def test_a_halt_is_obeyed_although_the_head_cannot_be_had(world: World) -> None:
    world.check()
    world.halt(ALL)
    world.store.lost = {HEAD_KEY}
    assert passes(world) == 204
    assert trouble(world) == "the head was not taken: the store said InternalError"


def test_a_halt_is_obeyed_although_the_new_catalog_cannot_be_had(world: World) -> None:
    world.check()
    world.publish(DECIDED, serial=8)
    world.store.lost = {object_key(sha256(to_bytes(DECIDED)))}
    world.halt(CRASH)
    assert passes(world) == 204  # the catalog that decides it has not come


def test_what_is_halted_is_logged(world: World) -> None:
    world.check()
    world.halt(ALL, number=4)
    passes(world)
    assert [line for line in world.said if line["event"] == "look"] == [
        {"event": "look", "serial": 7, "override": None, "trouble": None},
        {"event": "look", "serial": 7, "override": 4, "trouble": None},
    ]


# --- whatever happens ---------------------------------------------------------------------------------------------

HALTS = (CRASH, ALL, Halt("mid", "stable", ("1.4.0",), NOW, "slow"), Halt("beta", "beta", None, NOW, "no"))
EVENTS = st.one_of(
    st.tuples(st.just("halts"), st.sets(st.sampled_from(HALTS))),
    st.tuples(st.just("decided"), st.sets(st.sampled_from([halt.name for halt in HALTS]))),
    st.tuples(st.just("lost"), st.sets(st.sampled_from([OVERRIDE_KEY, HEAD_KEY]))),
    st.tuples(st.just("gone"), st.none()),
    st.tuples(st.just("forged"), st.none()),
    st.tuples(st.just("passes"), st.sampled_from((1, 10, 100, 400))),
)
ASKED = tuple(
    Request(channel, "linux-x86_64", "appimage", "1.2.0", cohort) for channel in ("stable", "beta") for cohort in (1, 7)
)


def happens(world: World, event: str, said: Any, number: int) -> None:
    match event:
        case "halts":
            world.halt(*sorted(said, key=lambda halt: halt.name), number=number)
        case "decided":
            world.publish(replace(CATALOG, decided=tuple(sorted(said))), serial=number)
        case "lost":
            world.store.lost = said
        case "gone":
            world.store.objects.pop(OVERRIDE_KEY, None)
        case "forged":
            world.halt(number=number, signer=SIGNER)
        case "passes":
            world.clock.passes(seconds=said)


@settings(deadline=None, max_examples=60)
@given(st.lists(EVENTS, max_size=12))
def test_no_history_of_heads_and_overrides_gives_what_an_undecided_halt_took(events: list[tuple[str, Any]]) -> None:
    """A model beside it: every halt that this process could read, less what the catalog it answers from decides."""
    world, seen = World(replace(SETTINGS, budget=30.0)), set[Halt]()
    world.publish()
    for number, (event, said) in enumerate(events, 8):
        happens(world, event, said, number)
        found = world.source.current(world.clock.now)
        if (brake := world.source.known.brake) is not None:
            seen |= set(unseal(brake.envelope, (BRAKE_KEY,), "espice", "staging").halts)
        if isinstance(found, Live):
            undecided = {halt for halt in seen if halt.name not in found.table.catalog.decided}
            assert {stop.fact for stop in found.table.catalog.stops} == {
                f"{OVERRIDE_KEY}:{halt.name}" for halt in undecided
            }
            assert not [halt for halt in undecided if is_offered(found, halt, world.clock.now)]


def is_offered(found: Live, halt: Halt, now: datetime) -> bool:
    """Whether anybody who asks is offered what this halt takes away."""
    said = (decide(found.table, request, now) for request in ASKED if request.channel == halt.channel)
    offered = {each.version for each in said if isinstance(each, Offer)}
    return bool(offered if halt.versions is None else offered & set(halt.versions))


def test_the_signer_of_the_brake_is_not_the_signer_of_the_head() -> None:
    assert BRAKE_SIGNER.public_key.keyid != SIGNER.public_key.keyid
