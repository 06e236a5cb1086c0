"""Signing in: by a token of IAM where the database is RDS, and never unencrypted there."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from delivery.endpoint.variables import BadSettings
from delivery.events.connect import connect
from delivery.events.settings import Settings

RDS = Settings("telemetry.abc.us-east-1.rds.amazonaws.com", 5432, "telemetry", "events", "us-east-1")
PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What psycopg is asked for."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(psycopg, "connect", lambda **given: found.update(given))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return found


def test_the_password_is_a_token_of_iam_for_this_user_and_host(asked: dict[str, Any]) -> None:
    connect(RDS)
    token = urlsplit(f"https://{asked['password']}")
    assert (token.hostname, token.port) == (RDS.database_host, 5432)
    said = parse_qs(token.query)
    assert (said["Action"], said["DBUser"]) == (["connect"], ["events"])
    assert said["X-Amz-Credential"][0].startswith("AKIAEXAMPLE/")
    assert said["X-Amz-Expires"] == ["900"]


def test_rds_is_never_spoken_to_in_the_clear_and_proved_where_its_authority_is_known(asked: dict[str, Any]) -> None:
    connect(RDS)
    assert (asked["sslmode"], "sslrootcert" in asked) == ("require", False)
    connect(replace(RDS, database_authority=PEM))
    assert asked["sslmode"] == "verify-full"
    file = Path(asked["sslrootcert"])
    assert file.read_text() == PEM
    file.unlink()


def test_a_laptop_signs_in_without_anything(asked: dict[str, Any]) -> None:
    connect(replace(RDS, database_iam=False))
    assert not {"password", "sslmode"} & asked.keys()


def test_settings_come_back_from_the_environment_as_they_went_in() -> None:
    for settings in (RDS, replace(RDS, database_authority=PEM, database_iam=False, keep_events=30)):
        assert Settings.from_env(settings.to_env()) == settings


def test_all_that_is_missing_or_wrong_is_named_at_once() -> None:
    env = {"ESPICE_DATABASE_PORT": "0", "ESPICE_DATABASE_IAM": "yes", "ESPICE_KEEP_EVENTS": "7", "ESPICE_REGION": "x"}
    with pytest.raises(BadSettings) as caught:
        Settings.from_env({**env, "ESPICE_DATABASE_AUTHORITY": "/etc/pem"})
    assert str(caught.value).splitlines() == [
        "ESPICE_DATABASE_HOST is not set; set it to the host of the database",
        "ESPICE_DATABASE_PORT cannot be '0'; set it to the port of the database, such as 5432",
        "ESPICE_DATABASE_NAME is not set; set it to the name of the database",
        "ESPICE_DATABASE_USER is not set; set it to the user that owns the tables",
        "ESPICE_DATABASE_AUTHORITY cannot be '/etc/pem'; set it to a certificate in PEM form, or leave it unset",
        "ESPICE_DATABASE_IAM cannot be 'yes'; set it to true or false, or leave it unset",
        "ESPICE_KEEP_EVENTS cannot be '7'; set it to a number of days, at least 8, or leave it unset",
    ]
