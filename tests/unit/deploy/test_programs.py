"""What a stack's name means."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.programs import split
from delivery.rules.facts import Environment

STACKS = {name: (each, name != each) for each in get_args(Environment) for name in (each, f"{each}-live")}


@pytest.mark.parametrize("name", STACKS)
def test_each_environment_has_two_stacks(name: str) -> None:
    assert split(name) == STACKS[name]


@given(
    st.text().filter(lambda text: text not in STACKS)
    | st.sampled_from(["live", "-live", "laptop-", "laptop-live-live", "Laptop", "prod"])
)
def test_any_other_name_is_answered_with_the_names_there_are(name: str) -> None:
    with pytest.raises(ValueError, match="there is no stack") as refused:
        split(name)
    assert str(refused.value) == f"there is no stack {name}; there are {', '.join(STACKS)}"
