"""Claims in real git: here, and in a repository that several people share. One of two wins, and none is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.announce.claims import REF, Claim, Claims, State
from delivery.history.git import git
from delivery.proposals.github_git import Remote
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.unit.history.conftest import Repository

NAME = "production/stable/1.4.0/x"
AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SENDING, SENT = Claim(State.sending, AT, "one"), Claim(State.sent, AT, "one")


@pytest.fixture(name="two", params=["here", "at GitHub"])
def _two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Claims, Claims]]:
    """Two who see the same claims: in one repository, or in two clones of one."""
    ours = Repository(tmp_path / "ours")
    if request.param == "here":
        yield Claims(ours.path), Claims(ours.path)
        return
    theirs = Repository(tmp_path / "theirs")
    with stand_in(tmp_path / "github", "espice/delivery", {"a-token": Person("ada")}) as running:
        address = f"{running.api.removesuffix('/api/v3')}/espice/delivery.git"
        ours.commit()
        git(ours.path, "push", "--quiet", str(running.hub.bare.folder), "HEAD:refs/heads/main")
        one, other = (Claims(each.path, Remote(each.path, address, "a-token")) for each in (ours, theirs))
        yield one, other


def test_what_one_claims_the_other_sees(two: tuple[Claims, Claims]) -> None:
    one, other = two
    assert one.read() == {}
    assert one.move(NAME, None, SENDING)
    assert other.read() == {NAME: SENDING}
    assert other.move(NAME, SENDING, SENT)
    assert one.read() == {NAME: SENT}


def test_who_comes_second_gets_nothing(two: tuple[Claims, Claims]) -> None:
    one, other = two
    assert one.move(NAME, None, SENDING)
    assert not other.move(NAME, None, replace(SENT, by="other"))
    assert other.read() == {NAME: SENDING}


def test_of_many_at_once_one_wins_each_and_nothing_is_lost(two: tuple[Claims, Claims]) -> None:
    names = [f"production/stable/1.4.0/{place}" for place in "abc"]
    runs = [(each, replace(SENDING, by=by)) for each, by in zip(two, ("one", "other"), strict=True)]
    with ThreadPoolExecutor(6) as pool:
        tries = [(name, run, pool.submit(each.move, name, None, run)) for name in names for each, run in runs]
    won = [(name, run) for name, run, tried in tries if tried.result()]
    assert sorted(name for name, _ in won) == names
    assert two[0].read() == dict(won) == two[1].read()


BROKEN = ["", "{}", "[", '{"state": "sent", "at": "2026-11-25T12:00:00", "by": "eve"}']


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_claim_is_lost_for_its_own_name_and_written_over(tmp_path: Path, broken: str) -> None:
    repo = Repository(tmp_path / "repo")
    good = '{"state": "sent", "at": "2026-11-25T12:00:00Z", "by": "one"}'
    repo.git("update-ref", REF, repo.commit({"a.json": broken, "b.json": good, "b": broken}))
    claims = Claims(repo.path)
    read = claims.read()
    assert {name: claim.state for name, claim in read.items()} == {"a": State.lost, "b": State.sent}
    assert claims.move("b", SENT, SENDING)
    assert not claims.move("a", None, SENDING)
    assert claims.move("a", read["a"], SENDING)
    assert claims.read() == {"a": SENDING, "b": SENDING}


def test_bytes_that_are_no_text_are_lost_too(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    (repo.path / "a.json").write_bytes(b"\xff{")
    (repo.path / "link.json").symlink_to("a.json")
    repo.git("update-ref", REF, repo.commit())
    assert {claim.state for claim in Claims(repo.path).read().values()} == {State.lost}
