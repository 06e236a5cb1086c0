"""`./inv bless` (ESPICE_BLESS=1) rewrites what the scenarios and wrong changes expect to what is said now."""

import os

import pytest


@pytest.fixture
def bless() -> bool:
    """Whether expectations are to be rewritten and not compared: read the diff before you commit it."""
    return os.environ.get("ESPICE_BLESS") == "1"
