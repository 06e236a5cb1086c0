"""What a build knows is what the endpoint says of the same facts, and what is public of the content at that moment."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from delivery.history import snapshot
from delivery.rules.problem import Refused
from delivery.site.data import Hosts, data
from tests.laptop.system import git
from tests.unit.site.written import AROUND, FRONT, page

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOSTS = Hosts(
    site="https://espice.test", updates="https://updates.espice.test", downloads="https://downloads.espice.test"
)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """This repository's facts as one commit, with a small site."""
    put(tmp_path, snapshot.in_worktree(ROOT))
    put(tmp_path, {path: data for path, data in AROUND.items() if not path.startswith("releases/")})
    later = page(FRONT, publish_at='"2026-11-26T09:00:00Z"')
    put(tmp_path, {"site/content/news/a.mdx": page(FRONT), "site/content/news/b.mdx": later})
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    return tmp_path


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)


def commit(repo: Path) -> None:
    git(repo, "add", "-A")
    git(repo, "-c", "user.name=A", "-c", "user.email=a@espice.localhost", "commit", "-q", "-m", "All of it")


def made(repo: Path, now: datetime = NOW) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in data(repo, "HEAD", "laptop", now, HOSTS).items()}


def test_it_is_what_the_endpoint_answers(repo: Path) -> None:
    found = made(repo)
    assert sorted(found) == [f"{n}.json" for n in ("channels", "content", "history", "openapi", "product", "releases")]
    versions = {path.name.removesuffix(".yaml") for path in (repo / "releases/versions").iterdir()}
    assert {each["version"] for each in found["releases.json"]["releases"]} == versions
    assert found["releases.json"]["next"] is None
    urls = [file["url"] for each in found["releases.json"]["releases"] for file in each["files"]]
    assert urls
    assert all(url.startswith(f"{HOSTS.downloads}/") for url in urls)
    assert {each["channel"] for each in found["channels.json"]["channels"]} == {"beta", "stable"}
    assert found["history.json"]["environment"] == "laptop"
    assert "/v1/releases" in found["openapi.json"]["paths"]


def test_the_product_is_that_of_the_environment(repo: Path) -> None:
    product = made(repo)["product.json"]
    assert product["updates"] == HOSTS.updates
    assert product["commit"] == snapshot.commit_id(repo, "HEAD")
    assert product["built"] == "2026-11-25T12:00:00Z"
    assert product["repository"] == "espice/delivery"
    assert (product["sentry"], product["replay"], product["analytics"]) == (None, False, None)
    assert [key["id"] for key in product["keys"]] == ["571C4ECA40B224A1"]


def test_only_what_is_public_at_that_moment_is_content(repo: Path) -> None:
    now, later = (made(repo, at)["content.json"] for at in (NOW, NOW + timedelta(days=1)))
    assert [each["path"] for each in now["pages"]] == ["news/a.mdx"]
    assert [each["path"] for each in later["pages"]] == ["news/a.mdx", "news/b.mdx"]
    assert now["pages"][0] == {
        "path": "news/a.mdx",
        "kind": "news",
        "title": FRONT["title"],
        "description": FRONT["description"],
        "author": "documentation",
        "reviewed": "2026-11-20",
        "published": "2026-11-20T09:00:00Z",
    }
    assert now["authors"] == {"documentation": {"title": "ESpice documentation", "mailbox": "docs"}}


def test_the_same_commit_and_moment_give_the_same_bytes(repo: Path) -> None:
    one, other = (data(repo, "HEAD", "laptop", NOW, HOSTS) for _ in range(2))
    assert one == other


def test_what_is_not_committed_is_not_there(repo: Path) -> None:
    before = data(repo, "HEAD", "laptop", NOW, HOSTS)
    put(repo, {"site/content/news/c.mdx": page(FRONT)})
    assert data(repo, "HEAD", "laptop", NOW, HOSTS) == before


def test_releases_beyond_one_answer_are_there_too(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made(repo)["releases.json"]
    monkeypatch.setattr("delivery.endpoint.reads.releases.MOST", 2)
    assert len(whole["releases"]) > 2
    assert made(repo)["releases.json"] == whole


def test_content_that_cannot_be_read_makes_no_build(repo: Path) -> None:
    put(repo, {"site/content/news/a.mdx": page(FRONT, title=None)})
    commit(repo)
    with pytest.raises(Refused, match=r"news/a\.mdx:2: title: is missing"):
        made(repo)
