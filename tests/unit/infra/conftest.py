"""The stacks of every environment, run once a session, and what they are made from."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from delivery.rules.facts import Key, Keys, Product
from delivery.rules.load import parse
from delivery.rules.shapes import Environment
from infra.build import Build, Builds
from infra.ground import GroundInputs, ground
from infra.live import LiveInputs, live
from infra.names import Names
from infra.platform import PlatformInputs, platform
from infra.publication import Publication
from infra.stacks import Kind
from tests.unit.infra.recorder import DOMAINS, ROOT, Recorder, infra_of, record

BUILDS = Builds(Build("ab" * 32), Build("cd" * 32), Build("ef" * 32))
CATALOG = b'{"schema":1}\n'


@pytest.fixture(scope="session")
def names() -> Callable[[Environment], Names]:
    return lambda environment: Names("espice", environment, DOMAINS[environment])


@pytest.fixture(scope="session")
def inputs(names: Callable[[Environment], Names]) -> Callable[[Environment], PlatformInputs]:
    def build(environment: Environment) -> PlatformInputs:
        return PlatformInputs(names(environment), infra_of(environment), BUILDS, trusting(environment))

    return build


def trusting(environment: Environment) -> Product:
    """The repository's own product, with a head key and a brake key of these tests."""
    filed, problems = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    assert filed is not None, problems
    head, brake = (Key(2 * each * 16, "QUJD", (environment,), "only for tests") for each in ("ab", "cd"))
    return replace(filed.value, keys=Keys(filed.value.keys.artifacts, (head,), (brake,)))


@pytest.fixture(scope="session")
def platforms(inputs: Callable[[Environment], PlatformInputs]) -> dict[Environment, Recorder]:
    return {each: record(each, lambda each=each: platform(inputs(each))) for each in DOMAINS}


@pytest.fixture(scope="session")
def grounds(names: Callable[[Environment], Names]) -> dict[Environment, Recorder]:
    def run(environment: Environment) -> Recorder:
        inputs = GroundInputs(names(environment), infra_of(environment))
        return record(Kind.ground.of(environment), lambda: ground(inputs))

    return {each: run(each) for each in DOMAINS}


@pytest.fixture(scope="session")
def publication() -> Publication:
    manifests = {f"static/stable-{target}.json": b'{"version":"1.3.0"}' for target in ("linux", "windows")}
    return Publication(CATALOG, hashlib.sha256(CATALOG).hexdigest(), b'{"signed":true}', manifests)


@pytest.fixture(scope="session")
def lives(names: Callable[[Environment], Names], publication: Publication) -> dict[tuple[Environment, bool], Recorder]:
    """By environment, and by whether the change narrows."""

    def run(environment: Environment, narrowing: bool) -> Recorder:
        inputs = LiveInputs(names(environment), infra_of(environment))
        return record(f"{environment}-live", lambda: live(inputs, publication, narrowing=narrowing))

    return {(each, narrowing): run(each, narrowing) for each in DOMAINS for narrowing in (True, False)}
