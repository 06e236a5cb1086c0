"""Whole answers are remembered, and nobody can tell from the outside."""

import pickle
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.endpoint.answers import Ready
from delivery.endpoint.memo import Answers, Memo
from delivery.rules.brake import Halt
from delivery.rules.catalog import Catalog, Stopped
from delivery.rules.decide import NoOffer, Reason
from delivery.rules.timeline import Stage
from tests.unit.endpoint.parts import CATALOG, EARLY, LATE, NOW, SETTINGS, STOPPED, World, offering, unnamed

READY = Ready("200 OK", [("A", "b")], b"body", 200, "everyone")
NOTHING = NoOffer(Reason.current, None, None, None)
KEY = ("/v1/update/stable/linux/x86_64/1.2.0", "")
PATH = "/v1/update/stable/linux/x86_64/1.3.0"


def remembered(world: World) -> int:
    return world.app._counts.so_far().remembered


# -- what it is keyed by -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "again", "same"),
    [
        ("cohort=1&os=24.04", "os=24.04&cohort=1", True),
        ("cohort=1", "cohort=1&utm=2&&=&x", True),
        ("cohort=1", "cohort=1&cohort=2", True),
        ("", "n=1", True),
        ("cohort=1", "cohort=2", False),
        ("cohort=1&cohort=2", "cohort=2&cohort=1", False),
        ("manual=1", "", False),
        ("failed=1.4.0", "failed=1.3.0", False),
    ],
)
def test_only_what_may_matter_tells_two_checks_apart(world: World, query: str, again: str, same: bool) -> None:
    world.get(f"{PATH}?{query}")
    world.get(f"{PATH}?{again}")
    assert remembered(world) == same


def test_a_question_mark_in_the_path_is_not_the_one_before_the_query(world: World) -> None:
    world.get(f"{PATH}?manual=1")
    assert world.get(f"{PATH}%3Fmanual=1").headers["ESpice-Reason"] == "malformed"
    assert remembered(world) == 0


def test_get_and_head_share_an_answer_and_other_methods_never_see_it(world: World) -> None:
    got = world.get(PATH)
    head, post = world.get(PATH, "HEAD"), world.get(PATH, "POST")
    assert (head.status_code, head.data, unnamed(head)) == (got.status_code, b"", unnamed(got))
    assert (post.status_code, remembered(world)) == (405, 1)


# -- how long ------------------------------------------------------------------------------------------------------


def test_an_answer_is_forgotten_with_the_head_it_was_given_from(world: World) -> None:
    assert [world.offered(), world.offered()] == ["1.3.0", "1.3.0"]
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=10)
    assert world.offered() == 204


def test_a_head_that_is_only_signed_anew_counts_its_own_expiry(world: World) -> None:
    world.publish(expires=NOW + timedelta(seconds=40))
    world.check()
    world.clock.passes(seconds=10)
    world.publish(issued=world.clock.now)
    assert world.check().headers["Cache-Control"] == "public, max-age=30"


@pytest.mark.parametrize(("seconds", "kept"), [(0, True), (5, True), (5.000001, False), (6, False), (-0.000001, False)])
def test_it_is_remembered_until_caches_could_keep_it_past_a_boundary(seconds: float, kept: bool) -> None:
    world = ramping(35)
    first = world.check(cohort=EARLY)
    world.clock.passes(seconds=seconds)
    again = world.check(cohort=EARLY)
    assert remembered(world) == kept
    assert (first.headers["Cache-Control"], first.headers["ESpice-Reason"]) == ("public, max-age=30", "cohort")
    assert again.headers["Cache-Control"] == f"public, max-age={29 if seconds > 5 else 30}"


def test_an_answer_that_may_not_be_kept_is_not() -> None:
    world = ramping(29)
    world.check(cohort=EARLY)
    world.check(cohort=EARLY)
    assert remembered(world) == 0


def ramping(seconds: float) -> World:
    """A world in which 1.4.0 goes from 10 to 25 % so soon."""
    soon = offering("1.4.0", 10)
    stage = Stage(NOW + timedelta(seconds=seconds), 250, False, "releases/rollouts/stable/1.4.0.yaml:9")
    world = World()
    world.publish(replace(CATALOG, offerings=(replace(soon, stages=(*soon.stages, stage)),)))
    return world


# -- how much ------------------------------------------------------------------------------------------------------


def test_it_never_holds_more_bytes_than_it_may() -> None:
    answers = Answers(None, 10_000)
    for number in range(1_000):
        answers.keep(("/path", f"cohort={number}"), NOTHING, READY, NOW, NOW)
        assert answers.size <= 10_000
    assert answers.find(("/path", "cohort=999"), NOW) is READY


def test_what_is_larger_than_all_of_it_is_not_kept() -> None:
    answers = Answers(None, 10_000)
    answers.keep(KEY, NOTHING, replace(READY, body=b"x" * 10_000), NOW, NOW)
    assert (answers.find(KEY, NOW), answers.like(KEY, NOTHING, NOW), answers.size) == (None, None, 0)


def test_what_many_urls_get_by_one_decision_is_held_once() -> None:
    answers = Answers(None, 100_000)
    answers.keep(KEY, NOTHING, READY, NOW, NOW)
    whole = answers.size
    assert answers.like(("/path", ""), NOTHING, NOW) is answers.find(("/path", ""), NOW) is READY
    assert answers.size - whole < whole
    assert answers.like(("/path", ""), replace(NOTHING, reason=Reason.held), NOW) is None
    assert answers.like(("/path", ""), NOTHING, NOW + timedelta(seconds=1)) is None


def test_the_size_it_counts_is_about_what_it_takes() -> None:
    world = World()
    world.publish()
    reply = world.get(PATH + "?manual=1")
    ready = Ready("200 OK", [(name, value) for name, value in reply.headers.items()], reply.data, 200, "manual")
    assert 0.5 < ready.size / len(pickle.dumps(ready)) < 3


def test_threads_that_share_it_never_get_the_answer_to_another_question(world: World) -> None:
    wrong: list[Any] = []

    def ask(cohorts: Iterable[int]) -> None:
        for cohort in cohorts:
            response = world.check("1.3.0", cohort=cohort)
            if (response.status_code == 200) != (cohort in early):
                wrong.append(cohort)

    early = {each for each in range(200) if world.offered("1.3.0", cohort=each) == "1.4.0"}
    threads = [Thread(target=ask, args=(range(start, 200, 2),)) for start in (0, 1, 0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert 0 < len(early) < 200


# -- with and without it -------------------------------------------------------------------------------------------


class Forgetful(Memo):
    """Remembers nothing."""

    def of(self, live: Any) -> Answers:
        return Answers(live, 0)


_BOUNDARIES = [offering("1.4.0", 10), offering("1.5.0-beta.1", 5), offering("1.3.0", 100)]
_CATALOGS = st.builds(
    lambda stages, stopped: replace(
        CATALOG,
        offerings=(
            *_BOUNDARIES[1:],
            replace(
                _BOUNDARIES[0],
                stages=(
                    *_BOUNDARIES[0].stages,
                    *(Stage(NOW + timedelta(seconds=at), permille, held, "f:9") for at, permille, held in stages),
                ),
            ),
        ),
        stops=(Stopped("stable", ("1.4.0",), NOW, "bad", "releases/stops/a.yaml:1"),) if stopped else (),
    ),
    st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from([0, 250, 500, 1000]), st.booleans()),
        max_size=3,
        unique_by=lambda stage: stage[0],
    ).map(sorted),
    st.booleans(),
)
_ASKS = st.tuples(
    st.sampled_from(["GET", "HEAD"]),
    st.sampled_from(["stable", "beta", "stable-next", "nowhere"]),
    st.sampled_from(["1.2.0", "1.3.0", "1.4.0", "x"]),
    st.lists(
        st.sampled_from(
            [f"cohort={EARLY}", f"cohort={LATE}", "cohort=-1", "manual=1", "failed=1.4.0", "bundle=deb", "n=1", ""]
        ),
        max_size=3,
    ).map("&".join),
)
_EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), _ASKS),
        st.tuples(st.just("ask"), _ASKS),
        st.tuples(st.just("time"), st.floats(-20, 40)),
        st.tuples(st.just("publish"), _CATALOGS),
        st.tuples(st.just("halt"), st.sampled_from([None, ("1.4.0",), ("1.3.0",)])),
    ),
    max_size=25,
)


@given(_CATALOGS, _EVENTS)
def test_with_the_memo_every_answer_is_what_it_is_without(catalog: Catalog, events: list[tuple[str, Any]]) -> None:
    patient = replace(SETTINGS, budget=30.0)  # a busy machine is no reason for another answer
    worlds = [World(patient), World(patient)]
    worlds[1].app._memo = Forgetful()
    serial, halts = 7, ()
    for world in worlds:
        world.publish(catalog)
    for what, how in events:
        serial += what == "publish"
        if what == "halt":
            halts = (*halts, Halt(f"h{len(halts)}", "stable", how, NOW, "bad"))
        got = [happens(world, what, how, serial, halts) for world in worlds]
        assert got[0] == got[1]


def happens(world: World, what: str, how: Any, serial: int, halts: tuple[Halt, ...]) -> object:
    """Lets it happen; what an answer was, without its name."""
    if what == "time":
        world.clock.passes(seconds=how)
    elif what == "publish":
        world.publish(how, serial=serial)
    elif what == "halt":
        world.halt(*halts)
    else:
        method, channel, version, query = how
        response = world.get(f"/v1/update/{channel}/linux/x86_64/{version}?{query}", method)
        return response.status_code, response.data, unnamed(response)
    return None
