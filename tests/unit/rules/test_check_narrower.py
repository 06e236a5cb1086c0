"""What a rule may not do: hold up what takes something back, or refuse by time alone what is merged."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.check import check
from delivery.rules.problem import Severity
from tests.examples import examples
from tests.unit.rules.files import (
    DONE,
    NEW,
    NOW,
    ROLLOUT,
    STABLE,
    TEXTS,
    errors,
    fact,
    facts,
    files,
    released,
    rolled_out,
    said_onto,
    with_lines,
)

HOLD = '  - {hold: 0, at: "2026-11-25T11:00:00Z", reason: it crashes}\n'
DECIDED = ('at: "2026-11-25T11:00:00Z"', "reason: it loses files")
STOP = fact("stops", "2026-11-25-stable", "stop: {channel: stable}", *DECIDED)
WITHDRAWAL = fact("withdrawals", "1.4.0", "withdraw: 1.4.0", "channels: [stable]", *DECIDED, "downloads: hide")
BLOCK = fact(
    "blocks", "gtk", "block: gtk", 'from: "<1.4.0"', 'to: ">=1.4.0"', "targets: all", "effect: block",
    "reason: crashes", "owner: core", 'review-by: "2027-01-31"',
)  # fmt: skip

# A repository in which much is wrong already: 1.4.0 is offered on stable before beta, which follows it, has it.
BETA = "releases/channels/beta.yaml"
AMISS = {BETA: TEXTS[BETA] + "follows: stable\n"} | rolled_out("beta/1.3.0")


@pytest.mark.parametrize(
    "narrowing",
    [{ROLLOUT: TEXTS[ROLLOUT] + HOLD}, STOP, WITHDRAWAL],
    ids=["hold", "stop", "withdrawal"],
)
@pytest.mark.parametrize("base", [{}, AMISS], ids=["well", "amiss"])
def test_what_takes_back_is_never_held_up(base: dict[str, str | None], narrowing: dict[str, str | None]) -> None:
    assert errors(said_onto(files(base), files(base | narrowing))) == []


def test_a_block_without_an_end_is_warned_of_when_it_comes_and_refuses_nothing_later() -> None:
    told = said_onto(files(), files(BLOCK))
    assert errors(told) == []
    assert any("has no upper bound" in each and each.endswith("(warning)") for each in told)
    raised = {ROLLOUT: TEXTS[ROLLOUT] + '  - {at: "2026-11-26T14:00:00Z", percent: 25}\n'}
    assert errors(said_onto(files(BLOCK), files(BLOCK | raised))) == []


def test_what_takes_back_and_is_malformed_or_names_nothing_is_refused() -> None:
    nothing = (WITHDRAWAL["releases/withdrawals/1.4.0.yaml"] or "").replace("1.4.0", "1.9.0")
    assert len(errors(said_onto(files(), files({"releases/withdrawals/1.9.0.yaml": nothing})))) == 1
    ahead = (STOP["releases/stops/2026-11-25-stable.yaml"] or "").replace("11-25", "11-26")
    assert len(errors(said_onto(files(), files({"releases/stops/2026-11-26-stable.yaml": ahead})))) == 1


def test_history_is_not_rewritten_even_to_take_back() -> None:
    """A pause by deletion loses what was decided, and its revert would jump."""
    assert errors(said_onto(files(), files({ROLLOUT: None}))) == [
        f"{ROLLOUT}: was merged and is gone; restore it; to offer less, add a hold, a withdrawal or a stop"
    ]


def test_a_change_that_takes_back_here_and_widens_there_is_not_narrower() -> None:
    both = {ROLLOUT: TEXTS[ROLLOUT] + HOLD} | released("1.4.1") | rolled_out(
        "beta/1.4.1", 'at: "2026-11-25T11:00:00Z", percent: 10'
    )  # fmt: skip
    assert errors(said_onto(files(), files(both))) == [
        "releases/rollouts/beta/1.4.1.yaml:5: steps.0: the first step above 0 of 1.4.1 has no evidence; "
        "update through beta-next, and add evidence: and what you saw"
    ]


def test_a_change_that_nobody_meets_is_not_narrower() -> None:
    """An unoffered version with a fault is not let through as if it took something back."""
    assert errors(said_onto(files(), files(released("1.4.1", size="1")))) != []


def test_what_was_wrong_before_holds_up_nobody_else() -> None:
    raised = {ROLLOUT: TEXTS[ROLLOUT] + '  - {at: "2026-11-26T14:00:00Z", percent: 25}\n'}
    told = said_onto(files(AMISS), files(AMISS | raised))
    assert errors(told) == []
    assert any("which follows stable" in each for each in told)


def test_what_a_change_makes_wrong_itself_is_refused() -> None:
    told = errors(said_onto(files(rolled_out("beta/1.3.0")), files(AMISS)))
    assert [each.partition(" by ")[0] for each in told] == [
        f"{ROLLOUT}:5: steps.0: beta, which follows stable, does not offer everyone 1.4.0 or higher"
    ]


LATER = st.integers(min_value=0, max_value=3 * 365 * 24).map(lambda hours: NOW + timedelta(hours=hours))
MORE = st.lists(
    st.sampled_from(
        [
            STOP,
            WITHDRAWAL,
            BLOCK,
            AMISS,
            released("1.5.0") | rolled_out("beta/1.5.0", 'at: "2026-12-26T14:00:00Z", percent: 10, over: 48h'),
            {ROLLOUT: TEXTS[ROLLOUT] + '  - {at: "2026-11-28T14:00:00Z", percent: 25}\n'},
            {STABLE: TEXTS[STABLE] + "soak: {in: beta, at-least: 72h, installs: 1}\n"},
            {DONE: TEXTS[DONE].replace("percent: 100", "percent: 50")},
            {NEW: TEXTS[NEW].replace("280064", "1")},
            fact("freezes", "h", "freeze: h", "channels: [stable]", 'from: "2026-11-27T00:00:00Z"',
                 'until: "2027-01-07T00:00:00Z"', "reason: x"),
            fact("flags", "gpu", "flag: gpu", "owner: core", 'expires: "2026-11-26"',
                 'body: {state: ENABLED, variants: {a: 1}, defaultVariant: "a"}'),
        ]
    ),
    max_size=4,
)  # fmt: skip


@examples(40)
@given(MORE, LATER)
def test_what_is_merged_never_turns_red_by_time_alone(more: list[dict[str, str | None]], later: object) -> None:
    merged: dict[str, str | None] = {}
    for each in more:
        merged |= each
    head = facts(files(merged))
    now = [each for each in check(head, head, now=NOW) if each.severity is Severity.error]
    then = [each for each in check(head, head, now=later) if each.severity is Severity.error]  # type: ignore[arg-type]
    assert (now, then) == ([], [])


@examples(40)
@given(MORE, st.sampled_from([STOP, WITHDRAWAL]))
def test_nothing_that_is_merged_ever_holds_up_taking_back(
    more: list[dict[str, str | None]], taking: dict[str, str | None]
) -> None:
    merged: dict[str, str | None] = {}
    for each in more:
        merged |= each
    assert errors(said_onto(files(merged), files(merged | taking))) == []


def test_lines_are_counted_no_part_of_a_problem_that_was_there() -> None:
    """A comment that moves a line does not make an old problem a new one."""
    commented = AMISS | {ROLLOUT: TEXTS[ROLLOUT].replace("steps:", "# a word\nsteps:")}
    assert errors(said_onto(files(AMISS), files(commented))) == []
    assert errors(said_onto(with_lines(), with_lines())) == []
