"""The brake only takes away, whatever it says of whatever catalog, and only a merged decision ends what it took."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner

from delivery.rules import envelope, head
from delivery.rules.assemble import assemble
from delivery.rules.brake import (
    PAYLOAD_TYPE,
    Ended,
    Halt,
    Override,
    OverrideRefused,
    braked,
    ended,
    heeded,
    pending,
    pulled,
    seal,
    unseal,
)
from delivery.rules.catalog import Catalog
from delivery.rules.compile import NEXT, Table, compile
from delivery.rules.decide import Offer, Request, decide, newcomer, verdicts
from delivery.rules.decide import Rule as Ruled
from delivery.rules.facts import Facts
from tests.unit.endpoint.parts import new_key
from tests.unit.rules.worlds import NOON, at, stop, world
from tests.unit.rules.worlds_at_random import CHANNELS, TARGETS, TIMES, VERSIONS, requests, worlds

SIGNER, KEY = new_key()
SOME_VERSIONS = st.none() | st.lists(st.sampled_from((*VERSIONS, "9.9.9", "none at all")), max_size=3).map(tuple)
HALTS = st.builds(
    Halt,
    st.sampled_from(("a", "b", "c")),
    st.sampled_from((*CHANNELS, "nightly", "stable-next")),
    SOME_VERSIONS,
    TIMES.map(at),
    st.sampled_from(("it crashes at start", "")),
)
DECIDED = st.sets(st.sampled_from(("a", "b", "c")))


def override(*halts: Halt, number: int = 1) -> Override:
    return Override("espice", "laptop", number, NOON, halts)


OVERRIDES = st.lists(HALTS, max_size=3).map(lambda halts: override(*halts))


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Catalogs at random that decide some of the halts."""
    return replace(assemble(draw(worlds()), "laptop"), decided=tuple(sorted(draw(DECIDED))))


def open_to(table: Table, request: Request, hours: float) -> set[str]:
    """Every version that the rules let this client have, upwards or back."""
    found = {each.candidate.version for each in verdicts(table, request, at(hours)) if isinstance(each.said, Ruled)}
    gone = (each for each in table.catalog.withdrawals if each.channel == request.channel.removesuffix(NEXT))
    back = {each.downgrade for each in gone if each.version == request.version and "downgrade" in request.accepts}
    return found | {version for version in back if version}


def takes(halt: Halt, channel: str, version: str) -> bool:
    return halt.channel == channel.removesuffix(NEXT) and (halt.versions is None or version in halt.versions)


# --- what is offered ----------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(catalogs(), OVERRIDES, requests(), TIMES)
def test_under_the_brake_nobody_is_offered_what_is_halted_or_what_was_not_open_without_it(
    catalog: Catalog, found: Override, request: Request, hours: float
) -> None:
    plain, under = compile(catalog), compile(braked(catalog, found))
    said = decide(under, request, at(hours))
    if isinstance(said, Offer):
        assert not [halt for halt in pending(found, catalog) if takes(halt, request.channel, said.version)]
        assert said.version in open_to(plain, request, hours)
        assert isinstance(decide(plain, request, at(hours)), Offer)  # whoever got nothing still gets nothing
    assert open_to(under, request, hours) <= open_to(plain, request, hours)


@given(catalogs(), OVERRIDES, HALTS, requests(), TIMES)
def test_one_halt_more_never_opens_anything(
    catalog: Catalog, found: Override, halt: Halt, request: Request, hours: float
) -> None:
    fewer, more = found, replace(found, halts=(*found.halts, halt))
    old, new = (open_to(compile(braked(catalog, each)), request, hours) for each in (fewer, more))
    assert new <= old


@given(catalogs(), OVERRIDES, st.sampled_from(CHANNELS), TIMES)
def test_new_visitors_get_nothing_that_is_halted_or_more_than_without_it(
    catalog: Catalog, found: Override, channel: str, hours: float
) -> None:
    plain, under = compile(catalog), compile(braked(catalog, found))
    for target, bundles in TARGETS.items():
        for bundle in bundles:
            got = newcomer(under, channel, target, bundle, at(hours))
            if got is not None:
                assert newcomer(plain, channel, target, bundle, at(hours)) is not None
                assert not [halt for halt in pending(found, catalog) if takes(halt, channel, got.version)]


@given(catalogs(), OVERRIDES)
def test_nothing_but_the_stops_of_a_catalog_changes_and_none_of_them_goes(catalog: Catalog, found: Override) -> None:
    under = braked(catalog, found)
    assert replace(under, stops=catalog.stops) == catalog
    assert under.stops[: len(catalog.stops)] == catalog.stops
    assert {each.fact for each in under.stops[len(catalog.stops) :]} == {
        f"catalog/override.json:{halt.name}" for halt in pending(found, catalog)
    }


def test_without_an_override_the_catalog_is_as_it_is() -> None:
    catalog = assemble(world({}, stops=[stop("stable")]), "laptop")
    assert braked(catalog, None) is catalog
    assert braked(catalog, override()) is catalog


# --- what ends it -------------------------------------------------------------------------------------------------


@given(st.lists(OVERRIDES, min_size=1), DECIDED)
def test_whoever_reads_overrides_in_a_row_keeps_each_halt_until_a_catalog_decides_it(
    found: list[Override], decided: set[str]
) -> None:
    first, *later = found
    kept = reduce(heeded, later, heeded(None, first))
    catalog = replace(assemble(world({}), "laptop"), decided=tuple(decided))
    assert set(pending(kept, catalog)) == {halt for each in found for halt in each.halts if halt.name not in decided}
    assert (kept.number, kept.issued) == (found[-1].number, found[-1].issued)


@given(worlds(), HALTS)
def test_the_merged_stop_that_names_a_halt_speaks_for_it_lifted_or_not(facts: Facts, halt: Halt) -> None:
    for lifted in (False, True):
        merged = replace(stop("stable", "1.4.0", lifted=lifted), decides=halt.name)
        number = len(facts.stops)
        filed = world({}, stops=[merged]).stops
        catalog = assemble(
            replace(facts, stops={**facts.stops, f"9999-{number}": next(iter(filed.values()))}), "laptop"
        )
        assert catalog.decided == (halt.name,)
        assert braked(catalog, override(halt)) is catalog
        other = replace(halt, name="another")
        assert pending(override(halt, other), catalog) == (other,)


# --- the next one -------------------------------------------------------------------------------------------------

A, B, C = (Halt(f"{name}-stable", "stable", None, at(0), f"reason {name}") for name in "abc")
LATER = NOON + timedelta(hours=1, microseconds=7)


def deciding(*names: str) -> Catalog:
    return replace(assemble(world({}), "laptop"), decided=names)


def test_the_first_halt_is_number_one() -> None:
    assert pulled(None, A, deciding(), LATER) == replace(override(A), issued=LATER.replace(microsecond=0))


def test_a_further_one_stands_beside_those_that_wait_and_takes_the_next_number() -> None:
    assert pulled(override(A, B, number=6), C, deciding("a-stable"), LATER) == replace(
        override(B, C, number=7), issued=LATER.replace(microsecond=0)
    )


def test_a_name_that_was_decided_cannot_halt_anything_again() -> None:
    with pytest.raises(ValueError, match=r"^a-stable was decided already; a new halt needs a name of its own$"):
        pulled(None, A, deciding("a-stable"), LATER)


@pytest.mark.parametrize("name", ["a-beta", "astable", "a-next-stable"])
def test_a_name_that_is_not_of_the_channel_could_be_ended_by_another_ones_stop(name: str) -> None:
    catalog = replace(deciding(), channels=("beta", "next-stable", "stable"))
    with pytest.raises(ValueError, match=f"^{name} is no name for a halt of stable; it must end in -stable$"):
        pulled(None, replace(A, name=name), catalog, LATER)


# --- what ends by a change of facts -------------------------------------------------------------------------------


def stopping(*scopes: tuple[str, ...], decides: tuple[str, ...] = ("a-stable",)) -> Catalog:
    stops = [replace(stop(*scope), decides=name) for scope, name in zip(scopes, decides, strict=True)]
    return assemble(world({"stable/1.4.0": [], "beta/1.4.0": []}, stops=stops), "laptop")


def test_a_halt_stays_so_where_facts_stop_all_of_its_channel() -> None:
    assert ended(deciding(), stopping(("stable",))) == (Ended("a-stable", "stable", stays=True),)


@pytest.mark.parametrize("after", [stopping(("stable", "1.4.0")), deciding("a-stable")])
def test_else_nobody_knows_whether_it_held_more(after: Catalog) -> None:
    assert ended(deciding(), after) == (Ended("a-stable", "stable", stays=False),)


def test_what_was_decided_before_ends_no_more_and_a_first_catalog_ends_nothing() -> None:
    assert ended(deciding("a-stable"), stopping(("stable",))) == ()
    assert ended(None, stopping(("stable",))) == ()


# --- what is believed ---------------------------------------------------------------------------------------------


@given(OVERRIDES)
def test_what_was_sealed_is_unsealed(found: Override) -> None:
    assert unseal(seal(found, SIGNER), (KEY,), "espice", "laptop") == found


def test_it_is_believed_after_any_time_as_forgetting_it_would_offer_what_was_halted() -> None:
    old = replace(override(A), issued=NOON - timedelta(days=9999))
    assert unseal(seal(old, SIGNER), (KEY,), "espice", "laptop") == old


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (seal(override(A), CryptoSigner.generate_ed25519()), "no trusted key signed it"),
        (
            seal(replace(override(A), product="other"), SIGNER),
            "it is the override of other laptop, not of espice laptop",
        ),
        (
            seal(replace(override(A), environment="staging"), SIGNER),
            "it is the override of espice staging, not of espice laptop",
        ),
        (
            envelope.seal(override(A), head.PAYLOAD_TYPE, SIGNER),
            f"it is a {head.PAYLOAD_TYPE}, not a {PAYLOAD_TYPE}",
        ),
        (seal(override(A), SIGNER).replace(b'"payload":"ey', b'"payload":"ez'), "no trusted key signed it"),
    ],
)
def test_any_other_paper_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OverrideRefused) as refused:
        unseal(data, (KEY,), "espice", "laptop")
    assert str(refused.value) == why


def test_where_no_key_is_trusted_none_is_believed() -> None:
    with pytest.raises(OverrideRefused, match=r"trusts no key to sign it here; add one under keys.brakes$"):
        unseal(seal(override(A), SIGNER), (), "espice", "laptop")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 3000, b'{"payload": 1}'])
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(OverrideRefused):
        unseal(data, (KEY,), "espice", "laptop")
