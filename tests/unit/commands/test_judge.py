"""What workflows say of proposals: one comment and one check each, typed against a stand-in for GitHub."""

import json

import pytest

from delivery.proposals import branches
from tests.github.faults import Fault
from tests.unit.commands import desk
from tests.unit.commands.desk import Said
from tests.unit.commands.test_proposals_at_github import HOLD, AtGitHub, place

pytestmark = pytest.mark.slow

__all__ = ["place"]
NAMED = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]


def checks(place: AtGitHub) -> list[tuple[str, str]]:
    """Verdict and words of each that was set, the newest last."""
    return [(each.said["state"], each.said["description"]) for each in place.hub.statuses]


def test_each_open_proposal_gets_its_comment_and_its_check(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    head = place.hub.pulls()[0].head
    said = place.inv("bot", "judge")
    owner = "the approval of @espice/release for releases/rollouts/stable/1.4.0.yaml"
    missing = f"missing: 1 more approval of {head[:12]}; {owner}"
    assert (said.status, said.err) == (0, "")
    assert said.out == f"proposal 1 at {head[:12]}: pending, {missing}\n"
    assert checks(place) == [("pending", missing)]
    place.inv("bea", "approve", "1", "--head", head)
    said = place.inv("bot", "judge", "--json")
    assert json.loads(said.out) == [
        {"number": 1, "head": head, "verdict": "success", "says": "1 approval of exactly this", "trouble": None}
    ]
    assert checks(place)[-1] == ("success", "1 approval of exactly this")
    assert sum(each.author == "bot" for each in place.hub.remarks) == 1


def test_what_check_refuses_fails_and_what_cannot_be_judged_stops_no_other(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    broken = branches.commit(place.desk.repo, "main", {"releases/channels/stable.yaml": b"channel: [\n"}, "Break it")
    place.desk.git("push", "-q", str(place.hub.bare.folder), f"{broken}:refs/heads/broken")
    place.hub.fork_pull("eve", broken, "broken", "$(touch here) \u202e")
    place.hub.faults.append(Fault(500, "Server Error", method="POST", path=f"statuses/{broken}", times=10))
    said = place.inv("bot", "judge")
    assert (said.status, len(said.out.splitlines()), said.err.count("proposal 2 was not judged: ")) == (1, 1, 1)
    assert [each for each, _ in checks(place)] == ["pending"]
    place.hub.faults.clear()
    said = place.inv("bot", "judge")
    refused = "missing: check refuses it: 1 problem; what it needs cannot be told before its facts can be read and make"
    assert f"proposal 2 at {broken[:12]}: failure, {refused} a catalog" in said.out.splitlines()
    assert ("failure", f"{refused} a catalog") in checks(place)


def test_a_runner_whose_git_knows_no_user_judges_too(place: AtGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    place.inv("ada", *HOLD)
    place.desk.git("config", "--unset", "user.name")
    place.desk.git("config", "user.useConfigOnly", "true")
    monkeypatch.setenv("HOME", str(place.desk.repo.parent))
    for variable in ("XDG_CONFIG_HOME", *NAMED):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(desk, "env", dict)
    said = place.inv("bot", "judge")
    assert (said.status, said.err) == (0, "")
    assert [verdict for verdict, _ in checks(place)] == ["pending"]


def test_a_token_that_may_read_no_members_leaves_a_team_s_word_pending_and_says_so(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.inv("bea", "approve", "1", "--head", place.hub.pulls()[0].head)
    said = place.inv("actions", "judge", "--json")
    owner = "the approval of @espice/release for releases/rollouts/stable/1.4.0.yaml"
    token = "may not be read with this token: give it the right Members: read in espice"
    [judged] = json.loads(said.out)
    assert judged["verdict"] == "pending"
    assert judged["says"] == f"missing: {owner}; whether bea is in @espice/release {token}"


def test_checks_are_set_as_github_actions_by_whom_an_app_sees_teams_for(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.inv("bea", "approve", "1", "--head", place.hub.pulls()[0].head)
    place.shell.setenv("ESPICE_CHECKS_TOKEN", "token-of-actions")
    assert place.inv("bot", "judge").status == 0
    assert [(each.author, each.said["state"]) for each in place.hub.statuses] == [("actions[bot]", "success")]
    assert place.hub.remarks[-1].author == "bot"


def test_nothing_open_is_nothing_to_judge(place: AtGitHub) -> None:
    assert place.inv("bot", "judge") == Said(0, "no proposal is open\n", "")
