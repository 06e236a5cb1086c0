"""How many random examples a property is tried with: all of them in a whole run, a fifth in the fast one."""

import os

from hypothesis import settings

USUAL = 100
FAST = os.environ.get("ESPICE_FAST") == "1"  # as ./inv test --fast has it


def examples(number: int) -> settings:
    """Settings for a property that wants so many examples."""
    return settings(max_examples=max(5, number // 5) if FAST else number)
