"""What holds for all tests: hypothesis judges results, never how long a busy machine took for one example.

And what starts something long stays whole, in one process each: tests that share a running system, or go on from one
another. Those mostly wait, so a few of them run beside each other and beside tests that only want a core. xdist has
marks for that, which do not reach this pytest: it sets `_nodeid`, which nothing reads here.
"""

import gc
import os
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler.loadgroup import LoadGroupScheduling
from xdist.workermanage import WorkerController

from tests.examples import USUAL, examples
from tests.shards import divide

settings.register_profile("espice", examples(USUAL), deadline=None)
settings.load_profile("espice")

LAPTOP = "tests/laptop/test_"
CHANGED = tuple(f"{LAPTOP}{name}" for name in ("drift", "freshness", "switch", "two_stacks"))
ASKED = tuple(f"{LAPTOP}{name}" for name in ("attacks", "reads", "telemetry", "walk"))
TOGETHER = (  # beginnings of what stays together; the longest first, so that none is begun when all others are done
    ("tests/workflows/test_walk.py",),
    CHANGED,  # on one system
    (f"{LAPTOP}drills",),
    ASKED,  # on one system
    ("tests/engines/test_production_path.py",),
    (f"{LAPTOP}lifecycle",),
    ("tests/clients/test_laptop.py",),
    ("tests/site/",),  # on one system
    (f"{LAPTOP}halt",),
    (f"{LAPTOP}real_engine",),
    (LAPTOP,),  # whatever comes to be there
    ("tests/unit/endpoint/test_container.py",),
)
INFRA = (
    "tests/unit/infra/"  # stays together, too: each environment's programs are run once, which takes the longest of it
)
BESIDE = 2  # of those above at a time: each that starts the system needs a gigabyte, and a core for its start
REQUIRED = os.environ.get("ESPICE_REQUIRED_SUITES", "").split(",")  # as ./inv test --require has them
SHARD = os.environ.get("ESPICE_SHARD", "")  # as ./inv test --shard has it


class Spread(LoadGroupScheduling):
    """Spreads tests one by one, except those that stay together: of these only so many are begun at a time."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(INFRA):
            return INFRA
        return next((group[0] for group in TOGETHER if nodeid.startswith(group)), nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = [units for each, units in self.assigned_work.items() if each is not node]
        busy = sum(any(_is_long(scope) and not all(unit.values()) for scope, unit in units.items()) for units in others)
        long = (group[0] for group in TOGETHER if busy < BESIDE and group[0] in self.workqueue)
        short = (scope for scope in self.workqueue if not _is_long(scope))
        if wanted := next(chain(long, short), None):
            self.workqueue.move_to_end(wanted, last=False)
        super()._assign_work_unit(node)


def _is_long(scope: str) -> bool:
    return any(scope == group[0] for group in TOGETHER)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread | None:
    """With --dist loadgroup, as ./inv test has it."""
    return Spread(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several jobs each runs its share."""
    if SHARD:
        items[:], others = divide(items, SHARD, TOGETHER)
        config.hook.pytest_deselected(items=others)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking through it for garbage again and again takes a tenth of a run."""
    gc.collect()
    gc.freeze()


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


def _no_site() -> str | None:
    from delivery.site import browser

    return browser.MISSING if browser.find() is None else None


MISSING = {"engine": _no_engine, "client": _no_client, "site": _no_site}


@pytest.fixture(autouse=True)
def _nobody_stays_signed_in() -> Iterator[None]:
    """boto3 remembers the credentials that it met first, for the whole process."""
    yield
    if boto3 := sys.modules.get("boto3"):
        boto3.DEFAULT_SESSION = None
