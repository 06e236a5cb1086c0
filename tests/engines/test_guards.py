"""Names and certificates are not taken away by an apply that does not say so."""

import json
from dataclasses import replace

import pulumi_cloudflare as cloudflare
import pytest

from delivery.deploy.guards import KEY, Guarded, acknowledged
from delivery.deploy.programs import platform_stack
from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.server import Package, serve
from infra import config
from infra.build import Build, Builds
from tests.engines import test_our_stacks as our_stacks
from tests.engines.programs import Cloud, Thing, stack

RECORD = "cloudflare:index/dnsRecord:DnsRecord"


@pytest.fixture
def guarded(tmp_path):
    cloud = Cloud(tmp_path / "cloud.json")
    handle = serve([Package("cloudflare", {RECORD: Thing("zoneId", "name", "type")}, lambda _: cloud, None)])
    yield Guarded(EmbeddedEngine(tmp_path / "state", handle.addresses))
    handle.stop()


def record(name="updates.espice.app", content="192.0.2.1", *, logical="updates", acknowledge=()):
    def program():
        cloudflare.DnsRecord(logical, zone_id="0" * 32, name=name, type="A", content=content, ttl=60)

    return stack(program, config={KEY: json.dumps(acknowledge)} if acknowledge else {})


def operations(outcome):
    assert outcome.errors == ()
    return {step.name: step.operation.value for step in outcome.changes if step.type == RECORD}


def test_a_record_is_made_and_changed(guarded):
    assert operations(guarded.apply(record())) == {"updates": "create"}
    assert operations(guarded.apply(record(content="192.0.2.2"))) == {"updates": "update"}


@pytest.mark.parametrize(
    ("wish", "lost"),
    [(record(name="u.espice.app"), "be replaced"), (stack(lambda: None), "be deleted")],
    ids=["replaced", "deleted"],
)
def test_it_is_not_taken_away_without_a_word(guarded, wish, lost):
    guarded.apply(record())
    before = guarded.deployment("laptop")
    refused = (
        f"{RECORD} updates: it would {lost}, and installations find us by it; undo the change, "
        "or add updates to acknowledge in the stack file in a reviewed change of its own",
    )
    assert guarded.preview(wish).errors == refused
    outcome = guarded.apply(wish)
    assert (outcome.errors, outcome.steps) == (refused, ())
    assert guarded.deployment("laptop") == before


@pytest.mark.parametrize("by", ["updates", f"urn:pulumi:laptop::espice::{RECORD}::updates"])
def test_it_is_taken_away_where_that_is_acknowledged(guarded, by):
    guarded.apply(record())
    assert operations(guarded.apply(record(name="u.espice.app", acknowledge=[by]))) == {"updates": "replace"}


def test_what_cannot_be_previewed_is_not_applied(guarded):
    outcome = guarded.apply(stack(lambda: 1 / 0))
    assert outcome.steps == ()
    assert "ZeroDivisionError" in outcome.errors[0]


def test_a_stack_file_says_what_may_go():
    product, infra = our_stacks.facts("staging")
    build = Build("ab" * 32)
    builds, secrets = Builds(build, build, build), dict.fromkeys(config.SECRETS, config.NOT_READ)
    for wanted in ((), ("updates-record",)):
        wish = platform_stack(product, "staging", replace(infra, acknowledge=wanted), builds, secrets)
        assert acknowledged(wish) == frozenset(wanted)


def test_a_stack_file_has_a_place_for_it():
    path = config.path("staging")
    text = (our_stacks.ROOT / path).read_text()
    infra, problems = config.read(
        path, text.replace("  espice:infra:\n", "  espice:infra:\n    acknowledge: [www]\n").encode()
    )
    assert problems == ()
    assert infra.acknowledge == ("www",)
