"""The contract's asserts tell as much as those of the modules that import it."""

import pytest

pytest.register_assert_rewrite("tests.unit.proposals.forge_contract")
