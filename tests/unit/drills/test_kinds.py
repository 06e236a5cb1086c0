"""Which installations ask, and what each of them may ever be offered."""

import pytest

from delivery.drills.kinds import most_offered, offers, partial, under
from delivery.rules.decide import Request
from tests.unit.drills.parts import KINDS, TABLE, named
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOON, step, world


def test_they_have_several_versions_bundles_cohorts_and_ways_to_ask() -> None:
    early = named("by hand").request
    assert [kind.name.partition(" ")[0] for kind in KINDS].count("beta") == 4
    assert {kind.request.bundle for kind in KINDS} == {"appimage", "deb"}
    assert {kind.request.version for kind in KINDS} == {"1.2.0", "1.4.0-beta.1", "1.5.0-beta.1"}
    assert early == Request("stable", "linux-x86_64", "appimage", "1.2.0", manual=True)
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert [kind.name for kind in KINDS if kind.near] == ["stable 1.2.0 near the edge"]


def test_the_first_is_of_a_cohort_that_is_offered_more_than_everyone_and_the_second_is_not() -> None:
    first, second, *_ = KINDS
    assert (first.offered, first.everyone, first.static) == ("1.4.0", "1.3.0", "1.3.0")
    assert (second.offered, second.everyone, second.static) == ("1.3.0", "1.3.0", "1.3.0")


def test_the_static_manifest_offers_nothing_to_who_has_what_it_names() -> None:
    assert named("stable 1.5.0-beta.1 up to date").static is None
    assert named("beta 1.5.0-beta.1 which is gone").static is None


def test_under_a_halt_everybody_is_still_offered_what_is_not_halted() -> None:
    strict = offers(under(TABLE, [("stable", "1.4.0")], NOON), KINDS, NOON)
    assert strict == {**offers(TABLE, KINDS, NOON), KINDS[0].name: "1.3.0", named("by hand").name: "1.3.0"} | {
        kind.name: "1.3.0" for kind in KINDS if kind.offered == "1.4.0" and kind.request.channel == "stable"
    }
    assert offers(under(TABLE, [], NOON), KINDS, NOON) == {kind.name: kind.offered for kind in KINDS}


@pytest.mark.parametrize(
    ("kind", "offered", "wrong"),
    [
        ("stable 1.2.0 no cohort", None, None),
        ("stable 1.2.0 no cohort", "1.3.0", None),
        ("stable 1.2.0 no cohort", "1.4.0", "1.4.0 is for others only"),
        ("stable 1.2.0 by hand", "1.4.0", None),
        ("stable 1.2.0 by hand", "1.1.0", "1.1.0 is not above 1.2.0"),
        ("beta 1.2.0 no cohort", "1.4.0", None),
        ("beta 1.2.0 no cohort", "1.5.0-beta.1", "1.5.0-beta.1 is stopped or withdrawn"),
        ("beta 1.2.0 no cohort", "1.4.0-beta.1", "1.4.0-beta.1 is stopped or withdrawn"),
    ],
)
def test_what_must_never_be_offered_is_told_from_what_may_be(kind: str, offered: str | None, wrong: str | None) -> None:
    assert named(kind).wrong(offered) == wrong


def test_a_stop_is_rehearsed_where_installations_are_left_with_an_older_version() -> None:
    two = {"stable/1.3.0": [step(100)], "beta/1.3.0": [step(100, -500)], "beta/1.4.0": [step(100)]}
    assert most_offered(worlds.table(world(two, versions=["1.2.0"])), NOON) == ("beta", "1.4.0")
    one = {"stable/1.3.0": [step(100)]}
    assert most_offered(worlds.table(world(one, versions=["1.2.0"])), NOON) == ("stable", "1.3.0")
    assert most_offered(worlds.table(world({}, versions=["1.2.0"])), NOON) is None


def test_a_partial_rollout_is_found_and_so_is_that_there_is_none() -> None:
    assert partial(TABLE, NOON) == ("stable", "1.4.0")
    all_of_it = {"stable/1.2.1": [step(100, -500)], "stable/1.3.0": [step(100)]}
    assert partial(worlds.table(world(all_of_it, versions=["1.2.0"])), NOON) is None
