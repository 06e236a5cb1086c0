"""Writes events into PostgreSQL: one path, one statement, so that nothing is ever counted twice.

COPY into a temporary table, INSERT what is new, and add to rollup and outcomes from the new rows only. A batch that was
written and then delivered again changes nothing. Rows are taken in the order of their keys, so that consumers that
write at the same time wait for each other and never in a circle.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import psycopg

from delivery.events import days
from delivery.events.migrate import migrate
from delivery.events.shape import Event

Connect = Callable[[], psycopg.Connection[Any]]

_NONE = ""  # the name of no version


class Unfit(Exception):  # noqa: N818 - what the events are
    """The database refuses something in these events, and so all of them."""


class Events(Protocol):
    """Where events are kept."""

    def write(self, events: Sequence[Event], now: datetime) -> int:
        """Keep those that are not kept yet, all or none of them; how many were new.

        Raises Unfit when one of them can never be kept; anything else that is raised may pass.
        """


class Postgres:
    """A database, over one connection that is made when it is needed and made again when it is lost.

    `keep` and `keep_outcomes` are in days.
    """

    def __init__(self, connect: Connect, keep: int, keep_outcomes: int) -> None:
        self._connect, self._keep, self._keep_outcomes = connect, keep, keep_outcomes
        self._connection: psycopg.Connection[Any] | None = None
        self._days: set[date] = set()
        self._names: dict[str, int] = {}

    def write(self, events: Sequence[Event], now: datetime) -> int:
        """See Events."""
        rested = self._connection is not None and not self._connection.closed
        try:
            return self._written(events, now)
        except psycopg.OperationalError:
            # Lambda froze it between two batches, maybe for hours: its end is noticed only now.
            if rested and self._connection is not None and self._connection.closed:
                return self._written(events, now)
            raise

    def _written(self, events: Sequence[Event], now: datetime) -> int:
        once = {event.event_id: event for event in reversed(events)}.values()  # the first of two that are the same
        connection = self._ready()
        self._open({event.day for event in once}, connection, now)
        names = self._numbers(once, connection)
        try:
            with connection.transaction():
                with connection.cursor().copy(_COPY) as copy:
                    for event in once:
                        copy.write_row(_row(event, names, now))
                (new,) = connection.execute(_WRITE).fetchone() or (0,)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            self._days.clear()  # another consumer may have dropped one of them
            raise Unfit(error.diag.message_primary or type(error).__name__) from error
        return int(new)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()

    def _ready(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            # What is known of another connection's database may be known no longer: it may have been restored.
            self._days, self._names = set(), {}
            connection = self._connect()
            migrate(connection)
            connection.execute(_BATCH)
            self._connection = connection
        return self._connection

    def _open(self, wanted: set[date], connection: psycopg.Connection[Any], now: datetime) -> None:
        if wanted <= self._days:
            return
        made = days.ensure(connection, wanted)
        self._days |= wanted
        if made:
            today = now.astimezone(UTC).date()
            # What waited long in the queue may be older than what is kept: it is counted before it is dropped.
            self._days -= set(days.drop(connection, min(today - timedelta(days=self._keep), *wanted)))
            connection.execute("delete from outcome where at < %s", (today - timedelta(days=self._keep_outcomes),))

    def _numbers(self, events: Iterable[Event], connection: psycopg.Connection[Any]) -> dict[str, int]:
        """The numbers of all names in these events; new names are kept at once, outside of the batch."""
        unknown = sorted({name for event in events for name in _names(event)} - self._names.keys())
        if unknown:
            connection.execute(
                "insert into name (name) select unnest(%s::text[]) except select name from name order by 1"
                " on conflict do nothing",
                (unknown,),
            )
            found = connection.execute("select name, id from name where name = any(%s)", (unknown,))
            self._names.update(dict(found.fetchall()))
        return self._names


def _names(event: Event) -> tuple[str, str, str, str]:
    return event.target, event.channel, event.from_version, event.to_version or _NONE


def _row(event: Event, names: dict[str, int], now: datetime) -> tuple[Any, ...]:
    return (
        event.event_id,
        event.attempt_id,
        now,
        event.bytes,
        event.day,
        str(event.kind),
        str(event.result),
        *(names[name] for name in _names(event)),
        event.error_code,
        event.duration_ms,
        event.serial,
        event.cohort,
        event.at.replace(minute=0, second=0, microsecond=0),
        event.at,
        event.succeeded,
    )


_KEPT = """event_id, attempt_id, received_at, bytes, day, kind, result, target, channel, from_version, to_version,
  error_code, duration_ms, serial, cohort"""
_DIMENSIONS = "hour, to_version, from_version, target, channel, kind, result, error_code"
_BATCH = f"""
create temporary table if not exists batch on commit delete rows as
select {_KEPT}, received_at as hour, received_at as at, true as succeeded from event with no data
"""  # noqa: S608 - made of the names above only
_COPY = f"copy batch ({_KEPT}, hour, at, succeeded) from stdin"
_WRITE = f"""
with fresh as (
  insert into event ({_KEPT}) select {_KEPT} from batch order by day, event_id
  on conflict do nothing returning day, event_id
), told as (
  select batch.* from batch join fresh using (day, event_id)
), ended as (
  insert into outcome (to_version, attempt_id, succeeded, at)
  select to_version, attempt_id, succeeded, at from told where succeeded is not null
  order by to_version, attempt_id, event_id
  on conflict do nothing
), counted as (
  insert into rollup_hour ({_DIMENSIONS}, n, sum_ms)
  select {_DIMENSIONS}, count(*), coalesce(sum(duration_ms), 0) from told
  group by {_DIMENSIONS} order by {_DIMENSIONS}
  on conflict ({_DIMENSIONS}) do update
  set n = rollup_hour.n + excluded.n, sum_ms = rollup_hour.sum_ms + excluded.sum_ms
)
select count(*) from fresh
"""  # noqa: S608 - made of the names above only
