"""An announcement is told once: through a crash, by two at once, and not at all where it no longer holds."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from delivery.announce.claims import REF, Claims, State
from delivery.announce.send import Place
from delivery.announce.tell import Told, tell
from delivery.engines.stack import EngineError
from delivery.rules.announce import Announcement
from tests.unit.announce.webhook import Webhook
from tests.unit.history.conftest import Repository
from tests.unit.rules.worlds import NOON

NAME = "laptop/stable/1.4.0/hook"
VARIABLE = "ESPICE_ANNOUNCE_HOOK"
WANTED = Announcement("stable", "1.4.0", "hook", NOON, "ESpice 1.4.0", "ESpice 1.4.0 is here.\n\nhttps://espice.app")
MAYBE = (
    "it may have been sent. Look there; then ./inv announce --again stable/1.4.0 --to hook tells it, or "
    "./inv announce --sent stable/1.4.0 --to hook notes that it was"
)
# Another process, which is killed while it tells: the same code, and the same claims.
TELLS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from delivery.announce.claims import Claims
from delivery.announce.send import Place
from delivery.announce.tell import tell
from delivery.rules.announce import Announcement
wanted = Announcement("stable", "1.4.0", "hook", datetime.now(UTC), "t", sys.argv[3])
tell(Claims(Path(sys.argv[1])), "laptop/stable/1.4.0/hook", wanted, Place("x", sys.argv[2]), lambda: True)
"""


@pytest.fixture(name="claims")
def _claims(tmp_path: Path) -> Claims:
    return Claims(Repository(tmp_path / "repo").path)


def told(claims: Claims, hook: Webhook, *, still: bool = True, again: bool = False, more: str = "") -> Told:
    return tell(claims, NAME, WANTED, Place(VARIABLE, hook.address + more), lambda: still, again=again)


def state(claims: Claims) -> State:
    return claims.read()[NAME].state


def test_what_is_no_claim_is_said_and_people_decide(tmp_path: Path, hook: Webhook) -> None:
    repo = Repository(tmp_path / "repo")
    repo.git("update-ref", REF, repo.commit({f"{NAME}.json": "{"}))
    claims = Claims(repo.path)
    says = f"{REF} holds for it what is no claim, and git log {REF} says who wrote that: {MAYBE}"
    assert told(claims, hook) == Told(WANTED, State.lost, says, wrong=True)
    assert hook.texts() == []
    assert told(claims, hook, again=True) == Told(WANTED, State.sent, "told")


def test_it_is_told_once_however_often_it_is_tried(claims: Claims, hook: Webhook) -> None:
    assert told(claims, hook) == Told(WANTED, State.sent, "told")
    again = told(claims, hook)
    assert again == Told(WANTED, State.sent, f"was told {claims.read()[NAME].at:%Y-%m-%d %H:%M} UTC")
    assert hook.texts() == [WANTED.text]


def test_a_place_that_failed_is_tried_again(claims: Claims, hook: Webhook) -> None:
    hook.status = 500
    said = "it answered 500; the next ./inv announce tries again"
    assert told(claims, hook) == Told(WANTED, State.failed, said, wrong=True)
    hook.status = 200
    assert told(claims, hook).says == "told"
    assert state(claims) is State.sent


def test_of_many_runs_at_once_one_tells(claims: Claims, hook: Webhook) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(told, claims, hook) for _ in range(4)]
    assert [run.result().says for run in runs].count("told") == 1
    assert hook.texts() == [WANTED.text]


def test_a_run_that_is_killed_while_it_sends_neither_repeats_nor_loses_it(claims: Claims, hook: Webhook) -> None:
    hook.status = None
    arguments = (str(claims.repo), hook.address, WANTED.text)
    with subprocess.Popen([sys.executable, "-c", TELLS, *arguments], cwd=Path(__file__).parents[3]) as run:
        assert hook.came.wait(60)
        os.kill(run.pid, signal.SIGKILL)
    hook.let_go.set()
    hook.status = 200
    began = f"was begun {claims.read()[NAME].at:%Y-%m-%d %H:%M} UTC and not ended"
    for _ in range(2):
        assert told(claims, hook) == Told(WANTED, State.sending, f"{began}: {MAYBE}", wrong=True)
    assert hook.texts() == [WANTED.text]
    assert told(claims, hook, again=True).says == "told"
    assert hook.texts() == [WANTED.text] * 2
    assert state(claims) is State.sent


def test_a_place_that_does_not_answer_may_have_got_it(claims: Claims, hook: Webhook) -> None:
    hook.status = None
    said = f"it did not say that it got it: {MAYBE}"
    assert told(claims, hook, more="?rto=0.3") == Told(WANTED, State.sending, said, wrong=True)
    assert state(claims) is State.sending


def test_what_is_taken_back_after_the_claim_is_not_told_and_may_be_later(claims: Claims, hook: Webhook) -> None:
    said = "is not live for everyone any more, so it was not told"
    assert told(claims, hook, still=False) == Told(WANTED, State.failed, said)
    assert hook.texts() == []
    assert told(claims, hook).says == "told"


def test_a_claim_is_let_go_where_nobody_can_say_what_is_live(claims: Claims, hook: Webhook) -> None:
    def away() -> bool:
        assert state(claims) is State.sending
        raise EngineError("the bucket is away")

    with pytest.raises(EngineError):
        tell(claims, NAME, WANTED, Place(VARIABLE, hook.address), away)
    assert state(claims) is State.failed
    assert hook.texts() == []


def test_another_text_of_the_same_is_not_told_again(claims: Claims, hook: Webhook) -> None:
    told(claims, hook)
    other = tell(claims, NAME, replace(WANTED, text="new"), Place(VARIABLE, hook.address), lambda: True)
    assert other.state is State.sent
    assert hook.texts() == [WANTED.text]
