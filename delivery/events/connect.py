"""Signs in to PostgreSQL: on RDS by a token that IAM gives for a quarter of an hour, on a laptop without.

The token is made here from the function's own role, so there is no password anywhere, and no endpoint to ask.
"""

import tempfile
from typing import Any

import boto3
import psycopg

from delivery.events.settings import Settings

CONNECT_S = 5  # seconds to connect
STATEMENT_MS = 20_000  # a statement that takes longer is given up, before Lambda gives up the function


def connect(settings: Settings) -> psycopg.Connection[Any]:
    """A connection whose every statement is a transaction of its own.

    Raises psycopg.OperationalError if there is none to have.
    """
    return psycopg.connect(
        host=settings.database_host,
        port=settings.database_port,
        dbname=settings.database_name,
        user=settings.database_user,
        connect_timeout=CONNECT_S,
        application_name="espice-events",
        options=f"-c statement_timeout={STATEMENT_MS} -c timezone=UTC",
        autocommit=True,
        **(_signed(settings) if settings.database_iam else {}),
    )


def _signed(settings: Settings) -> dict[str, Any]:
    token = boto3.client("rds", region_name=settings.region).generate_db_auth_token(
        DBHostname=settings.database_host, Port=settings.database_port, DBUsername=settings.database_user
    )
    return {"password": token, **_encrypted(settings.database_authority)}


def _encrypted(authority: str) -> dict[str, str]:
    """Without an authority the connection is encrypted, but the server's name is not proved."""
    if not authority:
        return {"sslmode": "require"}
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:  # libpq reads files only
        file.write(authority)
    return {"sslmode": "verify-full", "sslrootcert": file.name}
