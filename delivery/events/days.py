"""The partitions of raw events: one for each day, made when its first event comes, dropped when it is old enough.

So no schedule is needed: the day that begins ends another.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

_LOCK = 0xE5_91CF  # of those who make or drop partitions
_NAME = "event_%Y%m%d"


def ensure(connection: psycopg.Connection[Any], days: Iterable[date]) -> tuple[date, ...]:
    """Make the partitions of these days where they are missing; which were made."""
    made = []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        known = set(_known(connection))
        for day in sorted(set(days) - known):
            table, until = sql.Identifier(day.strftime(_NAME)), day + timedelta(days=1)
            bounds = sql.SQL("for values from ({}) to ({})").format(sql.Literal(day), sql.Literal(until))
            connection.execute(sql.SQL("create table {} partition of event {}").format(table, bounds))
            made.append(day)
    return tuple(made)


def drop(connection: psycopg.Connection[Any], before: date) -> tuple[date, ...]:
    """Drop the events of the days before this one; which were dropped. What they add up to stays in the rollup."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        old = tuple(day for day in _known(connection) if day < before)
        for day in old:
            connection.execute(sql.SQL("drop table {}").format(sql.Identifier(day.strftime(_NAME))))
    return old


def _known(connection: psycopg.Connection[Any]) -> list[date]:
    """The days that have a partition, by the partitions' own bounds."""
    bounds = connection.execute(
        "select substring(pg_get_expr(relpartbound, oid) from $$FROM \\('([0-9-]+)'\\)$$)::date"
        " from pg_class join pg_inherits on inhrelid = oid where inhparent = 'event'::regclass order by 1"
    )
    return [day for (day,) in bounds]
