"""What a merge may bring about: new lines, their grounds, their times, and freezes."""

import pytest

from tests.unit.rules.files import (
    POLICY,
    ROLLOUT,
    STABLE,
    TEXTS,
    fact,
    files,
    released,
    rolled_out,
    said,
    said_onto,
    with_lines,
    with_only,
)

NEXT = 'at: "2026-11-26T14:00:00Z", percent: 25'
FREEZE = "releases/freezes/holidays.yaml"


def test_a_step_that_leaves_out_rungs() -> None:
    jump = 'at: "2026-11-26T14:00:00Z", percent: 100'
    assert said_onto(files(), with_lines(jump)) == [
        f"{ROLLOUT}:8: steps.3.percent: 100 after 10 leaves out 25 and 50 of the ladder of stable; "
        "write 25, or because: and why"
    ]
    assert said_onto(files(), with_lines(f"{jump}, because: it mends a leak")) == []
    assert said_onto(with_lines(jump), with_lines(jump)) == []


@pytest.mark.parametrize(
    ("cap", "most"), [("ungated: {stable: 10, beta: 100}", "10 % at most"), ("ungated: {beta: 100}", "nobody")]
)
def test_an_ungated_step_beyond_the_cap(cap: str, most: str) -> None:
    strict = {POLICY: TEXTS[POLICY].replace("ungated: {stable: 100, beta: 100}", cap)}
    line = {ROLLOUT: TEXTS[ROLLOUT] + f"  - {{{NEXT}}}\n"}
    assert said_onto(files(strict), files(strict | line)) == [
        f"{ROLLOUT}:8: steps.3: 25 % without a gate, where {POLICY} lets ungated steps of stable reach {most}; "
        "add gate: default, and a pass once it is met"
    ]
    gated = {ROLLOUT: TEXTS[ROLLOUT] + f"  - {{{NEXT}, gate: default}}\n"}
    assert said_onto(files(strict), files(strict | gated)) == []


def test_a_first_step_above_0_without_evidence() -> None:
    steps = ('at: "2026-11-20T14:00:00Z", percent: 0', 'at: "2026-11-20T15:00:00Z", percent: 1')
    assert said(with_only(*steps)) == [
        f"{ROLLOUT}:6: steps.1: the first step above 0 of 1.4.0 has no evidence; "
        "update through stable-next, and add evidence: and what you saw"
    ]
    assert said_onto(with_only(*steps), with_only(*steps)) == []


SOAKED = {STABLE: TEXTS[STABLE] + "promotes-from: beta\nsoak: {in: beta, at-least: 72h, installs: 200}\n"}


def test_a_version_that_never_was_where_it_should_come_from() -> None:
    base = SOAKED | {ROLLOUT: TEXTS[ROLLOUT] + '  - {hold: 0, at: "2026-11-24T14:00:00Z", reason: x}\n'}
    started = released("1.5.0") | rolled_out("stable/1.5.0", 'at: "2026-11-26T14:00:00Z", percent: 1, evidence: x')
    at = "releases/rollouts/stable/1.5.0.yaml"
    assert said_onto(files(base), files(base | started)) == [
        f"{at}:5: steps.0: 1.5.0 was never offered on beta, which stable promotes from; "
        "roll it out on beta first, or add because: and why",
        f"{at}:5: steps.0.at: 1.5.0 was never offered on beta, where stable asks for 72h; "
        "roll it out on beta first, or add because: and why",
    ]
    beta = rolled_out("beta/1.5.0", 'at: "2026-11-24T14:00:00Z", percent: 10, evidence: x')
    assert said_onto(files(base), files(base | started | beta)) == [
        f"{at}:5: steps.0.at: 1.5.0 is offered on beta since 2026-11-24T14:00:00Z, which is not 72h before; "
        "write 2026-11-27T14:00:00Z or later, or add because: and why"
    ]
    reasoned = {
        path: (text or "").replace("evidence: x", "evidence: x, because: a leak") for path, text in started.items()
    }
    assert said_onto(files(base), files(base | reasoned)) == []


def test_a_step_in_the_past() -> None:
    assert said_onto(files(), with_lines('at: "2026-11-24T11:59:59Z", percent: 25')) == [
        f"{ROLLOUT}:8: steps.3.at: 2026-11-24T11:59:59Z is more than a day ago; "
        "write the time that is meant: it acts as soon as it is merged"
    ]
    assert said_onto(files(), with_lines('at: "2026-11-24T12:00:00Z", percent: 25')) == []


def test_a_ramp_that_is_over_when_merged() -> None:
    assert said_onto(files(), with_lines('at: "2026-11-25T06:00:00Z", percent: 25, over: 6h')) == [
        f"{ROLLOUT}:8: steps.3.at: the ramp is over since 2026-11-25T12:00:00Z, so all of it would come at once; "
        "write the time from which it should rise"
    ]
    assert said_onto(files(), with_lines('at: "2026-11-25T06:00:00Z", percent: 25, over: 7h')) == []


def test_a_first_step_a_year_late() -> None:
    late = 'at: "2027-11-25T14:00:00Z", percent: 1, evidence: x'
    assert said_onto(files({ROLLOUT: None}), with_only(late)) == [
        f"{ROLLOUT}:5: steps.0.at: 2027-11-25T14:00:00Z is more than 14 days ahead; "
        "see whether the day is right: a year is soon mistyped (warning)"
    ]


def test_a_step_on_a_weekend() -> None:
    assert said_onto(files(), with_lines('at: "2026-11-28T14:00:00Z", percent: 25')) == [
        f"{ROLLOUT}:8: steps.3.at: 2026-11-28T14:00:00Z is a Saturday; "
        "see that somebody is there to watch and hold it (warning)"
    ]
    assert said_onto(files(), with_lines('at: "2026-11-28T14:00:00Z", percent: 25, gate: default')) == []


def test_a_pass_on_a_weekend() -> None:
    gated = 'at: "2026-11-26T14:00:00Z", percent: 25, gate: default'
    told = said_onto(with_lines(gated), with_lines(gated, 'pass: 25, at: "2026-11-29T14:00:00Z", evidence: x'))
    assert told == [
        f"{ROLLOUT}:9: steps.4.at: 2026-11-29T14:00:00Z is a Sunday; "
        "see that somebody is there to watch and hold it (warning)"
    ]


# --- freezes ------------------------------------------------------------------------------------------------------


def freeze(*more: str, first: str = "2026-11-26", last: str = "2026-12-01") -> dict[str, str | None]:
    return fact(
        "freezes",
        "holidays",
        "freeze: holidays",
        "channels: [stable]",
        f'from: "{first}T00:00:00Z"',
        f'until: "{last}T00:00:00Z"',
        "reason: nobody is there",
        *more,
    )


IN_IT = (
    f"falls into the freeze holidays ({FREEZE}:1), until 2026-12-01T00:00:00Z; write a later time, or because: and why"
)


def frozen(line: str, **times: str) -> list[str]:
    """What is said of this line, new in a time that is frozen."""
    base = files(freeze(**times))
    return said_onto(base, base | {ROLLOUT: (TEXTS[ROLLOUT] + f"  - {{{line}}}\n").encode()})


def test_a_step_in_a_freeze() -> None:
    assert frozen(NEXT) == [f"{ROLLOUT}:8: steps.3.at: {IN_IT}"]
    assert frozen(f"{NEXT}, because: it mends a leak") == []
    assert frozen(f"{NEXT}, gate: default") == []  # its pass is asked, once it comes


def test_a_pass_in_a_freeze() -> None:
    base = files(freeze() | {ROLLOUT: TEXTS[ROLLOUT] + f"  - {{{NEXT}, gate: default}}\n"})
    passed = base[ROLLOUT] + b'  - {pass: 25, at: "2026-11-25T11:00:00Z", evidence: x}\n'
    assert said_onto(base, base | {ROLLOUT: passed}) == [f"{ROLLOUT}:9: steps.4.at: {IN_IT}"]


def test_a_step_that_is_due_while_frozen_though_it_was_dated_before() -> None:
    told = frozen('at: "2026-11-24T14:00:00Z", percent: 25', first="2026-11-25")
    assert told == [f"{ROLLOUT}:8: steps.3.at: {IN_IT}"]


def test_a_ramp_that_runs_into_a_freeze() -> None:
    assert frozen('at: "2026-11-25T13:00:00Z", percent: 25, over: 12h') == [f"{ROLLOUT}:8: steps.3.at: {IN_IT}"]
    assert frozen('at: "2026-11-25T13:00:00Z", percent: 25, over: 10h') == []


def test_a_lifted_freeze_freezes_nothing() -> None:
    lifted = files(freeze('lifted: {at: "2026-11-25T11:00:00Z", reason: a mend must go out}'))
    assert said_onto(lifted, lifted | {ROLLOUT: (TEXTS[ROLLOUT] + f"  - {{{NEXT}}}\n").encode()}) == []


def test_a_freeze_over_what_is_approved() -> None:
    base = with_lines(NEXT)
    laid = {path: (text or "").encode() for path, text in freeze().items()}
    assert said_onto(base, base | laid) == [
        f"{FREEZE}:3: from: covers what is approved already: stable/1.4.0 to 25 % at 2026-11-26T14:00:00Z "
        f"({ROLLOUT}:8); hold those rollouts, or add because: and what becomes of these steps"
    ]
    reasoned = {path: (text or "").encode() for path, text in freeze("because: 1.4.0 may go on").items()}
    assert said_onto(base, base | reasoned) == []


def test_a_freeze_of_no_channel_and_one_that_ends_before_it_begins() -> None:
    assert said(files(freeze(first="2026-12-02"))) == [
        f"{FREEZE}:4: until: 2026-12-01T00:00:00Z is not after 2026-12-02T00:00:00Z, when it begins; write when it ends"
    ]
    other = {path: (text or "").replace("[stable]", "[stabel]") for path, text in freeze().items()}
    assert said(files(other)) == [f"{FREEZE}:2: channels.0: there is no channel stabel; did you mean stable?"]
    none = {path: (text or "").replace("[stable]", "[]") for path, text in freeze().items()}
    assert said(files(none)) == [f"{FREEZE}:2: channels: freezes nothing: it names no channel; name the channels"]


def test_a_freeze_that_is_over() -> None:
    assert said_onto(files(), files(freeze(first="2025-12-24", last="2026-01-07"))) == [
        f"{FREEZE}:4: until: matches nothing: it is over since 2026-01-07T00:00:00Z; "
        "see whether the year is right (warning)"
    ]


def test_what_was_merged_is_not_judged_by_a_calendar_that_came_later() -> None:
    base = files(freeze(first="2026-10-01"))
    assert said_onto(base, base) == []
