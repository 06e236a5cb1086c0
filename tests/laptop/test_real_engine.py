"""The whole laptop through the real engine: the same walk, applied by Pulumi's own CLI."""

import json
from collections.abc import Iterator

import pytest

from tests.laptop.system import System, copy_of_this_repository
from tests.laptop.test_walk import LATE

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(copy_of_this_repository(tmp_path_factory.mktemp("real")))
    system.inv("up", "--detach", "--no-site", "--engine", "pulumi")
    yield system
    system.inv("down")


def test_it_says_which_engine_runs_it_and_follows_commits(system: System) -> None:
    assert (system.status()["engine"], system.status()["head_is_live"]) == ("pulumi", True)
    assert system.offered("1.3.0", cohort=LATE) is None
    system.inv("raise", "stable", "25", "--commit")
    system.await_live()
    assert system.offered("1.3.0", cohort=LATE) == "1.4.0"


def test_its_stacks_are_seen_compared_and_limited_by_the_same_engine(system: System) -> None:
    assert json.loads(system.inv("preview", "laptop", "--json"))["changes"] == []
    assert json.loads(system.inv("refresh", "laptop-ground", "--json"))["changes"] == []
    assert json.loads(system.inv("outputs", "laptop", "--json"))["stack"] == "laptop"
    said = system.inv("preview", "laptop", "--target", "nothing-is-called-so", expect=1)
    assert "there is no resource nothing-is-called-so that the run could be limited to" in said


def test_a_destroy_is_said_twice_and_an_apply_brings_all_back(system: System) -> None:
    said = system.inv("destroy", "laptop-live", expect=2)
    assert said.startswith("laptop-live: all ")
    assert said.endswith("resources would be destroyed; say --yes if that is meant\n")
    system.inv("destroy", "laptop-live", "--yes")
    system.inv("apply", "laptop-live")
    assert json.loads(system.inv("preview", "laptop-live", "--json"))["changes"] == []
