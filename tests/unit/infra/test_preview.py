"""All stacks of every environment under the embedded engine: the SDKs' own word on every argument, and our policies."""

import pytest

from delivery.deploy.engine_embedded import EmbeddedEngine
from delivery.deploy.stack import Operation, Outcome, Stack
from delivery.laptop import keys
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from infra import config
from infra.ground import GroundInputs, ground
from infra.live import LiveInputs, live
from infra.platform import platform
from policies import POLICIES
from tests.unit.infra.recorder import DOMAINS


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


@pytest.mark.parametrize("environment", sorted(DOMAINS))
def test_every_type_option_and_argument_is_one_that_the_engine_and_the_providers_know(
    preview, inputs, publication, environment
):
    whole = inputs(environment)
    under = preview(f"{environment}-ground", lambda: ground(GroundInputs(whole.names, whole.infra)))
    slow = preview(environment, lambda: platform(whole))
    fast = preview(
        f"{environment}-live", lambda: live(LiveInputs(whole.names, whole.infra), publication, narrowing=True)
    )
    assert (under.errors, slow.errors, fast.errors) == ((), (), ())
    assert {step.operation for step in (*under.steps, *slow.steps, *fast.steps)} == {Operation.create}
    assert fast.outputs == {"catalog": publication.catalog_sha256, "manifests": len(publication.manifests)}
