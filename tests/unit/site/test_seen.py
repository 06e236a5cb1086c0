"""What was seen is counted once, stays small, and says nothing of times when nobody looked."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.site.seen import (
    KEPT,
    PATIENCE_MS,
    Look,
    Status,
    Tier,
    Unreadable,
    after,
    from_bytes,
    percentile,
    to_bytes,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LOOKS = st.tuples(st.integers(0, 20 * 3600), st.booleans(), st.integers(0, 20_000))


def seen(*looks: tuple[int, bool, int], component: str = "updates") -> Status:
    """After looks at these seconds past noon, each good or not, taking so many ms."""
    status: Status | None = None
    for second, good, milliseconds in looks:
        look = Look(component, good, milliseconds, "" if good else "it got status 503")
        status = after(status, [look], NOON + timedelta(seconds=second))
    assert status
    return status


def tiers(status: Status) -> dict[str, Tier]:
    [component] = status.components
    return {name: getattr(component, name) for name in KEPT}


@given(st.lists(LOOKS, min_size=1, max_size=60))
def test_every_look_counts_once_in_each_tier_where_it_belongs(looks: list[tuple[int, bool, int]]) -> None:
    """Whatever the order in which they are written down, as long as they are of the last day."""
    for tier in tiers(seen(*looks)).values():
        index = {each: int((NOON + timedelta(seconds=each)).timestamp()) // tier.span for each, _, _ in looks}
        assert {each.index: each.looks for each in tier.slots} == Counter(index[second] for second, _, _ in looks)
        assert {each.index: each.good for each in tier.slots if each.good} == Counter(
            index[second] for second, good, _ in looks if good
        )
        assert [each.index for each in tier.slots] == sorted({*index.values()})


@given(st.lists(LOOKS, min_size=1, max_size=60).map(sorted))
def test_a_slot_says_how_long_its_good_looks_took(looks: list[tuple[int, bool, int]]) -> None:
    for tier in tiers(seen(*looks)).values():
        for slot in tier.slots:
            took = sorted(
                min(max(milliseconds, 1), PATIENCE_MS)
                for second, good, milliseconds in looks
                if good and int((NOON + timedelta(seconds=second)).timestamp()) // tier.span == slot.index
            )
            if not took:
                assert slot.p50 is slot.p95 is None
                continue
            for share, said in ((0.5, slot.p50), (0.95, slot.p95)):
                exact = next(each for rank, each in enumerate(took, 1) if rank >= share * len(took))
                assert said == pytest.approx(exact, rel=0.06, abs=1)


@given(st.lists(st.tuples(st.integers(0, 400 * 86_400), st.booleans(), st.just(5)), min_size=1, max_size=40))
def test_no_tier_reaches_further_back_than_it_is_kept(looks: list[tuple[int, bool, int]]) -> None:
    for name, tier in tiers(seen(*looks)).items():
        indices = [each.index for each in tier.slots]
        assert max(indices) - min(indices) < KEPT[name][1]


def test_where_nobody_looked_there_is_no_slot() -> None:
    found = tiers(seen((0, True, 5), (3 * 3600, False, 4000)))["hours"]
    assert [(each.index - found.slots[0].index, each.looks, each.good) for each in found.slots] == [
        (0, 1, 1),
        (3, 1, 0),
    ]


def test_since_is_the_first_look_of_the_same_outcome() -> None:
    [component] = seen((0, True, 5), (60, False, 5), (120, False, 5)).components
    assert (component.last.since, component.last.at) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=2))
    assert component.last.said == "it got status 503"


def test_a_look_that_is_written_down_late_is_not_the_last_one() -> None:
    [component] = seen((600, True, 5), (0, False, 5)).components
    assert component.last.good
    assert component.last.at == NOON + timedelta(minutes=10)


def test_a_component_that_is_not_looked_at_any_more_keeps_what_was_seen_of_it() -> None:
    status = after(seen((0, True, 5)), [Look("downloads", True, 7)], NOON + timedelta(minutes=10))
    assert [each.component for each in status.components] == ["downloads", "updates"]
    assert status.components[1].last.at == NOON


def test_four_components_looked_at_twice_a_minute_for_months_stay_below_60_kb() -> None:
    """As many slots as are kept, each with as many looks as it can have, and every time there can be."""
    components = ("downloads", "manifests", "site", "updates")
    status: Status | None = None
    for number in range(144 + 168 + 90):
        back = timedelta(days=90 - number) if number < 90 else timedelta(hours=168 - (number - 90))
        if number >= 258:
            back = timedelta(minutes=10 * (144 - (number - 258)))
        status = after(status, (Look(each, number % 7 > 0, 4321, "x" * 400) for each in components), NOON - back)
    for milliseconds in range(1, PATIENCE_MS, 40):
        status = after(status, (Look(each, True, milliseconds) for each in components), NOON - timedelta(minutes=1))
    assert status
    assert all(len(tier.slots) >= 88 for tier in (status.components[0].days, status.components[0].hours))
    full = to_bytes(status).replace(b",1,1,", b",2880,2880,").replace(b",1,0,", b",2880,2879,")
    assert len(full) < 60_000


def test_what_is_written_is_what_is_read() -> None:
    status = seen((0, True, 5), (700, False, 90), (800, True, 40))
    assert from_bytes(to_bytes(status)) == status


@pytest.mark.parametrize("data", [b"", b"{}", b'{"at":"2026-11-25T12:00:00Z","components":[{}]}'])
def test_what_is_no_status_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="it is no status"):
        from_bytes(data)


def test_a_status_of_another_format_is_refused_and_not_written_over() -> None:
    with pytest.raises(Unreadable, match="format 2"):
        from_bytes(b'{"at":"2026-11-25T12:00:00Z","format":2}')


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile({}, 0.5) is None
