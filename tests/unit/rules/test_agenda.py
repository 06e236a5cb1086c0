"""What comes by itself."""

from dataclasses import replace
from datetime import timedelta

from delivery.rules.agenda import agenda, gated
from delivery.rules.facts import Block, Facts, Filed, Flag, Flagd, Freeze, Notice
from tests.unit.rules.worlds import (
    NOON,
    at,
    block,
    critical,
    experiment,
    hold,
    passed,
    step,
    stop,
    withdrawal,
    world,
)

NAME = "stable/1.4.0"
ROLLOUT = "releases/rollouts/stable/1.4.0.yaml"


def told(facts: Facts, hours: float = 24 * 14) -> list[tuple[str, str, str | None]]:
    """When (in UTC), what and but."""
    return [(f"{e.at:%d %H:%M}", e.what, e.but) for e in agenda(facts, NOON, NOON + timedelta(hours=hours))]


def test_steps_to_come_each_at_its_moment() -> None:
    facts = world({NAME: [step(1, -1), step(10, 2), step(25, 26)]})
    assert told(facts) == [("25 14:00", "stable/1.4.0 to 10 %", None), ("26 14:00", "stable/1.4.0 to 25 %", None)]


def test_what_is_past_or_too_far_ahead_is_left_out() -> None:
    facts = world({NAME: [step(1, 0), step(10, 2), step(25, 26)]})
    assert told(facts, 2) == [("25 14:00", "stable/1.4.0 to 10 %", None)]


def test_a_step_that_waits_for_its_pass_does_not_come_by_itself() -> None:
    facts = world({NAME: [step(1, -1), step(10, 2, "default"), step(25, 3)]})
    assert told(facts) == []
    (waits,) = gated(facts)
    assert (waits.at, waits.what, waits.gate, waits.fact) == (at(2), "stable/1.4.0 to 10 %", "default", f"{ROLLOUT}:6")


def test_a_step_that_has_its_pass_comes_by_itself() -> None:
    facts = world({NAME: [step(1, -1), step(10, 2, "default"), passed(10, -1)]})
    assert told(facts) == [("25 14:00", "stable/1.4.0 to 10 %", None)]
    assert gated(facts) == ()


def test_a_ramp_begins_and_ends() -> None:
    facts = world({NAME: [step(10, -1), step(50, 2, over="48h")]})
    assert told(facts) == [
        ("25 14:00", "stable/1.4.0 from 10 % to 50 % begins, until 2026-11-27T14:00:00Z", None),
        ("27 14:00", "stable/1.4.0 from 10 % to 50 % is complete", None),
    ]


def test_a_ramp_that_runs_still_has_its_end_to_come() -> None:
    assert told(world({NAME: [step(50, -2, over="3h")]})) == [
        ("25 13:00", "stable/1.4.0 from 0 % to 50 % is complete", None)
    ]


def test_a_ramp_that_a_step_cuts_off_is_never_complete() -> None:
    facts = world({NAME: [step(10, -1), step(50, 2, over="48h"), step(100, 5)]})
    assert [what for _, what, _ in told(facts)] == [
        "stable/1.4.0 from 10 % to 50 % begins, until 2026-11-27T14:00:00Z",
        "stable/1.4.0 to 100 %",
    ]


def test_a_hold_voids_what_was_to_come() -> None:
    assert told(world({NAME: [step(10, -1), step(50, 2), hold(0, -0.5)]})) == []


def test_a_critical_line_to_come() -> None:
    facts = world({NAME: [step(10, -1), critical("1.3.2", 2)]})
    assert told(facts) == [("25 14:00", "stable/1.4.0 becomes critical for those below 1.3.2", None)]


def test_a_step_that_will_have_no_effect_says_why() -> None:
    lines = {NAME: [step(10, 2)]}
    stopped = world(lines, stops=[stop("stable")])
    assert told(stopped)[0][2] == "no effect: stopped by releases/stops/2026-11-25-0-stable.yaml"
    other = world(lines, stops=[stop("stable", "1.3.0"), stop("beta"), stop("stable", lifted=True)])
    assert told(other)[0][2] is None
    withdrawn = world(lines, withdrawals=[withdrawal("1.4.0")])
    assert told(withdrawn)[0][2] == "no effect: withdrawn by releases/withdrawals/1.4.0.yaml"
    newer = world({**lines, "stable/1.4.1": [step(1, 1)]}, supersedes={"stable/1.4.1": "1.4.0"})
    assert told(newer)[1][2] == "no effect: superseded by releases/rollouts/stable/1.4.1.yaml"
    later = world({**lines, "stable/1.4.1": [step(1, 3)]}, supersedes={"stable/1.4.1": "1.4.0"})
    assert told(later)[0][2] is None


def test_a_step_inside_a_freeze_says_so_and_the_freeze_has_its_own_entries() -> None:
    freeze = Freeze("holidays", ("stable",), at(1), at(50), "nobody is here")
    facts = replace(
        world({NAME: [step(10, 2)], "beta/1.4.0": [step(10, 2)]}),
        freezes={"holidays": Filed("releases/freezes/holidays.yaml", freeze, {("from",): 3, ("until",): 4})},
    )
    assert told(facts) == [
        ("25 13:00", "the freeze holidays of stable begins", None),
        ("25 14:00", "beta/1.4.0 to 10 %", None),
        ("25 14:00", "stable/1.4.0 to 10 %", "inside the freeze holidays"),
        ("27 14:00", "the freeze holidays of stable ends", None),
    ]


def test_experiments_notices_flags_and_reviews() -> None:
    notice = Notice("old", ("stable",), "<1.0.0", at(5), "Update by hand.", support_ends="2026-12-01")
    flag = Flag("plot", "@core", "2026-11-25", Flagd("ENABLED", {"on": True, "off": False}, "off"))
    review: Block = replace(block("<1.3.0", ">=1.4.0"), block="gtk", review_by="2026-11-30")
    facts = replace(
        world({NAME: [step(10, -1)]}, experiments=[replace(experiment("colours", 10, {"plot": "on"}), start=at(3))]),
        notices={"old": Filed("releases/notices/old.yaml", notice)},
        flags={"plot": Filed("releases/flags/plot.yaml", flag)},
        blocks={"gtk": Filed("releases/blocks/gtk.yaml", review)},
    )
    assert told(facts) == [
        ("25 00:00", "the flag plot expires (@core)", None),
        ("25 15:00", "the experiment colours starts", None),
        ("25 17:00", "the notice old is shown to <1.0.0", None),
        ("29 16:00", "the experiment colours ends", None),
        ("30 00:00", "the block gtk is to be reviewed by @core", None),
        ("01 00:00", "support ends for <1.0.0", None),
    ]
    assert [event.what for event in agenda(facts, NOON, at(400)) if event.all_day] == [
        "the flag plot expires (@core)",
        "the block gtk is to be reviewed by @core",
        "support ends for <1.0.0",
    ]
