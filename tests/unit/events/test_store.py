"""Events in a real PostgreSQL: each counted once, whatever is delivered again, and forgotten in time."""

import threading
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest

from delivery.events import days
from delivery.events.connect import connect
from delivery.events.migrate import migrate
from delivery.events.settings import Settings
from delivery.events.store import Postgres, Unfit
from tests.unit.events.parts import ATTEMPT, NOW, event, later, uuid7

Sql = psycopg.Connection[Any]


def rows(sql: Sql, query: LiteralString) -> list[tuple[Any, ...]]:
    return sql.execute(query).fetchall()


def days_kept(sql: Sql) -> list[str]:
    found = rows(sql, "select relname from pg_class join pg_inherits on inhrelid = oid where relkind = 'r' order by 1")
    return [name for (name,) in found]


def test_an_event_is_kept_whole_and_counted_in_its_own_hour(events: Postgres, sql: Sql) -> None:
    one = event(later(minutes=-90), attempt_id=ATTEMPT)
    assert events.write([one], NOW) == 1
    kept = "event_id, attempt_id::text, received_at, bytes, day, kind, result, error_code, duration_ms, serial, cohort"
    assert rows(sql, f"select {kept} from event") == [
        (one.event_id, ATTEMPT, NOW, 62_914_560, NOW.date(), "updated", "ok", 0, 1500, 7, 437)
    ]
    hour = NOW.replace(hour=10)
    assert rows(sql, "select * from activity") == [
        (hour, "stable", "linux-x86_64", "1.3.0", "1.4.0", "updated", "ok", 0, 1, 1500)
    ]
    ended = rows(sql, "select name, attempt_id::text, succeeded from outcome join name on name.id = to_version")
    assert ended == [("1.4.0", ATTEMPT, True)]


def test_what_comes_again_changes_nothing(events: Postgres, sql: Sql) -> None:
    some = [event() for _ in range(10)]
    assert events.write(some, NOW) == 10
    before = rows(sql, "table rollup_hour"), rows(sql, "table outcome"), rows(sql, "table event")
    assert events.write([*some, *some[:3]], later(hours=3)) == 0
    assert events.write([some[0], event(), some[0]], later(hours=3)) == 1
    assert rows(sql, "select sum(n)::int from rollup_hour") == [(11,)]
    assert before[1] == rows(sql, "table outcome")[:10]
    assert set(before[2]) <= set(rows(sql, "table event"))


def test_events_that_are_alike_add_up_and_others_stand_apart(events: Postgres, sql: Sql) -> None:
    events.write([event(duration_ms=100), event(duration_ms=200)], NOW)
    events.write([event(duration_ms=None), event(result="failed", error_code=-5), event(later(hours=-1))], NOW)
    found = rows(sql, "select extract(hour from hour)::int, result, error_code, n, sum_ms from activity order by 1, 2")
    assert found == [(11, "ok", 0, 1, 1500), (12, "failed", -5, 1, 1500), (12, "ok", 0, 3, 300)]


def test_the_first_word_on_an_attempt_counts_whichever_comes_last(events: Postgres, sql: Sql) -> None:
    failed = event(attempt_id=ATTEMPT, result="failed")
    worked = event(later(minutes=5), attempt_id=ATTEMPT)
    events.write([worked, failed], NOW)
    events.write([event(later(minutes=-5), attempt_id=ATTEMPT)], NOW)
    assert rows(sql, "select succeeded, at from outcome") == [(False, NOW)]
    assert rows(sql, "select sum(n)::int from rollup_hour") == [(3,)]


def test_a_failed_check_is_counted_under_no_version(events: Postgres, sql: Sql) -> None:
    events.write([event(kind="check", result="failed", to_version=None, attempt_id=None, cohort=None)], NOW)
    assert rows(sql, "select from_version, to_version, kind from activity") == [("1.3.0", "", "check")]


def test_consumers_that_write_the_same_at_once_count_it_once(settings: Settings, sql: Sql) -> None:
    some = [event(later(hours=-n % 50)) for n in range(300)]
    stores = [Postgres(lambda: connect(settings), 30, 30) for _ in range(4)]
    new: list[int] = []
    threads = [
        threading.Thread(target=lambda s=s, n=n: new.append(s.write(some[:: n * 2 - 1], NOW)))
        for n, s in zip((1, 0, 1, 0), stores, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert sum(new) == 300
    assert rows(sql, "select sum(n)::int from rollup_hour") == [(300,)]
    assert rows(sql, "select count(*)::int from outcome") == [(300,)]


def test_what_the_database_can_never_keep_is_unfit_and_nothing_is_kept(events: Postgres, sql: Sql) -> None:
    events.write([event()], NOW)
    sql.execute("alter table event add constraint never check (error_code <> 666)")
    with pytest.raises(Unfit, match='violates check constraint "never"'):
        events.write([event(), event(error_code=666)], NOW)
    assert rows(sql, "select count(*)::int from event") == [(1,)]
    assert events.write([event()], NOW) == 1


def test_a_lost_connection_is_made_anew(events: Postgres, sql: Sql) -> None:
    events.write([event()], NOW)
    others = "usename = current_user and datname = current_database() and pid <> pg_backend_pid()"
    assert len(rows(sql, f"select pg_terminate_backend(pid) from pg_stat_activity where {others}")) == 1
    assert events.write([event()], NOW) == 1
    assert rows(sql, "select sum(n)::int from rollup_hour") == [(2,)]


def test_each_day_has_a_partition_and_a_new_day_ends_an_old_one(events: Postgres, sql: Sql) -> None:
    events.write([event(), event(later(days=-7))], NOW)
    assert days_kept(sql) == ["event_20261118", "event_20261125"]
    then = later(days=9)
    events.write([event(then)], then)
    assert days_kept(sql) == ["event_20261125", "event_20261204"]
    assert rows(sql, "select sum(n)::int from rollup_hour") == [(3,)]


def test_what_waited_longer_than_events_are_kept_is_counted_before_it_goes(events: Postgres, sql: Sql) -> None:
    assert events.write([event(later(days=-20)), event()], NOW) == 2
    assert events.write([event(later(days=-20)), event()], NOW) == 2
    tomorrow = later(days=1)
    assert events.write([event(tomorrow)], tomorrow) == 1
    assert days_kept(sql) == ["event_20261125", "event_20261126"]
    assert rows(sql, "select sum(n)::int from rollup_hour") == [(5,)]


def test_a_partition_that_another_consumer_dropped_is_made_again(events: Postgres, sql: Sql) -> None:
    events.write([event(later(days=-5))], NOW)
    assert days.drop(sql, later(days=-1).date()) == (later(days=-5).date(),)
    with pytest.raises(Unfit, match="no partition of relation"):
        events.write([event(later(days=-5))], NOW)
    assert events.write([event(later(days=-5))], NOW) == 1


def test_old_outcomes_are_forgotten_with_the_first_event_of_a_day(events: Postgres, sql: Sql) -> None:
    events.write([event()], NOW)
    for age, left in ((300, 2), (366, 2)):
        then = later(days=age)
        events.write([event(then)], then)
        assert rows(sql, "select count(*)::int from outcome") == [(left,)]


def test_the_schema_is_made_once_whoever_comes_first(settings: Settings) -> None:
    ran: list[tuple[str, ...]] = []

    def start() -> None:
        with connect(settings) as connection:
            ran.append(migrate(connection))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [(), (), (), ("0001-events.sql",)]


def test_ids_of_one_moment_are_told_apart() -> None:
    assert uuid7(NOW) != uuid7(NOW)
    assert event().at - NOW < timedelta(milliseconds=1)
