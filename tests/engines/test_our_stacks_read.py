"""Our own stacks, read back from the laptop's clouds: a refresh finds what the apply has left, and no difference."""

import pytest

from tests.engines.test_our_stacks import ground, live, platform, uploaded

pytestmark = pytest.mark.slow


def test_a_refresh_right_after_an_apply_finds_no_difference(laptop, storage):
    assert laptop.apply(ground("laptop")).errors == ()
    build = uploaded(storage, b"one")
    stacks = (platform("laptop", build, build), live("laptop", b'{"serial":1}'))
    for wish in stacks:
        assert laptop.apply(wish).errors == ()
    for wish in (ground("laptop"), *stacks):
        outcome = laptop.refresh(wish, preview=True)
        assert outcome.errors == ()
        assert {step.name: (step.operation.value, step.values) for step in outcome.changes} == {}
