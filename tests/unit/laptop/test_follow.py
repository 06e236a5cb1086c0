"""The tree of code that belongs to a commit, from a real repository."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from delivery.history.code import code_hash
from delivery.history.git import NoHistory
from delivery.laptop.follow import export, subject

CODE = {
    "delivery/__init__.py": "",
    "delivery/rules/decide.py": "NEWEST = True\n",
    "infra/live.py": "print('live')\n",
    "Pulumi.yaml": "name: espice\n",
    "requirements/all.txt": "flask==3.1.3\n",
}
OTHER = {"product.yaml": "product: espice\n", "releases/policy.yaml": "gates: {}\n", "tests/test_it.py": ""}


class Checkout:
    """A repository with a commit of code and facts."""

    def __init__(self, folder: Path) -> None:
        self.repo, self.trees = folder / "repo", folder / "state" / "trees"
        self.repo.mkdir()
        self.git("init", "-q", "-b", "main")
        self.first = self.commit({**CODE, **OTHER})

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@espice.localhost"]
        command = ["git", *who, "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, cwd=self.repo, capture_output=True, text=True, check=True).stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            file = self.repo / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def commit(self, files: Mapping[str, str]) -> str:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "A change\n\nand why")
        return self.git("rev-parse", "HEAD")

    def export(self, commit: str) -> Path:
        return export(self.repo, commit, self.trees)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def texts(tree: Path) -> dict[str, str]:
    return {path.relative_to(tree).as_posix(): path.read_text() for path in tree.rglob("*") if path.is_file()}


def test_a_tree_holds_the_code_of_the_commit_and_no_facts(checkout: Checkout) -> None:
    assert texts(checkout.export(checkout.first)) == CODE


def test_what_is_not_committed_is_not_in_the_tree(checkout: Checkout) -> None:
    checkout.write({"delivery/rules/decide.py": "NEWEST = False\n", "delivery/rules/more.py": ""})
    assert texts(checkout.export(checkout.first)) == CODE


def test_a_commit_of_facts_keeps_the_tree(checkout: Checkout) -> None:
    tree = checkout.export(checkout.first)
    facts = checkout.commit({"releases/policy.yaml": "gates: {default: No worse.}\n", "tests/test_it.py": "# more\n"})
    assert checkout.export(facts) == tree
    assert list(checkout.trees.iterdir()) == [tree]


@pytest.mark.parametrize("path", sorted(CODE))
def test_a_commit_of_code_has_a_tree_of_its_own(checkout: Checkout, path: str) -> None:
    before = checkout.export(checkout.first)
    changed = checkout.commit({path: CODE[path] + "# changed\n"})
    after = checkout.export(changed)
    assert after != before
    assert texts(after) == {**CODE, path: CODE[path] + "# changed\n"}
    assert texts(before) == CODE


def test_going_back_to_code_that_was_meets_its_tree_again(checkout: Checkout) -> None:
    before = checkout.export(checkout.first)
    checkout.export(checkout.commit({"infra/live.py": "print('other')\n"}))
    back = checkout.commit({"infra/live.py": CODE["infra/live.py"]})
    assert checkout.export(back) == before


def test_half_an_export_is_not_taken_for_a_tree(checkout: Checkout) -> None:
    name = code_hash(checkout.repo, checkout.first)
    half = checkout.trees / f"{name}.half"
    half.mkdir(parents=True)
    (half / "left over.py").write_text("from an export that was killed\n")
    tree = checkout.export(checkout.first)
    assert texts(tree) == CODE
    assert list(checkout.trees.iterdir()) == [tree]


def test_a_commit_without_some_of_the_code_can_be_exported(checkout: Checkout) -> None:
    checkout.git("rm", "-q", "-r", "requirements", "Pulumi.yaml")
    commit = checkout.commit({})
    assert sorted(texts(checkout.export(commit))) == [
        "delivery/__init__.py",
        "delivery/rules/decide.py",
        "infra/live.py",
    ]


def test_a_commit_that_is_not_there_says_so(checkout: Checkout) -> None:
    with pytest.raises(NoHistory):
        checkout.export("0" * 40)
    assert not checkout.trees.exists()


def test_a_commit_is_told_by_its_short_id_and_first_line(checkout: Checkout) -> None:
    assert subject(checkout.repo, checkout.first) == f"{checkout.git('rev-parse', '--short', 'HEAD')} A change"
