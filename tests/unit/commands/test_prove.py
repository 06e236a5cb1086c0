"""./inv prove where there is nothing to ask."""

import pytest

from tests.unit.commands.desk import Desk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("laptop", "nothing runs here; ./inv up starts it"),
        ("laptop-live", "laptop-live: an edge stands in front of a whole environment; ./inv prove laptop"),
        ("moon", "there is no stack moon; "),
    ],
)
def test_it_says_where_there_is_nothing_to_prove(desk: Desk, environment: str, said: str) -> None:
    found = desk.inv("prove", environment, "--json")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith(said)
