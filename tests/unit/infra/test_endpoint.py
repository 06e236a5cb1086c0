"""Which builds answer, as the alias is registered."""

from dataclasses import replace

import pytest

from delivery.engines.wire import UNKNOWN
from infra.build import Build, Builds, named
from infra.platform import platform
from tests.unit.infra.conftest import BUILDS
from tests.unit.infra.recorder import infra_of, record

pytestmark = pytest.mark.slow


@pytest.fixture
def alias(inputs):
    """What the alias is given for these builds, when the newest version is still unknown."""

    def run(**builds):
        whole = replace(inputs("staging"), builds=replace(BUILDS, **builds))
        given = record("staging", lambda: platform(whole)).of("Alias")["updates-live"].inputs
        return given.get("functionVersion"), given.get("routingConfig")

    return run


def test_without_a_live_version_the_newest_answers_everything(alias):
    assert alias() == (UNKNOWN, None)


def test_the_live_version_goes_on_answering_when_a_newer_one_is_published(alias):
    assert alias(live="6") == ("6", None)


def test_the_newest_version_answers_its_share(alias):
    assert alias(live="6", weight=0.1) == ("6", UNKNOWN)


def test_the_whole_share_leaves_the_live_version_in_its_place_as_the_way_back(alias):
    assert alias(live="6", weight=1.0) == ("6", UNKNOWN)


def test_the_code_is_always_that_of_the_next_build(inputs):
    whole = replace(inputs("staging"), builds=replace(BUILDS, live="6", weight=0.1))
    assert record("staging", lambda: platform(whole)).of("Function")["updates"].inputs["s3Key"] == BUILDS.next.key


def test_builds_are_those_that_the_stack_file_names():
    config = infra_of("staging")
    zeros = Build("0" * 64)
    assert Builds.of(config, {}) == Builds(zeros, zeros, zeros)
    assert named("newest", {"console": BUILDS.console}, "console") == BUILDS.console
    assert named(BUILDS.next.digest, {}, "endpoint") == BUILDS.next


@pytest.mark.parametrize("host", ["updates", "console"])
def test_a_host_gets_its_public_name_only_once_something_answers_behind_it(platforms, host):
    stack = platforms["production"]
    names = {each.urn: each.name for each in stack.resources}
    first = {names[urn] for urn in stack.of("DnsRecord")[f"{host}-record"].dependencies}
    assert first >= {f"{host}-mapping", f"{host}-route", f"{host}-invoke"}
