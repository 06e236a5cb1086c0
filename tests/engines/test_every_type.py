"""Every AWS type, realised on a real moto server: what is read back, what somebody changed by hand, what is left."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import requests

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.plugin import Plugin, ProviderError
from delivery.engines.state import Resource
from delivery.laptop.providers import aws
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines import by_hand
from tests.engines.every_type import everything, upload_builds
from tests.engines.programs import stack
from tests.engines.what_is_there import clients, everything_in

pytestmark = pytest.mark.slow

OF_ITS_OWNER = "is not known from the id alone; the laptop cannot import this type"
NOT_TOLD = {
    "logs": "forceDestroy",
    "file": "content, source",
    "logging": "targetObjectKeyFormat",
    "function": "publish, s3Bucket, s3Key, sourceCodeHash",
    "source": "functionName, maximumBatchingWindowInSeconds, scalingConfig",
    "domain": "domainNameConfiguration",
    "in": "description",
    "out": "description",
    "instance": "backupWindow, caCertIdentifier, deleteAutomatedBackups, maintenanceWindow, skipFinalSnapshot",
    "integration": f"apiId: {OF_ITS_OWNER}",
    "route": f"apiId: {OF_ITS_OWNER}",
    "stage": f"apiId: {OF_ITS_OWNER}",
    "mapping": f"domainName: {OF_ITS_OWNER}",
    "invoke": f"function: {OF_ITS_OWNER}",
}
WISH = stack(everything("one.zip"))


@pytest.fixture(scope="module")
def world(moto, tmp_path_factory):
    """An empty AWS with a bucket of builds, and an engine on it."""
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    folder, client = tmp_path_factory.mktemp("laptop"), clients(moto)
    upload_builds(client("s3"))
    ledger = folder / "ledger.json"
    handle = serve(packages(moto, ledger))
    engine = EmbeddedEngine(folder / "engine", handle.addresses)
    before = everything_in(client)
    outcome = engine.apply(WISH)
    assert outcome.errors == ()
    yield SimpleNamespace(
        engine=engine,
        addresses=handle.addresses,
        aws=client,
        ledger=Ledger(ledger),
        before=before,
        outcome=outcome,
    )
    handle.stop()


def by_name(world):
    resources = world.engine.deployment("laptop")["deployment"]["resources"]
    return {each["urn"].rsplit("::", 1)[1]: each for each in resources if each["custom"]}


def test_there_is_one_of_every_type_that_the_laptop_realises(world):
    applied = {step.type for step in world.outcome.steps}
    assert {token for token in aws.HANDLERS if token not in applied} == set()


def test_applied_again_nothing_changes(world):
    assert world.engine.apply(WISH).changes == ()


def test_a_refresh_right_after_an_apply_finds_no_difference(world):
    outcome = world.engine.refresh(WISH, preview=True)
    assert outcome.errors == ()
    assert {step.name: (step.operation.value, step.values) for step in outcome.changes} == {}


def test_what_an_import_reads_by_id_alone_previews_as_unchanged_but_for_what_aws_does_not_tell(world):
    plugin = Plugin(world.addresses["aws"])
    plugin.configure(Resource("urn:pulumi:laptop::espice::pulumi:providers:aws::aws", "", True, {}), None)
    found = {}
    for name, known in by_name(world).items():
        if known["type"].startswith("aws:"):
            found[name] = imported(plugin, Resource(known["urn"], known["type"], True, known["inputs"], id=known["id"]))
    plugin.close()
    assert {name: what for name, what in found.items() if what} == NOT_TOLD


def imported(plugin, wanted):
    """The inputs that an import by the id alone would leave to change, or why there can be none."""
    try:
        there = plugin.read(replace(wanted, inputs={}))
    except ProviderError as error:
        return str(error)
    return ", ".join(plugin.diff(there, wanted.inputs).changed)


def test_what_was_changed_by_hand_is_found_property_by_property_and_mended_by_an_apply(world):
    ids = {name: resource["id"] for name, resource in by_name(world).items()}
    for change, _ in by_hand.CHANGES.values():
        change(world.aws, ids)
    outcome = world.engine.refresh(WISH, preview=True)
    assert outcome.errors == ()
    found = {
        step.name: by_hand.GONE if step.operation.value == "delete" else ", ".join(step.changed)
        for step in outcome.changes
    }
    assert found == {name: what for name, (_, what) in by_hand.CHANGES.items()}


def test_what_differs_is_mended_and_what_is_gone_is_made_again_when_the_state_forgets_it(world):
    """The embedded engine takes nothing over from a refresh: made again, everything is adopted or made as it was."""
    world.engine.forget("laptop")
    assert world.engine.apply(WISH).errors == ()
    assert world.engine.refresh(WISH, preview=True).changes == ()


def test_destroyed_nothing_is_left_in_aws_nor_on_record(world):
    assert world.engine.destroy(WISH).errors == ()
    assert everything_in(world.aws) - world.before == set()
    assert {token: list(records) for token, records in world.ledger.read().items() if records} == {}
