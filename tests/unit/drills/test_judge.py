"""What is thought of what a fleet saw: every way in which a system can misbehave fails the drill."""

from collections.abc import Sequence
from dataclasses import replace

from delivery.drills.drill import EITHER, STATIC
from delivery.drills.judge import ENDPOINT, Staged, judge, recovered_at, settled
from delivery.present.drill import Ask, Rung
from tests.unit.drills.parts import KINDS, asked, named

USUAL = {kind.name: kind.offered for kind in KINDS}
STRICT = {
    kind.name: "1.3.0" if (kind.offered, kind.request.channel) == ("1.4.0", "stable") else kind.offered
    for kind in KINDS
}
DEAD = Staged("the endpoint is dead", EITHER, Rung.static, frozenset(), USUAL, began=1.0, done=1.2, ended=3.0)
STALE = Staged("the bucket says 500", ENDPOINT, Rung.endpoint, frozenset(), USUAL, began=1.0, done=1.2, ended=3.0)
HALTED = Staged("1.4.0 is halted", ENDPOINT, Rung.endpoint, frozenset({("stable", "1.4.0")}), STRICT, 1.0, 1.2, 3.0)
GOOD = [*asked(0.5), *asked(1.5, Rung.static), *asked(3.5), *asked(4.0)]
FIRST = KINDS[0].name


def verdict(
    asks: Sequence[Ask], stage: Staged = DEAD, recovered: float | None = 0.0, *unsigned: str
) -> tuple[str, ...]:
    return judge(KINDS, asks, [stage], recovered, 10.0, unsigned)


def but(*odd: Ask) -> list[Ask]:
    return sorted([*GOOD, *odd], key=lambda ask: ask.ended)


def test_a_drill_that_goes_as_expected_has_no_problem() -> None:
    assert verdict(GOOD) == ()


def test_a_wrong_offer_fails_it_whenever_it_was_made() -> None:
    wrong = Ask(0.2, 0.3, FIRST, Rung.endpoint, "1.5.0", "1.5.0 is for others only")
    assert verdict(but(wrong, wrong)) == (f"{FIRST} was offered 1.5.0: 1.5.0 is for others only",)


def test_what_does_not_verify_fails_it() -> None:
    assert verdict(GOOD, DEAD, 0.0, "it does not verify") == ("it does not verify",)


def test_an_answer_by_somebody_who_may_not_fails_it() -> None:
    nobody = Ask(1.6, 1.7, FIRST, Rung.nobody, None)
    assert verdict(but(nobody))[0] == (
        f"while the endpoint is dead, {FIRST} was answered by nobody 1 times; only endpoint or static may"
    )
    before = Ask(0.2, 0.3, FIRST, Rung.static, "1.3.0")
    assert verdict(but(before)) == (
        f"before anything was broken, {FIRST} was answered by static 1 times; only endpoint may",
    )


def test_a_check_that_began_before_all_was_broken_may_be_answered_as_before() -> None:
    only_static = replace(DEAD, answers=STATIC)
    assert verdict(but(Ask(1.1, 1.3, FIRST, Rung.endpoint, "1.4.0")), only_static) == ()
    assert verdict(but(Ask(1.3, 1.4, FIRST, Rung.endpoint, "1.4.0")), only_static) != ()


def test_the_edge_may_have_an_answer_for_those_near_it() -> None:
    near = named("near the edge")
    others = [kind for kind in KINDS if not kind.near]
    asks = [*asked(0.5), *asked(1.5, Rung.static, others), *asked(1.5, Rung.endpoint, [near]), *asked(3.5)]
    assert settled(asked(1.5, Rung.static, others) + asked(1.5, kinds=[near]), KINDS, Rung.static)
    assert verdict(asks, replace(DEAD, answers=STATIC)) == ()


def test_a_break_that_breaks_nothing_fails_it() -> None:
    asks = [*asked(0.5), *asked(1.5), *asked(3.5)]
    [problem] = verdict(asks)
    assert problem.startswith(f"while the endpoint is dead, {FIRST}, ")
    assert problem.endswith(" never came to static")


def test_what_was_halted_may_not_be_offered_from_then_on() -> None:
    asks = [*asked(0.5), *asked(1.1), *asked(1.5, kinds=KINDS[1:]), *asked(3.5)]
    strict = [Ask(1.5, 1.6, FIRST, Rung.endpoint, "1.3.0")]
    by_hand = named("by hand").name
    assert f"{by_hand} was offered 1.4.0, although 1.4.0 is halted" in verdict(asks + strict, HALTED)
    assert f"{FIRST} was offered 1.4.0, although 1.4.0 is halted" not in verdict(asks + strict, HALTED)
    on_beta = [problem for problem in verdict(asks, HALTED) if problem.startswith("beta")]
    assert on_beta == []  # there it is not halted


def test_who_does_not_come_back_fails_it() -> None:
    assert verdict(GOOD, recovered=None) == ("after the mend, not everybody was answered as before",)


def test_recovery_is_when_everybody_is_answered_as_before_twice_in_a_row() -> None:
    late = Ask(3.2, 3.3, FIRST, Rung.static, "1.3.0")
    assert recovered_at([*asked(3.5), *asked(4.0)], KINDS) == 0.0
    assert recovered_at([late, *asked(3.5), *asked(4.0)], KINDS) == 3.3
    assert recovered_at([*asked(3.5)], KINDS) is None
    assert recovered_at([*asked(3.5), *asked(4.0), replace(late, began=5.0, ended=5.1)], KINDS) is None
    assert recovered_at(nothing([*asked(3.5), *asked(4.0)]), KINDS) is None


def test_who_comes_back_late_fails_it() -> None:
    assert verdict(GOOD, recovered=10.0) == ()
    assert verdict(GOOD, recovered=10.6) == (
        "everybody was answered as before only 10.6 s after the mend began; 10 s are promised",
    )


def nothing(asks: Sequence[Ask]) -> list[Ask]:
    """The same, but none of them was offered anything: a 204, or a manifest of 0.0.0."""
    return [replace(ask, offered=None) for ask in asks]


def test_to_offer_nobody_anything_while_the_store_is_away_fails_it() -> None:
    kept = [*asked(0.5), *asked(1.5), *asked(3.5), *asked(4.0)]
    assert verdict(kept, STALE) == ()
    taken = [*asked(0.5), *nothing(asked(1.5)), *asked(3.5), *asked(4.0)]
    said = f"while the bucket says 500, {FIRST} was offered nothing by endpoint 1 times instead of 1.4.0"
    assert verdict(taken, STALE)[0] == said


def test_to_offer_nobody_anything_all_the_time_fails_it() -> None:
    taken = nothing([*asked(0.5), *asked(1.5), *asked(3.5), *asked(4.0)])
    problems = verdict(taken, STALE, None)
    assert f"before anything was broken, {FIRST} was offered nothing by endpoint 1 times instead of 1.4.0" in problems
    assert recovered_at(taken, KINDS) is None


def test_manifests_that_offer_nobody_anything_fail_it() -> None:
    taken = [*asked(0.5), *nothing(asked(1.5, Rung.static)), *asked(3.5), *asked(4.0)]
    said = f"while the endpoint is dead, {FIRST} was offered nothing by static 1 times instead of 1.3.0"
    assert verdict(taken)[0] == said


def test_what_is_offered_besides_a_halt_must_still_be_offered() -> None:
    meanwhile = [replace(ask, offered=STRICT[ask.kind]) for ask in asked(1.5)]
    assert verdict([*asked(0.5), *meanwhile, *asked(3.5)], HALTED) == ()
    said = f"while 1.4.0 is halted, {FIRST} was offered nothing by endpoint 1 times instead of 1.3.0"
    assert verdict([*asked(0.5), *nothing(meanwhile), *asked(3.5)], HALTED)[0] == said


def test_answers_that_come_later_than_promised_fail_it_and_one_of_many_does_not() -> None:
    prompt, asks = replace(STALE, within=0.5), [*asked(0.5), *asked(1.5), *asked(3.5)]
    one = [replace(ask, ended=2.9) if ask.kind == FIRST and ask.began == 1.5 else ask for ask in asks]
    every = [replace(ask, ended=2.9) if ask.began == 1.5 else ask for ask in asks]
    assert verdict(one, prompt) == ()
    said = "while the bucket says 500, one of ten answers took 1.4 s or more; 0.5 s are promised"
    assert verdict(every, prompt) == (said,)


def test_what_a_stage_does_not_show_fails_it() -> None:
    assert verdict(GOOD, replace(DEAD, lacks=("it was no flood",))) == ("while the endpoint is dead, it was no flood",)
