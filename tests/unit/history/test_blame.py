"""Who wrote a line of a fact."""

import pytest

from delivery.history.blame import line_commit, wrote
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


def test_a_merged_line_names_who_wrote_it_and_the_merge_that_made_it_true(repo: Repository) -> None:
    first = repo.commit({FACT: "steps:\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.git("config", "user.name", "Another Person")
    second = repo.commit({FACT: "steps:\n  - one\n\n"})
    repo.git("checkout", "--quiet", "main")
    repo.git("config", "user.name", "A Merger")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #12 from espice/side", "side")
    found = wrote(repo.path, "HEAD", FACT, {1, 2, 3})
    assert [(line.text, line.by.id, line.by.author) for line in found.values()] == [
        ("steps:", first, "A Person"),
        ("  - one", second, "Another Person"),
        ("", second, "Another Person"),
    ]
    merge = repo.git("rev-parse", "HEAD")
    assert [(line.merged.id, line.merged.author, line.merged.pull_request) for line in found.values()] == [
        (first, "A Person", None),
        (merge, "A Merger", 12),
        (merge, "A Merger", 12),
    ]
