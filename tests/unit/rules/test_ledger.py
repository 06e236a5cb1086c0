"""What was offered when."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.catalog import Catalog
from delivery.rules.compile import COHORTS, Candidate, compile
from delivery.rules.facts import Facts
from delivery.rules.ledger import Live, Record, Why, feed, ledger
from tests.examples import examples
from tests.unit.rules.worlds import at, catalog, hold, passed, resume, step, stop, withdrawal, world
from tests.unit.rules.worlds_at_random import TIMES, worlds

NAME = "stable/1.4.0"


def live(facts: Facts, hours: float, commit: str) -> Live:
    return Live(commit, at(hours), catalog(facts))


def told(history: Sequence[Live], now: float = 100) -> list[tuple[str, float, str, float, float | None, str]]:
    """version, share in per mille, why, from and until in hours after noon, and the commit; oldest first."""

    def hours(moment) -> float | None:
        return None if moment is None else (moment - at(0)).total_seconds() / 3600

    return [
        (r.version, r.state.permille, r.state.why.value, hours(r.start), hours(r.end), r.commit)
        for r in reversed(ledger(history, at(now)))
    ]


def test_each_share_is_a_record_that_ends_when_the_next_begins() -> None:
    lines = [step(10, 1), step(25, 5, "default")]
    history = [live(world({NAME: lines}), 0, "a"), live(world({NAME: [*lines, passed(25, 6)]}), 7, "b")]
    assert told(history) == [("1.4.0", 100, "step", 1, 7, "a"), ("1.4.0", 250, "step", 7, None, "b")]


def test_a_step_written_for_the_past_begins_with_its_commit() -> None:
    assert told([live(world({NAME: [step(10, -50)]}), 0, "a")]) == [("1.4.0", 100, "step", 0, None, "a")]


def test_a_step_is_its_own_commits_even_if_it_came_due_under_a_later_one() -> None:
    facts = world({NAME: [step(10, 3)]})
    history = [live(facts, 0, "a"), live(world({NAME: [step(10, 3)], "beta/1.5.0": [step(1, 50)]}), 2, "b")]
    assert told(history, 40) == [("1.4.0", 100, "step", 3, None, "a")]
    history[1] = live(world({NAME: [step(10, 3), step(25, 50)]}), 2, "b")
    assert told(history, 40) == [("1.4.0", 100, "step", 3, None, "a")], "b wrote the step that is still to come"


def test_what_is_to_come_is_no_history() -> None:
    assert told([live(world({NAME: [step(10, 3)]}), 0, "a")], now=2) == []


def test_a_step_that_was_held_before_its_time_never_came_to_pass() -> None:
    lines = [step(10, 1), step(50, 5)]
    history = [live(world({NAME: lines}), 0, "a"), live(world({NAME: [*lines, hold(0, 3)]}), 3, "b")]
    assert told(history) == [("1.4.0", 100, "step", 1, 3, "a"), ("1.4.0", 0, "held", 3, None, "b")]


def test_a_resumed_rollout_says_so() -> None:
    lines = [step(10, 1), hold(0, 2), resume(10, 4)]
    history = [live(world({NAME: lines[: number + 1]}), each, each_id) for number, (each, each_id) in
               enumerate([(1, "a"), (2, "b"), (3, "c")])]  # fmt: skip
    assert told(history) == [
        ("1.4.0", 100, "step", 1, 2, "a"),
        ("1.4.0", 0, "held", 2, 4, "b"),
        ("1.4.0", 100, "resumed", 4, None, "c"),
    ]


def test_a_ramp_is_one_record() -> None:
    facts = world({NAME: [step(10, 1), step(50, 2, over="10h")]})
    first, second = reversed(ledger([live(facts, 0, "a")], at(100)))
    assert (first.state.why, second.state.why) == (Why.step, Why.ramp)
    assert second.state.permille == 500
    assert second.state.ramp is not None
    assert (second.state.ramp.start, second.state.ramp.until) == (100, at(12))
    assert (second.start, second.end) == (at(2), None)


def test_stops_and_withdrawals_end_a_record_and_lifting_begins_another() -> None:
    lines = {NAME: [step(10, -1)]}
    history = [
        live(world(lines), 0, "a"),
        live(world(lines, stops=[stop("stable")]), 1, "b"),
        live(world(lines, stops=[stop("stable", lifted=True)]), 2, "c"),
        live(world(lines, withdrawals=[withdrawal("1.4.0")]), 3, "d"),
    ]
    assert told(history) == [
        ("1.4.0", 100, "step", 0, 1, "a"),
        ("1.4.0", 0, "stopped", 1, 2, "b"),
        ("1.4.0", 100, "resumed", 2, 3, "c"),
        ("1.4.0", 0, "withdrawn", 3, None, "d"),
    ]


def test_a_version_offered_instead_of_a_withdrawn_one_is_for_everyone() -> None:
    lines = {"stable/1.3.0": [step(10, -1)], "stable/1.4.0": [step(1, -1)]}
    history = [
        live(world(lines), 0, "a"),
        live(world(lines, withdrawals=[withdrawal("1.4.0", instead="1.3.0")]), 1, "b"),
    ]
    assert ("1.3.0", 1000, "instead", 1, None, "b") in told(history)


def test_a_superseded_rollout_ends_when_the_newer_one_begins() -> None:
    lines = {"stable/1.3.0": [step(10, -1)], NAME: [step(1, 5)]}
    history = [live(world({"stable/1.3.0": lines["stable/1.3.0"]}), 0, "a"),
               live(world(lines, supersedes={NAME: "1.3.0"}), 1, "b")]  # fmt: skip
    assert told(history) == [
        ("1.3.0", 100, "step", 0, 5, "a"),
        ("1.4.0", 10, "step", 5, None, "b"),
        ("1.3.0", 0, "superseded", 5, None, "b"),
    ]


def test_no_commit_was_live_before_the_one_it_follows() -> None:
    lines = [step(10, -1)]
    history = [live(world({NAME: lines}), 3, "a"), live(world({NAME: [*lines, hold(0, 1)]}), 1, "clock slow")]
    assert told(history) == [], "both at 3, so the first was live for no time"
    history[1] = live(world({NAME: [*lines, step(25, 0)]}), 1, "clock slow")
    assert told(history) == [("1.4.0", 250, "step", 3, None, "clock slow")]


def test_the_feed_in_full() -> None:
    facts = world({NAME: [step(10, 1), step(50, 2, over="10h")]}, only={NAME: ("linux-x86_64",)})
    history = [live(facts, 0, "a")]
    assert feed(ledger(history, at(100)), history[-1].catalog) == {
        "product": "espice",
        "environment": "laptop",
        "releases": [
            {
                "channel": "stable",
                "version": "1.4.0",
                "targets": ["linux-x86_64"],
                "fraction": 0.5,
                "ramp": {"from": 0.1, "until": "2026-11-26T00:00:00Z"},
                "serving": {"start": "2026-11-25T14:00:00Z", "end": None},
                "reason": "ramp",
                "held": False,
                "commit": "a",
            },
            {
                "channel": "stable",
                "version": "1.4.0",
                "targets": ["linux-x86_64"],
                "fraction": 0.1,
                "ramp": None,
                "serving": {"start": "2026-11-25T13:00:00Z", "end": "2026-11-25T14:00:00Z"},
                "reason": "step",
                "held": False,
                "commit": "a",
            },
        ],
    }


@examples(40)
@given(st.lists(worlds().map(catalog), min_size=1, max_size=2), TIMES)
def test_at_any_time_the_record_says_the_share_that_the_table_has(catalogs: list[Catalog], hours: float) -> None:
    history = [Live(str(number), at(number - 1), each) for number, each in enumerate(catalogs)]
    current = [each for each in history if each.at <= at(hours)]
    if not current:
        assert ledger(history, at(hours)) == ()
        return
    said = {(r.channel, r.version): r for r in ledger(history, at(hours)) if r.end is None}
    for (channel, _, _), cell in compile(current[-1].catalog).cells.items():
        for candidate in cell.candidates:
            least, most = _span(said.get((channel, candidate.version)))
            assert least <= _share(candidate, at(hours).timestamp()) <= most


@examples(40)
@given(st.lists(worlds().map(catalog), min_size=1, max_size=2))
def test_the_records_of_a_rollout_follow_each_other_without_gap_or_repetition(catalogs: list[Catalog]) -> None:
    found = ledger([Live(str(number), at(number), each) for number, each in enumerate(catalogs)], at(10))
    for name in {(record.channel, record.version) for record in found}:
        mine = [record for record in reversed(found) if (record.channel, record.version) == name]
        assert mine[0].state.permille > 0
        assert mine[-1].end is None
        for one, other in pairwise(mine):
            assert one.end == other.start
            assert one.start < other.start
            assert one.state != other.state


def _share(candidate: Candidate, moment: float) -> int:
    stage = candidate.stage(moment)
    if candidate.removed or stage is None or (candidate.superseded and candidate.superseded[0] <= moment):
        return 0
    return COHORTS if candidate.instead and stage.permille and not stage.held else stage.permille


def _span(record: Record | None) -> tuple[int, int]:
    """What the share may be, by the record: somewhere on the way, for a ramp."""
    if record is None:
        return 0, 0
    ramp, most = record.state.ramp, record.state.permille
    return (ramp.start if ramp else most), most
