"""./inv prove where there is nothing to ask."""

import pytest

from tests.unit.commands.desk import Desk, Said

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("laptop", "nothing runs here; ./inv up starts it"),
        ("laptop-live", "there is no environment laptop-live; did you mean laptop?"),
        ("labtop", "there is no environment labtop; did you mean laptop?"),
        ("moon", "there is no environment moon; there are laptop, staging and production"),
    ],
)
def test_it_says_where_there_is_nothing_to_prove(desk: Desk, environment: str, said: str) -> None:
    found = desk.inv("prove", environment, "--json")
    assert found == Said(2, "", f"{said}\n")
