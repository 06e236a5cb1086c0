"""What a build is named by, what is kept of it, and what is said of one that fails. React Router's part is played here:
tests/laptop/test_site.py has it for real."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from delivery.engines.making import Progress
from delivery.site import node
from delivery.site.build import KEPT, BuildFailed, Wanted, build, wanted
from delivery.site.data import Hosts
from delivery.site.node import Failed, Node
from tests.laptop.system import git
from tests.unit.site.written import NOW

HOSTS = Hosts(site="http://site.test", updates="http://updates.test", downloads="http://downloads.test")
PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8"/></head><body>{}</body></html>'
PRODUCT = {"updates": HOSTS.updates, "downloads": HOSTS.downloads, "built": "1", "commit": "a"}


def quiet(_: Progress) -> None:
    """Nobody watches."""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with a site of one page, and what gets Node."""
    files = dict.fromkeys((*node.MANIFESTS, node.LOCK), "{}") | {"site/page": "Hello"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "A site")
    return tmp_path


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was run by Node; a build is the page's text between the bytes of a page."""
    ran: list[str] = []

    def run(_: Node, what: str, _tell: object, *_words: object, cwd: Path, **told: str) -> str:
        ran.append(what)
        if (cwd / "page").read_text() == "broken":
            raise Failed(f"\x1b[31mvite\x1b[0m\nok\nBuild failed\n{cwd}/page:1 is broken\n    at somewhere (x.js:1)\n")
        out = Path(told["ESPICE_SITE_BUILD"]) / "client"
        out.mkdir(parents=True)
        (out / "index.html").write_text(PAGE.format((cwd / "page").read_text()))
        return ""

    packages = tmp_path / ".state/packages"
    packages.mkdir(parents=True)
    monkeypatch.setattr(Node, "run", run)
    monkeypatch.setattr(node, "node", lambda *_: Node(tmp_path))
    monkeypatch.setattr(node, "packages", lambda *_: packages)
    return ran


def asked(repo: Path, **product: Any) -> Wanted:
    """A build of HEAD whose product.json is this."""
    data = {"product.json": json.dumps({**PRODUCT, **product}).encode()}
    return Wanted(git(repo, "rev-parse", "HEAD").strip(), git(repo, "ls-tree", "HEAD", "site").encode(), data)


def test_the_same_thing_is_never_built_twice(repo: Path, runs: list[str]) -> None:
    first = build(repo, asked(repo), quiet)
    again = build(repo, asked(repo, built="2", commit="b"), quiet)
    assert runs == ["building"]
    assert (first.is_new, again.is_new, again.folder) == (True, False, first.folder)
    assert "Content-Security-Policy" in (first.folder / "index.html").read_text()


def test_another_tree_other_data_or_another_way_to_build_is_another_build(repo: Path) -> None:
    one = asked(repo)
    others = {one.key, asked(repo, sentry="x").key, replace(one, made_by=b"another").key}
    others.add(replace(one, data={**one.data, "content.json": b"{}"}).key)
    assert len(others) == 4
    assert replace(one, commit="0" * 40).key == one.key


def test_it_is_the_commit_that_is_built_and_not_what_lies_there(repo: Path, runs: list[str]) -> None:
    (repo / "site/page").write_text("broken")
    assert "Hello" in (build(repo, asked(repo), quiet).folder / "index.html").read_text()
    assert runs == ["building"]


def test_a_build_that_fails_says_where_and_leaves_nothing(repo: Path, runs: list[str]) -> None:
    (repo / "site/page").write_text("broken")
    git(repo, "commit", "-qam", "Break it")
    with pytest.raises(BuildFailed) as failed:
        build(repo, asked(repo), quiet)
    head = git(repo, "rev-parse", "HEAD")[:9]
    assert str(failed.value) == f"the site of {head} does not build: Build failed\nsite/page:1 is broken"
    assert runs == ["building"]
    assert [each.name for each in (repo / ".state/site/builds").iterdir()] == [".lock"]
    assert [each.name for each in (repo / ".state/packages").iterdir()] == [".building"]


def test_what_the_policy_would_break_fails_the_build(repo: Path, runs: list[str]) -> None:
    (repo / "site/page").write_text('<p style="a">')
    git(repo, "commit", "-qam", "Style it")
    with pytest.raises(BuildFailed, match='/ has <p style="a">'):
        build(repo, asked(repo), quiet)
    assert runs == ["building"]


def test_the_builds_that_were_asked_for_last_are_kept(repo: Path, runs: list[str]) -> None:
    made = [build(repo, asked(repo, sentry=str(number)), quiet).folder for number in range(KEPT + 2)]
    assert [folder.exists() for folder in made] == [False] * 2 + [True] * KEPT
    assert len(runs) == KEPT + 2


def test_a_commit_from_before_the_site_says_so(repo: Path) -> None:
    with pytest.raises(BuildFailed, match="has no site yet; name a later one"):
        wanted(repo, "HEAD", "laptop", HOSTS, NOW)  # it lacks delivery/site/finish.py
