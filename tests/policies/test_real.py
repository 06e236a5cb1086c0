"""The real engine runs the very same pack, in a process of its own, and says the same."""

import pytest

import policies
from delivery.engines.stack import Stack
from tests.engines.programs import real_with
from tests.policies.cases import CASES, together

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture
def real(providers, tmp_path):
    return real_with(tmp_path / "real", providers, policies=[policies.FOLDER])


@pytest.mark.parametrize("which", ["wrong", "right"])
def test_all_programs_in_one_stack_are_told_what_the_embedded_engine_tells(strict, real, which):
    stack = Stack("espice", "staging", together(*(getattr(case, which) for case in CASES)))
    told, expected = real.preview(stack), strict.preview(stack)
    assert sorted(told.errors) == sorted(expected.errors)
    said = [f"{sentence} (policy {case.policy})" for case in CASES for sentence in case.said]
    assert sorted(told.errors) == (sorted(said) if which == "wrong" else [])
