"""The arithmetic of burning budgets."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.monitoring.slo import BURNS, HOUR, MONTH, Burn, Urgency, said


def test_rates_and_windows_are_the_ones_of_the_workbook() -> None:
    assert [(burn.rate, said(burn.long), said(burn.short), burn.urgency) for burn in BURNS] == [
        (14.4, "1h", "5m", Urgency.page),
        (6, "6h", "30m", Urgency.page),
        (1, "3d", "6h", Urgency.ticket),
    ]


def test_each_tells_before_more_than_a_tenth_of_the_month_is_gone() -> None:
    assert [round(burn.spent, 4) for burn in BURNS] == [0.02, 0.05, 0.1]


def test_a_promise_of_999_in_1000_allows_these_shares_of_failures() -> None:
    assert [burn.most_failed(0.999) for burn in BURNS] == [0.0144, 0.006, 0.001]


@given(st.floats(0.9, 0.9999))
def test_a_stricter_promise_allows_less_and_a_slower_burn_less_than_a_faster_one(promised: float) -> None:
    allowed = [burn.most_failed(promised) for burn in BURNS]
    assert allowed == sorted(allowed, reverse=True)
    assert all(0 < burn.most_failed((1 + promised) / 2) < burn.most_failed(promised) for burn in BURNS)


@given(st.floats(0.9, 0.9999), st.sampled_from(BURNS))
def test_failing_all_month_just_below_the_slowest_alarm_keeps_the_promise(promised: float, burn: Burn) -> None:
    slowest = min(each.most_failed(promised) for each in BURNS)
    assert slowest <= 1 - promised + 1e-9
    # What is allowed through a long window, repeated over the month, is the rate times the budget.
    windows = MONTH / burn.long
    assert burn.spent * windows == pytest.approx(burn.rate)


def test_every_short_window_is_a_twelfth_of_its_long_one_and_of_whole_minutes() -> None:
    assert all(burn.short * 12 == burn.long and burn.short % 60 == 0 for burn in BURNS)
    assert all(slower.long > faster.long for faster, slower in pairwise(BURNS))


def test_cloudwatch_looks_back_a_week_at_most() -> None:
    assert max(burn.long for burn in BURNS) <= 7 * 24 * HOUR


def test_half_a_minute_is_no_window() -> None:
    with pytest.raises(ValueError, match="90 s are no whole minutes, and CloudWatch counts in minutes"):
        said(90)
