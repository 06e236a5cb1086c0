"""Each policy violated and met, through both engines."""

import pytest

from delivery.engines.stack import Stack
from policies import POLICIES
from tests.policies.cases import CASES, together

BY_POLICY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.policy)


def stack(*programs):
    return Stack("espice", "staging", together(*programs))


def said(case):
    return [f"{sentence} (policy {case.policy})" for sentence in case.said]


@BY_POLICY
def test_a_program_that_violates_a_policy_is_told_so(strict, case):
    assert sorted(strict.preview(stack(case.wrong)).errors) == sorted(said(case))


@BY_POLICY
def test_a_program_that_meets_it_is_not(strict, case):
    assert strict.preview(stack(case.right)).errors == ()


def test_every_policy_has_a_case():
    assert [case.policy for case in CASES] == [policy.name for policy in POLICIES]
