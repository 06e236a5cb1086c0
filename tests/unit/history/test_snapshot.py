"""The files of facts at a commit and in the work tree, and where a commit stands."""

from pathlib import Path

import pytest

from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.rules.read import Link
from tests.unit.history.conftest import Repository

FACTS = {"product.yaml": "product: espice\n", "releases/channels/beta.yaml": "channel: beta\n"}
BETA = "releases/channels/beta.yaml"


def test_a_commit_gives_its_facts_and_nothing_else(repo: Repository) -> None:
    repo.commit({**FACTS, "README.md": "hello", "delivery/product.yaml": "x", "releases.txt": "x"})
    assert snapshot.at_commit(repo.path, "HEAD") == {path: text.encode() for path, text in FACTS.items()}


def test_other_paths_come_when_asked_for(repo: Repository) -> None:
    repo.commit({**FACTS, "Pulumi.laptop.yaml": "config: {}\n"})
    wanted = ("Pulumi.laptop.yaml", "Pulumi.staging.yaml")
    assert snapshot.at_commit(repo.path, "HEAD", wanted) == {"Pulumi.laptop.yaml": b"config: {}\n"}


def test_bytes_come_as_they_are(repo: Repository) -> None:
    data = bytes(range(256)) * 3 + b"\r\n\n"
    repo.commit({BETA: data, "releases/empty.yaml": b"", "releases/\u00fc \n\t.yaml": b"x"})
    assert snapshot.at_commit(repo.path, "HEAD") == {
        BETA: data,
        "releases/empty.yaml": b"",
        "releases/\u00fc \n\t.yaml": b"x",
    }


def test_the_branch_is_named_and_a_commit_is_none(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "raise-stable")
    assert snapshot.branch(repo.path) == "raise-stable"
    repo.commit(FACTS)
    repo.git("checkout", "-q", "--detach")
    assert snapshot.branch(repo.path) is None


def test_what_is_not_committed_is_not_at_a_commit(repo: Repository) -> None:
    repo.commit(FACTS)
    repo.write({BETA: "channel: gamma\n", "releases/new.yaml": "x"})
    repo.git("add", "--all")
    assert snapshot.at_commit(repo.path, "HEAD") == {path: text.encode() for path, text in FACTS.items()}


def test_an_older_commit_gives_older_facts(repo: Repository) -> None:
    first = repo.commit(FACTS)
    repo.commit({BETA: "channel: gamma\n"})
    assert snapshot.at_commit(repo.path, first)[BETA] == b"channel: beta\n"
    assert snapshot.at_commit(repo.path, "main")[BETA] == b"channel: gamma\n"


def test_a_commit_without_facts_gives_none(repo: Repository) -> None:
    repo.commit({"README.md": "hello"})
    assert snapshot.at_commit(repo.path, "HEAD") == {}


def test_the_work_tree_has_what_is_new_and_lacks_what_is_deleted_or_ignored(repo: Repository) -> None:
    repo.commit({**FACTS, ".gitignore": "*.swp\n"})
    repo.write({"releases/new.yaml": "x", "releases/.new.yaml.swp": "x"})
    (repo.path / BETA).unlink()
    assert snapshot.in_worktree(repo.path) == {"product.yaml": b"product: espice\n", "releases/new.yaml": b"x"}


def test_a_symbolic_link_is_told_from_a_file_in_both(repo: Repository) -> None:
    repo.write(FACTS)
    (repo.path / "releases/away.yaml").symlink_to("../README.md")
    (repo.path / "releases/stops").symlink_to("channels")
    repo.commit()
    for found in (snapshot.at_commit(repo.path, "HEAD"), snapshot.in_worktree(repo.path)):
        assert {path: data for path, data in found.items() if isinstance(data, Link)} == {
            "releases/away.yaml": b"../README.md",
            "releases/stops": b"channels",
        }


def test_a_folder_that_became_a_link_shows_as_the_link(repo: Repository) -> None:
    repo.commit(FACTS)
    (repo.path / "releases/channels").rename(repo.path / "elsewhere")
    (repo.path / "releases/channels").symlink_to("../elsewhere")
    assert snapshot.in_worktree(repo.path) == {
        "product.yaml": b"product: espice\n",
        "releases/channels": Link(b"../elsewhere"),
    }


def test_a_submodule_is_told_from_a_file(repo: Repository) -> None:
    first = repo.commit(FACTS)
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{first},releases/stops")
    repo.git("commit", "--quiet", "--message", "a submodule")
    found = snapshot.at_commit(repo.path, "HEAD")["releases/stops"]
    assert isinstance(found, Link)
    assert found == b""


def test_the_variables_of_a_git_hook_do_not_turn_us_elsewhere(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(FACTS)
    other = Repository(tmp_path / "other")
    other.commit({BETA: "channel: other\n"})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    assert snapshot.at_commit(repo.path, "HEAD")[BETA] == b"channel: beta\n"


def test_the_serial_counts_merges_as_one(repo: Repository) -> None:
    repo.commit(FACTS)
    repo.git("checkout", "--quiet", "-b", "side")
    for number in range(3):
        repo.commit({"x": str(number)})
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "side")
    assert snapshot.serial(repo.path, "HEAD") == 2
    assert snapshot.serial(repo.path, "side") == 4


def test_the_merge_base_is_where_two_branches_parted(repo: Repository) -> None:
    first = repo.commit(FACTS)
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"x": "1"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"y": "1"})
    assert snapshot.merge_base(repo.path, "main", "side") == first


def test_branches_that_never_met(repo: Repository) -> None:
    repo.commit(FACTS)
    repo.git("checkout", "--quiet", "--orphan", "island")
    repo.commit({"x": "1"})
    with pytest.raises(NoHistory, match=r"^main and island have no commit in common; fetch both from one repository$"):
        snapshot.merge_base(repo.path, "main", "island")


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(NoHistory, match=r"is not a git repository; clone it with git instead of copying its files$"):
        snapshot.at_commit(tmp_path, "HEAD")
    with pytest.raises(NoHistory, match=r"is not a git repository"):
        snapshot.in_worktree(tmp_path / "nowhere")


def test_a_repository_without_a_commit(repo: Repository) -> None:
    with pytest.raises(NoHistory, match=r"has no commit yet; commit what you have, then try again$"):
        snapshot.commit_id(repo.path, "HEAD")


@pytest.mark.parametrize("ref", ["nowhere", "--all", "HEAD:releases", "HEAD^{tree}", ""])
def test_a_ref_that_names_no_commit(repo: Repository, ref: str) -> None:
    repo.commit(FACTS)
    with pytest.raises(NoHistory, match=r"^git knows no commit .* here; fetch it, or name another$"):
        snapshot.at_commit(repo.path, ref)


def test_a_shallow_clone_is_told_apart(repo: Repository, tmp_path: Path) -> None:
    repo.commit(FACTS)
    repo.commit({"x": "1"})
    shallow = tmp_path / "shallow"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(shallow))
    assert snapshot.at_commit(shallow, "HEAD")[BETA] == b"channel: beta\n"
    for counted in (snapshot.serial, lambda path, ref: snapshot.merge_base(path, ref, ref)):
        with pytest.raises(NoHistory, match=r"is a shallow clone and lacks history; run git fetch --unshallow$"):
            counted(shallow, "HEAD")
