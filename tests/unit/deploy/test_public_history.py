"""The public history, made from a real repository."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from delivery.deploy.history import public_history
from delivery.deploy.steps import prepare, publication
from delivery.rules.facts import Facts
from tests.unit.rules import files as small
from tests.unit.rules.worlds import files, step, world


def repository(path: Path, facts: Facts) -> Path:
    for name, data in files(facts).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    who = ("-c", "user.name=A Person", "-c", "user.email=person@espice.app", "-c", "commit.gpgsign=false")
    for arguments in (("init", "--quiet"), ("add", "--all"), (*who, "commit", "--quiet", "-m", "Begin")):
        subprocess.run(["git", *arguments], cwd=path, check=True)
    return path


def test_the_same_commit_and_moment_give_the_same_bytes(tmp_path: Path) -> None:
    repo, now = repository(tmp_path, world({"stable/1.4.0": [step(10, -9000)]})), datetime.now(UTC)
    one, other = (public_history(repo, "HEAD", "laptop", now) for _ in range(2))
    assert one == other
    releases = json.loads(one["v1/history.json"])["releases"]
    assert [(each["channel"], each["version"], each["fraction"]) for each in releases] == [("stable", "1.4.0", 0.1)]


def test_there_is_none_where_nothing_was_ever_live(tmp_path: Path) -> None:
    repo = repository(tmp_path, world({"stable/1.4.0": [step(10, -9000)]}))
    assert public_history(repo, "HEAD", "production", datetime.now(UTC)) == {}, "it trusts no demo key"


def test_it_is_published_beside_the_manifests() -> None:
    prepared = prepare(small.files(), None, "laptop", small.NOW)
    url, feed = "https://downloads.espice.localhost", {"v1/history.json": b"{}"}
    without, made = (publication(prepared, b"head", url, small.NOW, beside) for beside in (None, feed))
    assert without.manifests
    assert made.manifests == {**without.manifests, **feed}
