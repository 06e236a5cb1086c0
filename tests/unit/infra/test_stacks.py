"""What a stack's name means."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.facts import Environment
from infra.stacks import Kind, split

STACKS = {
    name: (each, kind)
    for each in get_args(Environment)
    for name, kind in ((f"{each}-ground", Kind.ground), (each, Kind.platform), (f"{each}-live", Kind.live))
}


@pytest.mark.parametrize("name", STACKS)
def test_each_environment_has_three_stacks(name: str) -> None:
    environment, kind = split(name)
    assert (environment, kind) == STACKS[name]
    assert kind.of(environment) == name


@given(
    st.text().filter(lambda text: text not in STACKS)
    | st.sampled_from(["live", "-live", "laptop-", "laptop-platform", "laptop-live-live", "Laptop", "prod"])
)
def test_any_other_name_is_answered_with_the_names_there_are(name: str) -> None:
    with pytest.raises(ValueError, match="there is no stack") as refused:
        split(name)
    assert str(refused.value) == f"there is no stack {name}; there are {', '.join(STACKS)}"
