"""The catalog: a pure function of facts, as canonical bytes."""

import json
from dataclasses import fields

import pytest
from hypothesis import given

from delivery.rules.assemble import assemble as build
from delivery.rules.catalog import Unreadable, from_bytes, object_key, sha256, to_bytes
from delivery.rules.facts import Facts
from delivery.rules.problem import Refused
from tests.unit.rules.worlds import catalog, step, world
from tests.unit.rules.worlds_at_random import worlds

FACTS = world({"stable/1.3.0": [step(100)], "beta/1.4.0": [step(10)]})


@given(worlds())
def test_the_same_facts_give_the_same_bytes_in_whatever_order_they_were_read(facts: Facts) -> None:
    kinds = {each.name: getattr(facts, each.name) for each in fields(Facts)}
    turned = {name: dict(reversed(list(kind.items()))) for name, kind in kinds.items() if isinstance(kind, dict)}
    backwards = Facts(**{**kinds, **turned})
    assert to_bytes(catalog(facts)) == to_bytes(catalog(backwards))


@given(worlds())
def test_a_catalog_survives_its_bytes(facts: Facts) -> None:
    data = to_bytes(catalog(facts))
    assert from_bytes(data) == catalog(facts)
    assert to_bytes(from_bytes(data)) == data


def test_the_bytes_are_canonical_json_with_one_newline_at_the_end() -> None:
    data = to_bytes(catalog(FACTS))
    said = json.loads(data)
    assert data == json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_a_catalog_is_named_by_its_content() -> None:
    assert object_key(sha256(b"")) == "catalog/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.json"


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"^the catalog has schema 2, this code reads 1$"):
        from_bytes(changed(schema=2))


def test_a_feature_that_this_code_lacks_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"^the catalog needs telepathy, which this code lacks$"):
        from_bytes(changed(requires=["barriers", "telepathy"]))


def test_a_newer_schema_is_named_as_such_even_where_its_shape_is_strange() -> None:
    with pytest.raises(Unreadable, match="has schema 2"):
        from_bytes(b'{"schema": 2, "requires": []}')


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"schema": 1, "requires": []}'])
def test_anything_else_is_malformed(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^the catalog is malformed: "):
        from_bytes(data)


def test_an_artifact_signed_by_a_key_of_another_environment_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        build(world({"stable/1.3.0": [step(100)]}, targets={"linux-x86_64": ("deb",)}), "production")
    assert str(refused.value) == (
        "releases/versions/1.3.0.yaml:1: artifacts.linux-x86_64.deb.signature: ESpice_1.3.0_linux-x86_64.deb is signed "
        "by key ABCDEF0123456789 (demo), which production does not trust; "
        "sign it with a key that product.yaml trusts in production"
    )


def changed(**keys: object) -> bytes:
    return json.dumps({**json.loads(to_bytes(catalog(FACTS))), **keys}).encode()
