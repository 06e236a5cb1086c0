"""Who wrote a line of a fact."""

import pytest

from delivery.history.blame import line_commit
from delivery.history.git import NoHistory
from tests.unit.history.conftest import Repository

FACT = "releases/rollouts/stable/1.4.0.yaml"


def test_each_line_names_the_commit_that_wrote_it(repo: Repository) -> None:
    first = repo.commit({FACT: "steps:\n  - one\n"})
    second = repo.commit({FACT: "steps:\n  - one\n  - two\n"})
    assert [line_commit(repo.path, "HEAD", FACT, line) for line in (1, 2, 3)] == [first, first, second]


def test_an_older_commit_knows_nothing_of_later_edits(repo: Repository) -> None:
    first = repo.commit({FACT: "steps:\n"})
    repo.commit({FACT: "steps: []\n"})
    assert line_commit(repo.path, first, FACT, 1) == first


def test_a_line_or_a_file_that_is_not_there(repo: Repository) -> None:
    repo.commit({FACT: "steps:\n"})
    with pytest.raises(NoHistory, match=rf"^{FACT} has no line 9 at HEAD; look at git log -- {FACT}$"):
        line_commit(repo.path, "HEAD", FACT, 9)
    with pytest.raises(NoHistory, match=r"^x has no line 1 at HEAD"):
        line_commit(repo.path, "HEAD", "x", 1)
