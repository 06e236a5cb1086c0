"""Which commits may follow one another, in real repositories."""

from pathlib import Path

import pytest

from delivery.deploy import lineage
from delivery.history.git import NoHistory
from tests.laptop.system import git


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "1")
    return folder


def commit(repo: Path, product: str) -> str:
    (repo / "product.yaml").write_text(product)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", product)
    return git(repo, "rev-parse", "HEAD").strip()


def test_a_commit_has_itself_and_what_is_behind_it_and_nothing_else(repo: Path) -> None:
    first, second = git(repo, "rev-parse", "HEAD").strip(), commit(repo, "2")
    git(repo, "checkout", "-q", "-b", "aside", first)
    aside = commit(repo, "3")
    assert lineage.has(repo, second, second)
    assert lineage.has(repo, second, first)
    assert not lineage.has(repo, first, second)
    assert not lineage.has(repo, aside, second)
    assert not lineage.has(repo, second, "f" * 40), "it was never fetched"


def test_a_clone_that_was_cut_short_says_nothing(repo: Path, tmp_path: Path) -> None:
    commit(repo, "2")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repo}", "short")
    with pytest.raises(NoHistory, match="shallow"):
        lineage.has(tmp_path / "short", "HEAD", "HEAD")


def test_merged_is_what_main_has_where_there_is_no_origin(repo: Path) -> None:
    first = git(repo, "rev-parse", "HEAD").strip()
    git(repo, "checkout", "-q", "-b", "aside")
    aside = commit(repo, "2")
    assert lineage.unmerged(repo, first, "main") is None
    said = lineage.unmerged(repo, aside, "main")
    assert said == f"HEAD ({aside}) is not on main; merge it, or if it is merged, git fetch"


def test_where_there_is_an_origin_it_is_what_origin_has(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repo), "clone")
    clone = tmp_path / "clone"
    assert lineage.unmerged(clone, git(clone, "rev-parse", "HEAD").strip(), "main") is None
    ahead = commit(clone, "2")
    said = lineage.unmerged(clone, ahead, "main")
    assert said == f"HEAD ({ahead}) is not on origin/main; merge it, or if it is merged, git fetch"


def test_a_commit_is_checked_against_what_it_has_in_common_with_the_live_one(repo: Path) -> None:
    first, second = git(repo, "rev-parse", "HEAD").strip(), commit(repo, "2")
    assert lineage.base(repo, first, second) == {"product.yaml": b"1"}
    assert lineage.base(repo, second, first) == {"product.yaml": b"1"}
    assert lineage.base(repo, None, second) == lineage.base(repo, "f" * 40, second) == {"product.yaml": b"2"}
