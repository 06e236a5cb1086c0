"""All stacks of every environment under the embedded engine: the SDKs' own word on every argument, and our policies."""

import functools
from collections import Counter

import pytest

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.stack import Operation, Outcome, Stack
from delivery.laptop import keys
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from infra import config
from infra.ground import GroundInputs, ground
from infra.live import LiveInputs, live
from infra.platform import platform
from infra.stacks import Kind
from policies import POLICIES
from tests.unit.infra.recorder import DOMAINS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def preview(tmp_path_factory):
    providers = serve(plan_only_packages(), plan_only=True)
    engine = EmbeddedEngine(tmp_path_factory.mktemp("state"), providers.addresses, POLICIES)

    def run(name: str, program) -> Outcome:
        secrets = keys.secrets() if name == "laptop" else dict.fromkeys(config.SECRETS, config.NOT_READ)
        values = {f"espice:{key}": value for key, value in secrets.items()}
        return engine.preview(Stack("espice", name, program, values, frozenset(values)))

    yield run
    providers.stop()


@pytest.fixture(scope="module")
def previewed(preview, inputs, publication):
    """The previews of an environment's three stacks, by name."""

    @functools.cache
    def run(environment: str) -> dict[str, Outcome]:
        whole = inputs(environment)
        programs = {
            Kind.ground: lambda: ground(GroundInputs(whole.names, whole.infra)),
            Kind.platform: lambda: platform(whole),
            Kind.live: lambda: live(LiveInputs(whole.names, whole.infra), publication, narrowing=True),
        }
        return {kind.of(environment): preview(kind.of(environment), program) for kind, program in programs.items()}

    return run


@pytest.mark.parametrize("environment", sorted(DOMAINS))
def test_every_type_option_and_argument_is_one_that_the_engine_and_the_providers_know(
    previewed, publication, environment
):
    found = previewed(environment)
    assert [outcome.errors for outcome in found.values()] == [(), (), ()]
    assert {step.operation for outcome in found.values() for step in outcome.steps} == {Operation.create}
    live_outputs = found[Kind.live.of(environment)].outputs
    assert live_outputs == {"catalog": publication.catalog_sha256, "manifests": len(publication.manifests)}


@pytest.mark.parametrize("environment", sorted(DOMAINS))
def test_what_an_environment_is_made_of_was_reviewed(previewed, environment, snapshot):
    """How many of each type every stack has. `./inv bless -k reviewed` writes it anew; read the diff."""
    found = previewed(environment)
    counted = {name: dict(sorted(Counter(step.type for step in its.steps).items())) for name, its in found.items()}
    assert counted == snapshot
