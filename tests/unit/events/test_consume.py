"""Batches as Lambda hands them over: the bad go back alone, the rest is written, trouble that may pass is raised."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from delivery.events import handler as lambda_
from delivery.events.consume import consume
from delivery.events.settings import Settings
from delivery.events.shape import Event
from delivery.events.store import Postgres, Unfit
from tests.unit.events.parts import NOW, later, message, said


class Kept:
    """Keeps events in memory; `unfit` says which it can never keep."""

    def __init__(self, unfit: Callable[[Event], bool] = lambda _: False) -> None:
        self.unfit = unfit
        self.kept: list[Event] = []
        self.asked: list[int] = []

    def write(self, events: Sequence[Event], now: datetime) -> int:  # noqa: ARG002
        self.asked.append(len(events))
        if any(map(self.unfit, events)):
            raise Unfit("it never fits")
        self.kept.extend(events)
        return len(events)


def silent(_: Mapping[str, Any]) -> None:
    pass


def test_a_bad_message_goes_back_alone_and_says_why_in_the_log() -> None:
    kept, logged = Kept(), list[Mapping[str, Any]]()
    batch = [message(said(), "good-1"), message("{", "bad"), message(said(), "good-2")]
    assert consume(batch, kept, NOW, logged.append) == ("bad",)
    assert len(kept.kept) == 2
    assert logged == [
        {"event": "refused", "message": "bad", "because": "Input data was truncated"},
        {"event": "written", "told": 2, "new": 2},
    ]


def test_an_event_that_the_database_can_never_keep_is_found_among_a_thousand() -> None:
    kept = Kept(lambda event: event.error_code == 666)
    batch = [message(said(error_code=666 if n in (17, 800) else 0), f"m-{n}") for n in range(1000)]
    assert consume(batch, kept, NOW, silent) == ("m-17", "m-800")
    assert len(kept.kept) == 998
    assert len(kept.asked) < 50


def test_a_batch_without_one_good_message_asks_for_no_database() -> None:
    kept = Kept()
    assert consume([message("{", "a"), message("", "b")], kept, NOW, silent) == ("a", "b")
    assert kept.asked == []


def test_an_event_is_judged_by_when_it_was_sent_not_by_when_it_is_read() -> None:
    """A queue that waited two weeks for its database loses nothing."""
    kept = Kept()
    assert consume([message(said())], kept, later(days=14), silent) == ()
    assert len(kept.kept) == 1


def test_a_refusal_repeats_little_of_what_was_sent() -> None:
    logged = list[Mapping[str, Any]]()
    consume([message(said(kind="x" * 3000))], Kept(), NOW, logged.append)
    assert len(logged[0]["because"]) == 200


def test_lambda_writes_to_the_database_and_names_what_goes_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection
) -> None:
    for variable, value in settings.to_env().items():
        monkeypatch.setenv(variable, value)
    lambda_._events.cache_clear()
    now = datetime.now(UTC)
    batch = [message(said(now), "good", now), message({"event_id": 1}, "bad", now), message(said(now), "fine", now)]
    try:
        assert lambda_.handler({"Records": batch}, None) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
        assert lambda_.handler({"Records": batch[:1]}, None) == {"batchItemFailures": []}
        assert sql.execute("select sum(n)::int from rollup_hour").fetchone() == (2,)
    finally:
        lambda_._events().close()
        lambda_._events.cache_clear()


def test_without_a_database_nothing_is_taken_from_the_queue() -> None:
    def nowhere() -> psycopg.Connection[Any]:
        raise psycopg.OperationalError("nobody there")

    with pytest.raises(psycopg.OperationalError, match="nobody there"):
        consume([message(said())], Postgres(nowhere, 14, 365), NOW, silent)


def test_messages_of_another_alphabet_are_messages_too() -> None:
    odd = base64.b64encode(json.dumps(said()).encode()).decode()
    assert consume([message(odd, "odd")], Kept(), NOW, silent) == ("odd",)
