"""Which builds answer."""

from dataclasses import replace

from infra.config import Endpoint
from infra.endpoint import Shares, shares

NEWEST = Endpoint(live="newest", next="newest", weight=0.0, memory=256, timeout=5, confirm_after=10, log_days=14)


def test_the_newest_build_answers_everything():
    assert shares(NEWEST, "7") == Shares("7", {})


def test_a_pinned_build_goes_on_answering_when_a_newer_one_is_published():
    assert shares(replace(NEWEST, live="6"), "7") == Shares("6", {})


def test_the_next_build_answers_its_share():
    assert shares(replace(NEWEST, live="6", weight=0.1), "7") == Shares("6", {"7": 0.1})
    assert shares(replace(NEWEST, live="6", next="5", weight=0.1), "7") == Shares("6", {"5": 0.1})


def test_a_build_does_not_share_with_itself():
    # Lambda refuses an alias that names one version twice.
    assert shares(replace(NEWEST, live="7", weight=0.1), "7") == Shares("7", {})


def test_a_function_made_from_nothing_runs_whatever_is_pinned():
    assert shares(replace(NEWEST, live="41", next="42", weight=0.5), "1") == Shares("1", {})
