"""What the pages decide and compute is right by their own units, and their code is as typed as it says."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.site.node import Node
from tests import nodes
from tests.nodes import quiet

pytestmark = [pytest.mark.site, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
_NOT_IN_GIT = shutil.ignore_patterns("node_modules", ".react-router", ".data", "build")


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Node, Path]]:
    """A copy of site/ as it lies here, in a folder where Node finds the packages by looking upwards."""
    program, packages = nodes.given(tools=True)
    with tempfile.TemporaryDirectory(prefix="units-", dir=packages) as scratch:
        copy = Path(scratch, "site")
        shutil.copytree(ROOT / "site", copy, ignore=_NOT_IN_GIT)
        (copy.parent / "docs").symlink_to(ROOT / "docs")  # units read the API's own document
        yield program, copy


def run(site: tuple[Node, Path], script: str, *words: str) -> str:
    program, copy = site
    return program.run(script, quiet, copy.parents[1] / "node_modules" / script, *words, cwd=copy, NO_COLOR="1")


def test_every_unit_passes(site: tuple[Node, Path]) -> None:
    said = run(site, "vitest/vitest.mjs", "run")
    assert "Test Files" in said
    assert "failed" not in said


def test_the_code_is_as_typed_as_it_says(site: tuple[Node, Path]) -> None:
    run(site, "@react-router/dev/bin.cjs", "typegen")
    run(site, "typescript/bin/tsc", "-p", ".")
