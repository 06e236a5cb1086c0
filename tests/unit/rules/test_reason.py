"""A reason is judged before there is a fact that it could stand in, and as facts would judge it."""

import pytest

from delivery.rules.reason import unfit


@pytest.mark.parametrize("reason", ["reports of lost work", "-10 % of users: \"crash\" # at 'start'", "no"])
def test_a_sentence_on_one_line_may_be_one(reason: str) -> None:
    assert unfit(reason) == ()


@pytest.mark.parametrize("reason", ["", "   ", "one line\nand another"])
def test_anything_else_may_not_and_it_is_said_how_to_mend_it(reason: str) -> None:
    [problem] = unfit(reason)
    assert (problem.field, problem.what.endswith("is not a sentence on one line, not empty")) == ("reason", True)
    assert problem.mend == "write one"
