"""A place to send to."""

from collections.abc import Iterator

import pytest

from tests.unit.announce.webhook import Webhook, webhook


@pytest.fixture(name="hook")
def _hook() -> Iterator[Webhook]:
    with webhook() as made:
        yield made
