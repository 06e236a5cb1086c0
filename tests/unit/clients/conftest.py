"""A host that says what a test tells it to, and an app that asks it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import minisign
import pytest

from clients.reference.installation import Installation
from delivery.artifacts.sign import sign
from delivery.laptop import keys
from tests.unit.clients.host import Host, serving


@pytest.fixture
def host() -> Iterator[Host]:
    """A host on loopback."""
    with serving() as host:
        yield host


@pytest.fixture
def app(host: Host) -> Callable[..., Installation]:
    """An AppImage of 1.3.0 that trusts the demo key; keywords change it."""
    base = Installation(
        "1.3.0", "linux", "x86_64", "appimage", (f"{host.url}/a", f"{host.url}/b"), keys.artifact_public_key()
    )
    return lambda **changes: replace(base, **changes)


@pytest.fixture(scope="session")
def demo_key() -> minisign.SecretKey:
    """What signs for the app's key."""
    return keys.artifact_key()


@pytest.fixture(scope="session")
def signed(demo_key: minisign.SecretKey) -> Callable[[bytes, str], str]:
    """A Tauri signature of these bytes as this version."""
    return lambda data, version: sign(data, "espice", version, datetime(2026, 11, 20, tzinfo=UTC), demo_key)
