"""Events for tests, and a real PostgreSQL to keep them in."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from delivery.events.settings import Settings
from delivery.events.shape import Event, read
from delivery.laptop import ports, postgres

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
FIRST = Path(__file__).parents[3] / "delivery/events/first.sql"
ATTEMPT = "8d9f4c3e-2a51-4d0b-9b57-1f6f3a9b6c01"


def uuid7(at: datetime = NOW) -> UUID:
    """An id of this moment, with all else at random."""
    milliseconds = int(at.timestamp() * 1000)
    chance = int.from_bytes(os.urandom(10))
    number = milliseconds << 80 | 7 << 76 | (chance & (1 << 12) - 1) << 64 | 2 << 62 | chance >> 18
    return UUID(int=number)


def said(at: datetime = NOW, **other: Any) -> dict[str, Any]:
    """A whole event as an installation writes it."""
    return {
        "event_id": str(uuid7(at)),
        "kind": "updated",
        "result": "ok",
        "target": "linux-x86_64",
        "channel": "stable",
        "from_version": "1.3.0",
        "to_version": "1.4.0",
        "cohort": 437,
        "error_code": 0,
        "duration_ms": 1500,
        "bytes": 62_914_560,
        "attempt_id": str(UUID(bytes=os.urandom(16), version=4)),
        "serial": 7,
        **other,
    }


def event(at: datetime = NOW, **other: Any) -> Event:
    """The same, read."""
    return read(json.dumps(said(at, **other)), at)


def message(body: str | dict[str, Any], identity: str = "m-1", sent: datetime = NOW) -> dict[str, Any]:
    """A message as SQS hands it to Lambda."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": identity,
        "receiptHandle": "handle",
        "body": text,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(sent.timestamp() * 1000))},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:espice-laptop-events",
        "awsRegion": "us-east-1",
    }


@contextmanager
def server(folder: Path, master: str = "espice") -> Iterator[int]:
    """A PostgreSQL as the laptop runs it; its port."""
    port = ports.free()
    log = folder.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as printed:
        command = postgres.recipe(folder, port, "telemetry", master, FIRST)
        process = subprocess.Popen(command, stdout=printed, stderr=printed)
    try:
        _await(port, process, log, master)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int, process: subprocess.Popen[bytes], log: Path, master: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(_where("telemetry", port, master)).close()
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _where(name: str, port: int, user: str = "espice") -> str:
    return f"host=127.0.0.1 port={port} dbname={name} user={user}"


@contextmanager
def database(port: int, name: str) -> Iterator[Settings]:
    """An empty database in a running server, and what the consumer must be told of it."""
    with psycopg.connect(_where("telemetry", port), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template template0')
    with psycopg.connect(_where(name, port), autocommit=True) as connection:
        connection.execute("grant create, usage on schema public to events")
    yield Settings("127.0.0.1", port, name, "events", "us-east-1", database_iam=False)
    with psycopg.connect(_where("telemetry", port), autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


def later(**time: float) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(**time)
