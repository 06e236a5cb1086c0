"""The issue that asks to review a use of the brake: opened once, whoever begins, and whatever became of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from delivery.announce import claims, review
from delivery.announce.claims import Claims, State, claimed, now
from delivery.announce.review import OURS, Issue, Opened, open_once
from delivery.proposals import record
from delivery.proposals.local import Local
from tests.unit.history.conftest import Repository

NAME = "review/laptop/2026-11-26-140000-stable"


class Place:
    """A repository that is a forge, and keeps claims."""

    def __init__(self, folder: Path) -> None:
        self.repo = Repository(folder)
        self.forge, self.claims = Local(self.repo.path, "ada"), Claims(self.repo.path)
        self.wanted = Issue(NAME, "Review the brake", "Look at it.", now())

    def open(self) -> Opened:
        return open_once(self.claims, self.forge, self.wanted)

    def issues(self) -> list[str]:
        tip = self.repo.git("for-each-ref", "--format=%(objectname)", record.REF).strip()
        return [each.title for each in record.read(self.repo.path, tip or None).issues.values()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "repo")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets time go by for who opens it."""

    def pass_by(time: timedelta) -> None:
        for module in (review, claims):
            monkeypatch.setattr(module, "now", lambda: now() + time)

    return pass_by


def test_it_is_opened_once_and_then_only_named(place: Place) -> None:
    assert place.open() == Opened("issue 1", "opened")
    assert place.open() == Opened("issue 1", "was opened")
    assert place.issues() == ["Review the brake"]


def test_what_another_run_claimed_is_left_to_it(place: Place) -> None:
    mine = claimed(State.sending)
    place.claims.move(NAME, None, mine)
    told = f"another run began to open it {mine.at:%H:%M:%S} UTC; type it again in some minutes"
    assert place.open() == Opened(None, told)
    assert place.issues() == []


@pytest.mark.parametrize("was_open", [False, True])
def test_what_a_run_left_behind_is_taken_over_once_that_has_surely_ended(
    place: Place, later: Callable[[timedelta], None], was_open: bool
) -> None:
    place.claims.move(NAME, None, claimed(State.sending))
    if was_open:
        place.forge.open_issue(place.wanted.title, place.wanted.body)
    later(OURS)
    assert place.open() == Opened("issue 1", "was there" if was_open else "opened")
    assert place.issues() == ["Review the brake"]


@pytest.mark.parametrize("at", [timedelta(), timedelta(days=-1), timedelta(days=9999)])
@pytest.mark.parametrize("forged", State)
def test_a_forged_claim_keeps_no_issue_from_being_opened(
    place: Place, later: Callable[[timedelta], None], forged: State, at: timedelta
) -> None:
    claim = replace(claimed(forged), at=now() + at, where="https://example.org/issues/1")
    place.claims.move(NAME, None, claim)
    if place.open().where is None:  # it may be from a moment ago, for all that anybody knows
        later(OURS)
        assert place.open() == Opened("issue 1", "opened")
    assert place.issues() == ["Review the brake"]
    assert place.open() == Opened("issue 1", "was opened")


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"state": "sent", "at": "2026-11-26T14:00:00", "by": "eve"}'])
def test_what_is_no_claim_keeps_no_issue_from_being_opened(place: Place, broken: str) -> None:
    place.repo.git("update-ref", claims.REF, place.repo.commit({f"{NAME}.json": broken, "review/other.json": broken}))
    assert place.open() == Opened("issue 1", "opened")
    assert place.open() == Opened("issue 1", "was opened")
    assert place.issues() == ["Review the brake"]


def test_who_was_slow_to_look_opens_nothing_and_lets_go(
    place: Place, monkeypatch: pytest.MonkeyPatch, later: Callable[[timedelta], None]
) -> None:
    look = place.forge.issue
    monkeypatch.setattr(place.forge, "issue", lambda *given: (later(review.BEGUN * 2), look(*given))[1])
    assert place.open() == Opened(None, "the forge was too slow to be asked for it; type it again")
    assert (place.issues(), place.claims.read()[NAME].state) == ([], State.failed)
    monkeypatch.undo()
    assert place.open() == Opened("issue 1", "opened")
