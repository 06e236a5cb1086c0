"""What the live stack registers, and in which order things become true."""

from dataclasses import replace

import pytest

from delivery.endpoint.reads import history as endpoint_history
from delivery.rules import ledger
from infra.live import LiveInputs, live
from infra.names import PUBLIC_HISTORY
from tests.unit.infra.recorder import DOMAINS, Recorder, infra_of, record

ENVIRONMENTS = sorted(DOMAINS)
HEAD = "catalog/head.json"


def waits_for(stack: Recorder, name: str) -> set[str]:
    """The objects that must be there before this one is written."""
    names = {each.urn: each.name for each in stack.resources}
    provider = stack.of("BucketObjectv2")[name].provider.rpartition("::")[0]
    return {names[urn] for urn in stack.of("BucketObjectv2")[name].dependencies if urn != provider}


@pytest.fixture
def catalog(publication) -> str:
    return f"catalog/{publication.catalog_sha256}.json"


def test_a_narrowing_change_stops_the_static_manifests_before_the_endpoint(lives, publication, catalog):
    stack = lives["staging", True]
    assert waits_for(stack, HEAD) == {catalog, *publication.manifests}
    assert all(waits_for(stack, key) == set() for key in publication.manifests)


def test_a_widening_change_starts_the_endpoint_before_the_static_manifests(lives, publication, catalog):
    stack = lives["staging", False]
    assert waits_for(stack, HEAD) == {catalog}
    assert all(waits_for(stack, key) == {HEAD} for key in publication.manifests)


@pytest.mark.parametrize("narrowing", [True, False])
def test_both_orders_write_the_same_objects(lives, publication, catalog, narrowing):
    objects = lives["production", narrowing].of("BucketObjectv2")
    written = {
        name: (each.inputs["bucket"], each.inputs["key"], each.inputs["content"], each.inputs["cacheControl"])
        for name, each in objects.items()
    }
    manifests = {
        key: ("espice-production-downloads", key, data.decode(), "public, max-age=30")
        for key, data in publication.manifests.items()
    }
    assert written == manifests | {
        catalog: (
            "espice-production-catalog",
            catalog,
            publication.catalog.decode(),
            "public, max-age=31536000, immutable",
        ),
        HEAD: ("espice-production-catalog", HEAD, publication.head.decode(), "no-cache"),
    }


def test_manifests_say_which_override_they_obey_so_that_another_one_writes_them_anew(names, publication):
    def metadata(brake: int) -> dict[str, object]:
        made, config = replace(publication, brake=brake), LiveInputs(names("staging"), infra_of("staging"))
        objects = record("staging-live", lambda: live(config, made, narrowing=True)).of("BucketObjectv2")
        assert all("metadata" not in objects[key].inputs for key in objects if key.startswith("catalog/"))
        return {key: objects[key].inputs.get("metadata") for key in made.manifests}

    assert set(metadata(0).values()) == {None}
    assert [dict(each) for each in metadata(7).values()] == [{"brake": "7"}] * len(publication.manifests)


@pytest.mark.parametrize("narrowing", [True, False])
def test_the_public_history_is_written_beside_the_catalog_too_where_the_endpoint_reads_it(
    names, publication, narrowing
):
    history = b'{"releases": []}\n'
    made = replace(publication, manifests={**publication.manifests, PUBLIC_HISTORY: history})
    config = LiveInputs(names("staging"), infra_of("staging"))
    stack = record("staging-live", lambda: live(config, made, narrowing=narrowing))
    written = [each.inputs for each in stack.of("BucketObjectv2").values() if "history" in each.inputs["key"]]
    assert {(each["bucket"], each["key"], each["content"]) for each in written} == {
        ("espice-staging-downloads", ledger.KEY, history.decode()),
        ("espice-staging-catalog", endpoint_history.KEY, history.decode()),
    }


def test_manifests_are_written_to_r2_and_the_rest_to_aws(lives, publication, inputs):
    stack = lives["staging", True]
    for name, each in stack.of("BucketObjectv2").items():
        assert each.provider.split("::")[-2] == ("r2" if name in publication.manifests else "aws")
    r2 = stack.of("aws")["r2"].inputs
    account = inputs("staging").infra.cloudflare.account
    assert r2["endpoints"] == f'[{{"s3": "https://{account}.r2.cloudflarestorage.com"}}]'
    assert r2["profile"] == "espice-staging-r2"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_key_or_token_stands_in_the_program(lives, platforms, environment):
    for stack in (lives[environment, True], platforms[environment]):
        providers = [each.inputs for each in stack.resources if each.type.startswith("pulumi:providers:")]
        assert providers
        assert all(not {"accessKey", "secretKey", "token", "apiToken", "apiKey"} & set(each) for each in providers)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_manifest_is_deleted_by_the_way(lives, publication, environment):
    objects = lives[environment, True].of("BucketObjectv2")
    assert {objects[key].protect for key in publication.manifests} == {environment != "laptop"}
