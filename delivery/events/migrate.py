"""Brings a database to the tables that this code writes: the numbered files of `schema/`, each once, in order.

A file that was merged is never changed; the next number changes what it made.
"""

from importlib.resources import files
from typing import Any

import psycopg

_LOCK = 0xE5_91CE  # two consumers that start at the same time must not both


def migrate(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """Run what this database has not seen yet; the names of what ran."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute("create table if not exists migration (name text primary key, at timestamptz default now())")
        done = {name for (name,) in connection.execute("select name from migration")}
        new = [(name, text) for name, text in _schema() if name not in done]
        for name, text in new:
            connection.execute(text.encode())
            connection.execute("insert into migration (name) values (%s)", (name,))
    return tuple(name for name, _ in new)


def _schema() -> list[tuple[str, str]]:
    folder = files("delivery.events") / "schema"
    return sorted((file.name, file.read_text()) for file in folder.iterdir() if file.name.endswith(".sql"))
