"""What holds for all tests: hypothesis judges results, never how long a busy machine took for one example.

And one process keeps all tests that start the system: two would take each other's ports, and one running system is
shared by many; and one keeps the way of production, whose tests go on from one another,
and one the container, which takes long to make. xdist has marks for that, which
do not reach this pytest: it sets `_nodeid`, which nothing reads here.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler.loadgroup import LoadGroupScheduling

from tests.examples import USUAL, examples

settings.register_profile("espice", examples(USUAL), deadline=None)
settings.load_profile("espice")

TOGETHER = (
    "tests/laptop/",
    "tests/clients/test_laptop.py",
    "tests/engines/test_production_path.py",
    "tests/unit/endpoint/test_container.py",
)
REQUIRED = os.environ.get("ESPICE_REQUIRED_SUITES", "").split(",")  # as ./inv test --require has them


class Spread(LoadGroupScheduling):
    """Spreads tests one by one, except those that stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread | None:
    """With --dist loadgroup, as ./inv test has it."""
    return Spread(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What needs a program that is not on this machine is left out and says so; where it is required, it fails."""
    for suite, missing in MISSING.items():
        if item.get_closest_marker(suite) and (sentence := missing()):
            (pytest.fail if suite in REQUIRED else pytest.skip)(sentence)


def _no_engine() -> str | None:
    from delivery.engines import cli  # most runs need no Pulumi at all

    return cli.MISSING if cli.find() is None else None


def _no_client() -> str | None:
    from delivery.laptop import client

    return client.MISSING if client.find() is None else None


MISSING = {"engine": _no_engine, "client": _no_client}


@pytest.fixture(autouse=True)
def _nobody_stays_signed_in() -> Iterator[None]:
    """boto3 remembers the credentials that it met first, for the whole process."""
    yield
    if boto3 := sys.modules.get("boto3"):
        boto3.DEFAULT_SESSION = None
