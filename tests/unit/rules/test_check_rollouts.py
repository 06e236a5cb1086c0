"""The rules of rollouts, by what people would write and are told."""

from datetime import timedelta

from tests.unit.rules.files import (
    DONE,
    FULL,
    NEW,
    NOW,
    ROLLOUT,
    STABLE,
    TEXTS,
    WITHDRAWAL,
    edited,
    errors,
    facts,
    files,
    rollout,
    said,
    said_onto,
    with_lines,
    with_only,
)

HOLD = 'hold: 0, at: "2026-11-24T14:00:00Z", reason: it crashes'


def test_the_small_repository_has_no_problem() -> None:
    assert said(files(), environment="laptop") == []
    assert said_onto(files(), files()) == []


def test_a_rollout_of_a_version_that_does_not_exist() -> None:
    assert said(files({NEW: None})) == [f"{ROLLOUT}:1: rollout: there is no version 1.4.0; did you mean 1.3.0?"]


def test_a_rollout_on_a_channel_that_does_not_exist() -> None:
    path = "releases/rollouts/stabel/1.4.0.yaml"
    assert said(files({path: rollout("stabel/1.4.0", 'at: "2026-11-20T14:00:00Z", percent: 1')})) == [
        f"{path}:1: rollout: there is no channel stabel; did you mean stable?"
    ]


def test_a_step_before_its_predecessor() -> None:
    lines = ('at: "2026-11-20T14:00:00Z", percent: 1, evidence: x', 'at: "2026-11-19T14:00:00Z", percent: 10')
    assert said(with_only(*lines)) == [
        f"{ROLLOUT}:6: steps.1.at: 2026-11-19T14:00:00Z is not after 2026-11-20T14:00:00Z in line 5; "
        "write the lines in the order of their times"
    ]


def test_two_steps_at_one_time() -> None:
    lines = ('at: "2026-11-20T14:00:00Z", percent: 1, evidence: x', 'at: "2026-11-20T14:00:00Z", percent: 10')
    assert len(said(with_only(*lines))) == 1


def test_a_resume_before_its_hold() -> None:
    assert said(with_lines(HOLD, 'resume: 10, at: "2026-11-24T13:00:00Z", reason: x')) == [
        f"{ROLLOUT}:9: steps.4.at: 2026-11-24T13:00:00Z is not after 2026-11-24T14:00:00Z in line 8; "
        "write the lines in the order of their times"
    ]


def test_a_hold_may_come_before_steps_that_are_planned() -> None:
    assert said(with_lines('at: "2026-11-27T14:00:00Z", percent: 25', HOLD)) == []


def test_a_percent_lower_than_before() -> None:
    assert said(with_lines('at: "2026-11-26T14:00:00Z", percent: 1')) == [
        f"{ROLLOUT}:8: steps.3.percent: 1 is not above 10 in line 6; write a hold to lower it, or a higher percent"
    ]


def test_a_percent_that_is_not_on_the_ladder() -> None:
    assert said(with_lines('at: "2026-11-26T14:00:00Z", percent: 15')) == [
        f"{ROLLOUT}:8: steps.3.percent: 15 is not on the ladder of stable; write 1, 10, 25, 50 or 100"
    ]


def test_zero_is_on_every_ladder() -> None:
    assert said(with_only('at: "2026-11-20T14:00:00Z", percent: 0')) == []


def test_a_ladder_may_be_changed_under_merged_steps() -> None:
    shorter = {STABLE: TEXTS[STABLE].replace("1, 10, ", "")}
    assert said_onto(files(), files(shorter)) == []
    assert len(said(files(shorter))) == 2


def test_a_gate_that_the_policy_does_not_have() -> None:
    assert said(edited(ROLLOUT, "gate: default", "gate: defualt")) == [
        f"{ROLLOUT}:6: steps.1.gate: releases/policy.yaml has no gate defualt; did you mean default?"
    ]


def test_a_gated_step_without_its_pass_is_no_problem() -> None:
    assert said(with_lines('at: "2026-11-24T14:00:00Z", percent: 25, gate: default')) == []


def test_a_pass_of_no_step() -> None:
    assert said(with_lines('pass: 25, at: "2026-11-24T14:00:00Z", evidence: x')) == [
        f"{ROLLOUT}:8: steps.3.pass: no gated step to 25 % waits above it; "
        "write the percent of the gated step that passed"
    ]


def test_a_pass_of_a_step_without_a_gate() -> None:
    assert len(said(with_lines('pass: 1, at: "2026-11-24T14:00:00Z", evidence: x'))) == 1


def test_a_pass_above_its_step() -> None:
    lines = (
        'pass: 1, at: "2026-11-20T14:00:00Z", evidence: x',
        'at: "2026-11-20T14:00:00Z", percent: 1, gate: default, evidence: x',
    )
    assert len(said(with_only(*lines))) == 1


def test_a_second_pass() -> None:
    assert said(with_lines('pass: 10, at: "2026-11-24T14:00:00Z", evidence: x')) == [
        f"{ROLLOUT}:8: steps.3.pass: the step to 10 % has its pass already, in line 7; remove this one"
    ]


def test_a_resume_without_a_hold() -> None:
    assert said(with_lines('resume: 10, at: "2026-11-24T14:00:00Z", reason: x')) == [
        f"{ROLLOUT}:8: steps.3.resume: there is no hold to end; write a step instead"
    ]


def test_a_step_behind_a_hold() -> None:
    assert said(with_lines(HOLD, 'at: "2026-11-26T14:00:00Z", percent: 25')) == [
        f"{ROLLOUT}:9: steps.4: stands behind the hold in line 8, which voids it; write a resume before it"
    ]


def test_a_further_hold_behind_a_hold() -> None:
    assert said(with_lines(HOLD.replace("hold: 0", "hold: 1"), HOLD.replace("T14", "T15"))) == []


def test_a_resume_beyond_what_was_in_force() -> None:
    assert said(with_lines(HOLD, 'resume: 25, at: "2026-11-25T10:00:00Z", reason: x')) == [
        f"{ROLLOUT}:9: steps.4.resume: 25 is more than the 10 % in force when the hold came; "
        "resume at 10 at most and write steps behind it"
    ]


def test_a_resume_counts_from_the_first_of_several_holds() -> None:
    second = 'hold: 0, at: "2026-11-24T15:00:00Z", reason: x'
    resume = 'resume: 10, at: "2026-11-25T10:00:00Z", reason: x'
    assert said(with_lines(HOLD.replace("hold: 0", "hold: 1"), second, resume)) == []


def test_a_salt_that_is_taken() -> None:
    assert said(edited(ROLLOUT, "salt: stable-1.4.0", "salt: stable-1.3.0")) == [
        f"{ROLLOUT}:2: salt: stable-1.3.0 is also the salt of {DONE}:2; write stable-1.4.0"
    ]


HALF = rollout("stable/1.3.0", FULL.replace("100", "50"))


def test_two_partial_rollouts_on_one_channel() -> None:
    assert said(files({DONE: HALF})) == [
        f"{ROLLOUT}:4: steps: stable/1.3.0 is between 0 and 100 % too, from 2026-11-20T14:00:00Z on; "
        "first bring 1.3.0 to 100 %, hold it at 0 or withdraw it, or write supersedes: 1.3.0 here"
    ]


def test_an_older_rollout_that_ends_before_the_next_begins_is_not_partial_with_it() -> None:
    ended = HALF + '  - {at: "2026-11-20T14:00:00Z", percent: 100}\n'
    assert said(files({DONE: ended})) == []
    assert len(said(files({DONE: ended.replace("11-20T14:00:00", "11-20T14:00:01")}))) == 1


def test_an_older_rollout_held_at_zero_does_not_count() -> None:
    hold = '  - {hold: 0, at: "2026-11-24T14:00:00Z", reason: x}\n'
    assert said(files({DONE: HALF + hold})) == []
    assert len(said(files({DONE: HALF + hold.replace("hold: 0", "hold: 10")}))) == 1


def test_an_older_rollout_that_is_withdrawn_or_stopped_does_not_count() -> None:
    decided = 'at: "2026-11-24T14:00:00Z"\nreason: x\n'
    stop = f"stop: {{channel: stable, versions: [1.3.0]}}\n{decided}"
    assert (
        said(files({DONE: HALF, WITHDRAWAL: f"withdraw: 1.3.0\nchannels: [stable]\n{decided}downloads: hide\n"})) == []
    )
    assert errors(said(files({DONE: HALF, "releases/stops/2026-11-24-stable.yaml": stop}))) == []


def test_partial_rollouts_of_two_channels_do_not_meet() -> None:
    path = "releases/rollouts/beta/1.3.0.yaml"
    assert said(files({path: rollout("beta/1.3.0", 'at: "2026-11-20T14:00:00Z", percent: 10, evidence: x')})) == []


def test_a_hold_dated_ahead() -> None:
    assert said(with_lines('hold: 0, at: "2026-11-25T12:11:00Z", reason: x')) == [
        f"{ROLLOUT}:8: steps.3.at: 2026-11-25T12:11:00Z is more than 10 minutes ahead; "
        "write the time of the decision: it acts once merged"
    ]
    assert said(with_lines('hold: 0, at: "2026-11-25T12:10:00Z", reason: x')) == []


def test_a_merged_hold_is_not_refused_for_its_time() -> None:
    ahead = with_lines('hold: 0, at: "2026-11-25T13:00:00Z", reason: x')
    assert said_onto(ahead, ahead) == []


def test_a_merge_that_would_take_two_steps_at_once() -> None:
    two = with_lines('at: "2026-11-24T14:00:00Z", percent: 25', 'at: "2026-11-25T10:00:00Z", percent: 50')
    assert said_onto(files(), two) == [
        f"{ROLLOUT}:4: steps: 25 % and 50 % would take effect at once; "
        "restate the times, so that one is due and the others lie ahead"
    ]
    assert said_onto(files(), two, now=NOW - timedelta(hours=12)) == []
    assert said_onto(two, two) == []


def test_a_pass_that_frees_two_steps_at_once() -> None:
    waiting = ('at: "2026-11-24T14:00:00Z", percent: 25, gate: default', 'at: "2026-11-25T10:00:00Z", percent: 50')
    passed = 'pass: 25, at: "2026-11-25T11:00:00Z", evidence: x'
    assert len(said_onto(with_lines(*waiting), with_lines(*waiting, passed))) == 1


def test_the_facts_helper_refuses_what_does_not_load() -> None:
    assert facts(files()).rollouts["stable/1.4.0"].line("steps", 0) == 5
