"""What is thought of what a fleet saw: every way in which a system can misbehave fails the drill."""

from dataclasses import replace

from delivery.drills.drill import EITHER, ENDPOINT, STATIC
from delivery.drills.judge import Staged, judge, recovered_at, settled
from delivery.present.drill import Ask, Rung
from tests.unit.drills.parts import KINDS, asked, named

DEAD = Staged("the endpoint is dead", EITHER, Rung.static, frozenset(), began=1.0, done=1.2, ended=3.0)
HALTED = Staged("1.4.0 is halted", ENDPOINT, Rung.endpoint, frozenset({("stable", "1.4.0")}), 1.0, 1.2, 3.0)
USUAL = {kind.name: kind.offered for kind in KINDS}
GOOD = [*asked(0.5), *asked(1.5, Rung.static), *asked(3.5), *asked(4.0)]
FIRST = KINDS[0].name


def but(*odd: Ask) -> list[Ask]:
    return sorted([*GOOD, *odd], key=lambda ask: ask.ended)


def test_a_drill_that_goes_as_expected_has_no_problem() -> None:
    assert judge(KINDS, GOOD, [DEAD], 0.0) == ()


def test_a_wrong_offer_fails_it_whenever_it_was_made() -> None:
    wrong = Ask(0.2, 0.3, FIRST, Rung.endpoint, "1.5.0", "1.5.0 is for others only")
    assert judge(KINDS, but(wrong, wrong), [DEAD], 0.0) == (f"{FIRST} was offered 1.5.0: 1.5.0 is for others only",)


def test_what_does_not_verify_fails_it() -> None:
    assert judge(KINDS, GOOD, [DEAD], 0.0, ["it does not verify"]) == ("it does not verify",)


def test_an_answer_by_somebody_who_may_not_fails_it() -> None:
    nobody = Ask(1.6, 1.7, FIRST, Rung.nobody, None)
    assert judge(KINDS, but(nobody), [DEAD], 0.0)[0] == (
        f"while the endpoint is dead, {FIRST} was answered by nobody 1 times; only endpoint or static may"
    )
    before = Ask(0.2, 0.3, FIRST, Rung.static, "1.3.0")
    assert judge(KINDS, but(before), [DEAD], 0.0) == (
        f"before anything was broken, {FIRST} was answered by static 1 times; only endpoint may",
    )


def test_a_check_that_began_before_all_was_broken_may_be_answered_as_before() -> None:
    only_static = replace(DEAD, answers=STATIC)
    assert judge(KINDS, but(Ask(1.1, 1.3, FIRST, Rung.endpoint, "1.4.0")), [only_static], 0.0) == ()
    assert judge(KINDS, but(Ask(1.3, 1.4, FIRST, Rung.endpoint, "1.4.0")), [only_static], 0.0) != ()


def test_the_edge_may_have_an_answer_for_those_near_it() -> None:
    near = named("near the edge")
    others = [kind for kind in KINDS if not kind.near]
    asks = [*asked(0.5), *asked(1.5, Rung.static, others), *asked(1.5, Rung.endpoint, [near]), *asked(3.5)]
    assert settled(asked(1.5, Rung.static, others) + asked(1.5, kinds=[near]), KINDS, Rung.static)
    assert judge(KINDS, asks, [replace(DEAD, answers=STATIC)], 0.0) == ()


def test_a_break_that_breaks_nothing_fails_it() -> None:
    asks = [*asked(0.5), *asked(1.5), *asked(3.5)]
    [problem] = judge(KINDS, asks, [DEAD], 0.0)
    assert problem.startswith(f"while the endpoint is dead, {FIRST}, ")
    assert problem.endswith(" never came to static")


def test_what_was_halted_may_not_be_offered_from_then_on() -> None:
    asks = [*asked(0.5), *asked(1.1), *asked(1.5, kinds=KINDS[1:]), *asked(3.5)]
    strict = [Ask(1.5, 1.6, FIRST, Rung.endpoint, "1.3.0")]
    by_hand = named("by hand").name
    assert f"{by_hand} was offered 1.4.0, although 1.4.0 is halted" in judge(KINDS, asks + strict, [HALTED], 0.0)
    assert f"{FIRST} was offered 1.4.0, although 1.4.0 is halted" not in judge(KINDS, asks + strict, [HALTED], 0.0)
    on_beta = [problem for problem in judge(KINDS, asks, [HALTED], 0.0) if problem.startswith("beta")]
    assert on_beta == []  # there it is not halted


def test_who_does_not_come_back_fails_it() -> None:
    assert judge(KINDS, GOOD, [DEAD], None) == ("after the mend, not everybody was answered as before",)


def test_recovery_is_when_everybody_is_answered_as_before_twice_in_a_row() -> None:
    late = Ask(3.2, 3.3, FIRST, Rung.static, "1.3.0")
    assert recovered_at([*asked(3.5), *asked(4.0)], KINDS, USUAL) == 0.0
    assert recovered_at([late, *asked(3.5), *asked(4.0)], KINDS, USUAL) == 3.3
    assert recovered_at([*asked(3.5)], KINDS, USUAL) is None
    assert recovered_at([*asked(3.5), *asked(4.0), replace(late, began=5.0, ended=5.1)], KINDS, USUAL) is None
    other = {**USUAL, FIRST: "1.5.0"}
    assert recovered_at([*asked(3.5), *asked(4.0)], KINDS, other) is None
