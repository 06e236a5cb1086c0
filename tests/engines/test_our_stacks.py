"""Our own stacks: previewed for every environment without a cloud, and applied on the laptop's."""

import hashlib
from pathlib import Path
from typing import get_args

import pytest

from delivery.deploy.programs import ground_stack, live_stack, platform_stack
from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop import edge, keys
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.shapes import Environment
from infra import config
from infra.build import Build, Builds
from infra.names import Names
from infra.publication import Publication

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = get_args(Environment)
OTHERS = Build("cd" * 32)


def facts(environment):
    product, problems = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    infra, more = config.read(config.path(environment), (ROOT / config.path(environment)).read_bytes())
    assert (*problems, *more) == ()
    return product.value, infra


def ground(environment):
    product, infra = facts(environment)
    return ground_stack(product, environment, infra)


def platform(environment, build, others=OTHERS):
    product, infra = facts(environment)
    secrets = keys.secrets() if environment == "laptop" else dict.fromkeys(config.SECRETS, config.NOT_READ)
    return platform_stack(product, environment, infra, Builds(build, others, others), secrets)


def live(environment, catalog: bytes):
    product, infra = facts(environment)
    digest = hashlib.sha256(catalog).hexdigest()
    manifests = {f"static/stable-{target}.json": b'{"version":"1.3.0"}' for target in range(3)}
    publication = Publication(catalog, digest, b'{"sha256":"%s"}' % digest.encode(), manifests)
    return live_stack(product, environment, infra, publication, narrowing=False)


@pytest.fixture(scope="module")
def planner(tmp_path_factory):
    handle = serve(plan_only_packages(), plan_only=True)
    yield EmbeddedEngine(tmp_path_factory.mktemp("state"), handle.addresses)
    handle.stop()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_all_stacks_can_be_previewed_without_a_cloud(planner, environment):
    for wish in (ground(environment), platform(environment, Build("ab" * 32)), live(environment, b"{}")):
        outcome = planner.preview(wish)
        assert outcome.errors == ()
        assert {step.operation.value for step in outcome.steps} == {"create"}


def uploaded(storage, text: bytes) -> Build:
    names = Names.of(facts("laptop")[0], "laptop")
    build = Build(hashlib.sha256(text).hexdigest())
    storage.put_object(Bucket=names.builds, Key=build.key, Body=text)
    return build


def changes(outcome) -> dict[str, str]:
    assert outcome.errors == ()
    return {step.name: step.operation.value for step in outcome.changes}


@pytest.mark.slow
def test_the_platform_is_made_once_and_a_new_build_changes_the_function_and_its_alias(laptop, storage, ledger):
    assert len(changes(laptop.apply(ground("laptop")))) > 20
    one, two = uploaded(storage, b"one"), uploaded(storage, b"two")
    assert len(changes(laptop.apply(platform("laptop", one, one)))) > 50
    assert changes(laptop.apply(platform("laptop", one, one))) == {}
    wish = platform("laptop", two, one)
    # The probe is a part of the endpoint's own build.
    touched = ("updates", "updates-live", "probe", "probe-live")
    assert changes(laptop.preview(wish)) == changes(laptop.apply(wish)) == dict.fromkeys(touched, "update")
    assert changes(laptop.apply(wish)) == {}
    known = edge.runtime(Ledger(ledger).read())
    updates = Names.of(facts("laptop")[0], "laptop").function
    answering = [build for build in known.endpoints if build.function.partition(":")[0] == updates]
    assert [(build.version, build.sha256, build.weight) for build in answering] == [("2", two.sha256, 1.0)]
    assert {host.name.split(".")[0] for host in known.hosts} == {"updates", "downloads", "espice", "console", "www"}


@pytest.mark.slow
def test_new_facts_change_objects_only_and_the_old_catalog_goes_last(laptop, storage):
    assert changes(laptop.apply(ground("laptop")))
    one = uploaded(storage, b"one")
    assert changes(laptop.apply(platform("laptop", one, one)))
    changes(laptop.apply(live("laptop", b'{"serial":1}')))
    assert changes(laptop.apply(live("laptop", b'{"serial":1}'))) == {}
    outcome = laptop.apply(live("laptop", b'{"serial":2}'))
    assert sorted(changes(outcome).values()) == ["create", "delete", "update"]
    assert outcome.changes[-1].operation.value == "delete"
    assert {step.type for step in outcome.changes} == {"aws:s3/bucketObjectv2:BucketObjectv2"}
