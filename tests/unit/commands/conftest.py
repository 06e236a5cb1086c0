"""One copied repository for all tests of a run, put back after each."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.github.bare import Bare
from tests.laptop.system import copy_of_this_repository
from tests.unit.commands.desk import Desk


@pytest.fixture(scope="session")
def one_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Made once."""
    return Desk(copy_of_this_repository(tmp_path_factory.mktemp("espice")))


@pytest.fixture
def desk(one_desk: Desk) -> Iterator[Desk]:
    """The repository as it is; what a test changes or commits in it is taken back."""
    before = one_desk.git("rev-parse", "HEAD").strip()
    yield one_desk
    one_desk.git("reset", "-q", "--hard", before)
    one_desk.git("clean", "-qfdx")


@pytest.fixture
def alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The same where no forge is told of by the shell that runs the tests; what is proposed is forgotten after each."""
    for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    desk.git("config", "user.name", "A Maintainer")
    desk.git("config", "user.email", "maintainer@espice.localhost")
    yield desk
    for ref in desk.git("for-each-ref", "--format=%(refname)").split():
        if ref != "refs/heads/main":
            desk.git("update-ref", "-d", ref)


@pytest.fixture(scope="session")
def pushed_to(one_desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Bare]:
    """A forge's repository in this folder, with main as the desk's was when it was made.

    Each test has a copy of its own of what was pushed once: to pack all of it takes half a second.
    """
    once = Bare(tmp_path_factory.mktemp("forge") / "once.git")
    once.make()
    one_desk.git("push", "-q", str(once.folder), "main")

    def pushed(folder: Path) -> Bare:
        return Bare(shutil.copytree(once.folder, folder))

    return pushed
