"""db: a look into the laptop's telemetry."""

from contextlib import closing
from typing import Any

import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.laptop import status as reports
from delivery.laptop.places import Places

CONNECT_S = 5
WIDE = 240  # columns, where what is printed goes into a file or a pipe
READ_ONLY = "-c default_transaction_read_only=on -c timezone=UTC"


@command
def db(query: str, as_json: bool) -> int:
    """Where the database is, or what it answers to a query that changes nothing. Exit status 1 if there is none."""
    url = reports.status(Places(ROOT)).get("database")
    if not url:
        err.print("no database runs here; ./inv up starts one")
        return 1
    if not query:
        print_json({"url": url}) if as_json else out.print(url, markup=False)
        return 0
    try:
        names, rows = _ask(url, query)
    except psycopg.OperationalError as error:
        err.print(f"the database does not answer: {error}", markup=False)
        return 1
    except psycopg.Error as error:
        raise Usage(f"the database says: {error.diag.message_primary or error}") from None
    if as_json:
        print_json([msgspec.to_builtins(dict(zip(names, row, strict=True))) for row in rows])
    else:
        _show(names, rows)
    return 0


def _ask(url: str, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with closing(psycopg.connect(url, connect_timeout=CONNECT_S, options=READ_ONLY, autocommit=True)) as connection:
        found = connection.execute(query.encode())
        return [column.name for column in found.description or ()], found.fetchall() if found.description else []


def _show(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    table = Table(*names)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    (out if out.is_terminal else Console(width=WIDE)).print(table)
