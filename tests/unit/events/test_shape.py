"""What a message may say; what it may not is refused with the reason."""

import contextlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.events.shape import Event, Kind, Refused, Result, read
from tests.unit.events.parts import ATTEMPT, NOW, event, later, said, uuid7


def refusal(body: str) -> str:
    with pytest.raises(Refused) as caught:
        read(body, NOW)
    return str(caught.value)


def test_a_whole_event_is_read_as_it_was_written() -> None:
    text = said(attempt_id=ATTEMPT)
    read_back = read(json.dumps(text), NOW)
    assert (read_back.kind, read_back.result) == (Kind.updated, Result.ok)
    assert (read_back.from_version, read_back.to_version, read_back.cohort) == ("1.3.0", "1.4.0", 437)
    assert (str(read_back.event_id), str(read_back.attempt_id)) == (text["event_id"], ATTEMPT)


def test_a_failed_check_needs_no_more_than_what_every_event_has() -> None:
    few = ("event_id", "kind", "result", "target", "channel", "from_version")
    text = {name: value for name, value in said(kind="check", result="failed").items() if name in few}
    assert read(json.dumps(text), NOW).to_version is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"installation": "4711"}, "Object contains unknown field `installation`"),
        ({"kind": "uninstalled"}, "Invalid enum value 'uninstalled' - at `$.kind`"),
        ({"cohort": 1000}, "Expected `int` <= 999 - at `$.cohort`"),
        ({"cohort": "437"}, "Expected `int | null`, got `str` - at `$.cohort`"),
        ({"duration_ms": -1}, "Expected `int` >= 0 - at `$.duration_ms`"),
        ({"error_code": 2**31}, "Expected `int` <= 2147483647 - at `$.error_code`"),
        ({"bytes": 2**63}, "Expected `int` <= 1099511627776 - at `$.bytes`"),
        ({"event_id": ATTEMPT}, "event_id is no UUID of version 7"),
        ({"to_version": None}, "updated has no to_version"),
    ],
)
def test_what_does_not_fit_is_refused_and_said(change: dict[str, Any], why: str) -> None:
    assert refusal(json.dumps(said(**change))) == why


@pytest.mark.parametrize(
    "version", ["1.4", "01.4.0", "1.4.0\n", "1.4.0\x00", "1.4.0'; drop table event; --", "1" * 200]
)
def test_only_a_version_is_a_version(version: str) -> None:
    assert refusal(json.dumps(said(to_version=version))).startswith("Expected `str` matching regex")


@pytest.mark.parametrize("name", ["Stable", "stable\n", "=cmd()", "", "a" * 65, "stable/../x"])
def test_only_a_name_is_a_name(name: str) -> None:
    assert refusal(json.dumps(said(channel=name))).startswith("Expected `str` matching regex")


@pytest.mark.parametrize("body", ["", "null", "[]", "{", "\ud800", '"\\ud800"', "[" * 3000])
def test_what_is_no_event_at_all_is_refused(body: str) -> None:
    assert refusal(body)


def test_a_flood_in_one_message_is_refused_unread() -> None:
    assert refusal(json.dumps(said(channel="é" * 3000), ensure_ascii=False)).endswith("4096 are the most")


@pytest.mark.parametrize(("hours", "fits"), [(-168, True), (-169, False), (1, True), (1.1, False)])
def test_the_time_in_the_id_must_be_near_the_time_it_was_sent(hours: float, fits: bool) -> None:
    text = json.dumps(said(later(hours=hours)))
    if fits:
        assert read(text, NOW).at == NOW + timedelta(hours=hours)
    else:
        assert "more than 7 days before or 1 hour after it was sent" in refusal(text)


def test_an_id_beyond_all_calendars_is_refused() -> None:
    far = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    assert refusal(json.dumps(said(event_id=far))) == "event_id holds no time"


def test_the_day_is_that_of_the_id_so_a_retry_over_midnight_meets_itself() -> None:
    midnight = NOW.replace(hour=0)
    text = json.dumps(said(event_id=str(uuid7(midnight - timedelta(seconds=1)))))
    assert read(text, midnight).day == read(text, midnight + timedelta(hours=6)).day == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("kind", "result", "succeeded"),
    [
        ("updated", "ok", True),
        ("updated", "ok-after-restart", True),
        ("updated", "failed", False),
        ("updated", "cancelled", None),
        ("updated", "deferred", None),
        ("download-finished", "failed", None),
        ("install-started", "ok", None),
    ],
)
def test_only_the_end_of_an_attempt_decides_it(kind: str, result: str, succeeded: bool | None) -> None:
    assert event(kind=kind, result=result).succeeded is succeeded
    assert event(kind=kind, result=result, attempt_id=None).succeeded is None


_KEYS = st.sampled_from(sorted(said()))
_ODD = st.dictionaries(_KEYS, st.none() | st.integers() | st.text()).map(json.dumps)


@given(st.text(st.characters(), max_size=50) | _ODD)
def test_whatever_comes_is_an_event_or_refused(body: str) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(read(body, NOW), Event)
