"""Where a server finds the app: `granian --interface wsgi delivery.console.main:app`. Variables give its Settings."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Flask

from delivery.console.access import CloudflareAccess
from delivery.console.app import create_app
from delivery.console.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.store import S3Store


def build(env: Mapping[str, str]) -> Flask:
    """The app for these variables.

    Raises BadSettings.
    """
    settings = Settings.from_env(env)
    source = Source(S3Store(settings.catalog.bucket, settings.catalog.region), settings.catalog)
    return create_app(source, settings.builds, CloudflareAccess(settings.access), lambda: datetime.now(UTC))


app = build(os.environ)
