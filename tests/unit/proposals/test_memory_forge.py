"""The forge that other tests use does what every forge does."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.history.conftest import Repository
from tests.unit.proposals.forge_contract import *  # noqa: F403 - each test of it
from tests.unit.proposals.forge_contract import START
from tests.unit.proposals.memory_forge import MemoryForge


@dataclass(frozen=True)
class Memory:
    """People who use one."""

    repo: Path
    of: MemoryForge

    def forge(self, who: str) -> MemoryForge:
        return self.of.as_(who)


@pytest.fixture
def place(tmp_path: Path) -> Memory:
    made = Repository(tmp_path / "repo")
    made.commit(START)
    return Memory(made.path, MemoryForge(made.path, "ada"))
