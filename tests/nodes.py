"""Node and the site's packages for tests: those of this checkout, which gets them if need be."""

from pathlib import Path

from delivery.engines.making import Progress
from delivery.site import node
from delivery.site.node import Node

ROOT = Path(__file__).resolve().parents[1]


def given(*, tools: bool = False) -> tuple[Node, Path]:
    """Node, and the folder of the packages. Raises NoNode where no index is within reach."""
    program = node.node(ROOT / ".state", (ROOT / node.LOCK).read_bytes(), quiet)
    return program, node.packages(program, ROOT / ".state", node.manifests(ROOT), quiet, tools=tools)


def lend(repo: Path) -> None:
    """Let another checkout use them where they are. Node comes last: who has it goes on to look for the packages."""
    program, packages = given()
    for folder in (packages, program.folder):
        there = repo / folder.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.symlink_to(folder)


def quiet(_: Progress) -> None:
    """Tests say nothing of progress."""
