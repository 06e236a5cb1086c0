"""What holds for all tests: hypothesis judges results, never how long a busy machine took for one example.

And one process keeps all tests that start the system: two would take each other's ports, and one running system is
shared by many. xdist has marks for that, which do not reach this pytest: it sets `_nodeid`, which nothing reads here.
"""

from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler.loadgroup import LoadGroupScheduling

settings.register_profile("espice", deadline=None)
settings.load_profile("espice")

LAPTOP = "tests/laptop/"


class OneLaptop(LoadGroupScheduling):
    """Spreads tests one by one, and those of the laptop as one group."""

    def _split_scope(self, nodeid: str) -> str:
        return LAPTOP if nodeid.startswith(LAPTOP) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneLaptop | None:
    """With --dist loadgroup, as ./inv test has it."""
    return OneLaptop(config, log) if config.getvalue("dist") == "loadgroup" else None
