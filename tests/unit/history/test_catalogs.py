"""The catalogs that were live, commit by commit."""

from delivery.history.catalogs import Known, Unknown, known, lives
from tests.unit.history.conftest import Repository
from tests.unit.rules.worlds import catalog, files, step, world

ONE, TWO = world({"stable/1.3.0": [step(100)]}), world({"stable/1.3.0": [step(100)], "stable/1.4.0": [step(10)]})


def text(**changes: bytes) -> dict[str, str | bytes]:
    return {**files(ONE), **{f"releases/stops/{name}.yaml": data for name, data in changes.items()}}


def test_each_commit_that_changed_facts_has_its_catalog(repo: Repository) -> None:
    first = repo.commit(files(ONE))
    repo.commit({"README.md": "no fact"})
    second = repo.commit(files(TWO))
    found = lives(repo.path, "HEAD", "laptop")
    assert [live.commit for live in found] == [first, second]
    assert [sorted(live.catalog.releases) for live in found] == [["1.3.0"], ["1.3.0", "1.4.0"]]
    assert found[1].catalog.offerings[0].stages[0].permille == catalog(TWO).offerings[0].stages[0].permille


def test_facts_that_cannot_be_read_were_never_live(repo: Repository) -> None:
    first = repo.commit(files(ONE))
    repo.commit(text(broken=b"stop: everything\n"))
    assert [live.commit for live in lives(repo.path, "HEAD", "laptop")] == [first]


def test_what_an_environment_does_not_trust_was_never_live_there() -> None:
    assert isinstance(known(files(ONE), "laptop"), Known)
    said = known(files(ONE), "production")
    assert isinstance(said, Unknown)
    assert "which production does not trust" in said.problems[0].what


def test_a_repository_that_never_had_facts(repo: Repository) -> None:
    repo.commit({"README.md": "no fact"})
    assert lives(repo.path, "HEAD", "laptop") == ()
