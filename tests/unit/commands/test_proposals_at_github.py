"""The same tasks where proposals are pull requests: typed against a stand-in for GitHub, over real HTTP and git."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from delivery.proposals import branches
from tests.github.bare import Bare
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.unit.commands.desk import Desk, Said

pytestmark = pytest.mark.slow

NAME = "espice/delivery"
HOLD = ("hold", "stable", "--reason", "crashes at start", "--at", "2026-11-20T00:00:00Z", "--pr")


@dataclass(frozen=True)
class AtGitHub:
    """A checkout, the stand-in that it was pushed to, and whoever's token lies in the shell."""

    desk: Desk
    hub: Hub
    shell: pytest.MonkeyPatch

    def inv(self, who: str, *typed: str) -> Said:
        self.shell.setenv("GITHUB_TOKEN", f"token-of-{who}")
        return self.desk.inv(*typed)


@pytest.fixture
def place(
    alone: Desk, pushed_to: Callable[[Path], Bare], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AtGitHub]:
    pushed_to(tmp_path / f"{NAME}.git")
    people = {f"token-of-{who}": Person(who) for who in ("ada", "bea", "bot")}
    people["token-of-actions"] = Person("actions[bot]", sees_members=False)
    with stand_in(tmp_path, NAME, people) as found:
        monkeypatch.setenv("GITHUB_API_URL", found.api)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        found.hub.teams["espice/release"] = {"ada", "bea"}
        yield AtGitHub(alone, found.hub, monkeypatch)


def test_a_change_is_proposed_read_approved_by_another_and_merged(place: AtGitHub) -> None:
    here = place.desk.git("rev-parse", "HEAD")
    said = place.inv("ada", *HOLD)
    assert (said.status, said.err) == (0, "")
    [pull] = place.hub.pulls()
    assert f"opened proposal {pull.number}: Hold stable 1.4.0 at 0 %" in said.out.splitlines()
    assert f"/{NAME}/pull/{pull.number}" in said.out
    assert "nothing changed" in place.inv("ada", *HOLD).out
    head = json.loads(place.inv("bea", "proposal", "1", "--json").out)["head"]

    typed = [place.inv(who, "proposal", "1").out.splitlines()[-2:] for who in ("bea", "ada")]
    assert [f"./inv approve 1 --head {head[:12]}" in each for each in typed] == [True, False]
    own = place.inv("ada", "approve", "1")
    assert own == Said(1, "", "proposal 1 is your own, ada; somebody else must agree to it\n")
    assert place.inv("ada", "approve", "1", "--as", "bea").status == 1
    agreed = place.inv("bea", "approve", "1", "--head", head)
    assert (agreed.status, agreed.err) == (0, "")
    assert agreed.out.splitlines()[-1] == "  nothing is missing: ./inv merge 1"
    assert [remark.author for remark in place.hub.remarks] == ["ada"]
    merged = place.inv("ada", "merge", "1")
    assert (merged.status, merged.err) == (0, "")
    at = place.hub.bare.tip("refs/heads/main")
    assert merged.out == f"merged proposal 1 as {at}: Hold stable 1.4.0 at 0 %\n"
    message = place.desk.git("log", "-1", "--format=%B", str(at))
    assert message.startswith("Hold stable 1.4.0 at 0 % (#1)\n\nProposal: 1\n")
    assert "Approved-by: bea\n" in message
    assert place.desk.git("rev-parse", "HEAD") == here
    assert place.desk.changed() == ""
    assert place.inv("bea", "proposals").out == "no proposal is open\n"
    assert "+  - {hold: 0" in place.inv("bea", "proposal", "1", "--diff").out
    place.hub.review(Person("bot"), 1, {"event": "APPROVE", "commit_id": head})  # too late to have counted
    ended = json.loads(place.inv("bea", "proposal", "1", "--json").out)
    assert [(each["by"], each["head"]) for each in ended["given"]] == [("bea", head)]


def test_who_pushes_over_anothers_proposal_has_a_hand_in_it_by_whatever_name(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.hub.people["token-of-bea"] = Person("bea", more_mails=("bea@espice.app",))
    main, old = place.desk.git("rev-parse", "main").strip(), place.hub.pull(1).head
    by = {f"GIT_{role}_NAME": "Bea Brown" for role in ("AUTHOR", "COMMITTER")}
    by |= {f"GIT_{role}_EMAIL": "bea@espice.app" for role in ("AUTHOR", "COMMITTER")}
    head = branches.commit_tree(place.desk.repo, f"{old}^{{tree}}", "Hold stable", main, by=by)
    place.desk.git("push", "-q", "-f", str(place.hub.bare.folder), f"{head}:refs/heads/releases/hold-stable-1.4.0")
    said = place.inv("bea", "approve", "1", "--head", head)
    assert "  missing: 1 more approval of" in said.out
    assert "bea had a hand in it, and nobody approves their own" in said.out
    assert place.inv("bea", "merge", "1").status == 1


def test_who_is_in_no_team_that_owns_it_is_not_enough(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.hub.teams["espice/release"] = {"ada"}
    said = place.inv("bea", "approve", "1", "--head", place.hub.pull(1).head)
    owner = "the approval of @espice/release for releases/rollouts/stable/1.4.0.yaml"
    assert said.out.splitlines()[-1] == f"  missing: {owner}"


def test_a_token_that_is_missing_is_asked_for(place: AtGitHub) -> None:
    place.shell.delenv("GITHUB_TOKEN", raising=False)
    place.shell.delenv("GH_TOKEN", raising=False)
    said = place.desk.inv(*HOLD)
    assert (said.status, said.out) == (1, "")
    assert "that takes a token" in said.err
    assert "set GITHUB_TOKEN to it" in said.err


def test_a_github_that_is_away_leaves_nothing_here_changed(place: AtGitHub) -> None:
    place.shell.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    before = place.desk.git("for-each-ref")
    said = place.inv("ada", *HOLD)
    assert said.status == 1
    assert said.err.endswith("; nothing was proposed; type it again\n")
    assert place.desk.git("for-each-ref") == before


def test_a_quote_is_proposed_once_its_person_agreed(place: AtGitHub) -> None:
    answers = {"What you want to tell us": "Thanks!", "What we may quote": "It finds {the} knee."}
    answers |= {"How to name you": "_No response_", "May we quote you on the site": "_No response_"}
    body = "\n\n".join(f"### {asked}\n\n{answer}" for asked, answer in answers.items())
    issue = place.hub.issue(Person("eve"), {"title": "Thanks", "body": body})
    url = f"https://github.com/{NAME}/issues/{issue.number}"
    typed = ("content.quote", url, "--pr")
    refused = place.inv("ada", *typed)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith(f'issue {issue.number} of {NAME} does not have the label "may be quoted"; ask')
    issue.labels = ("may be quoted",)
    assert "does not say yes" in place.inv("ada", *typed).err
    issue.body = str(issue.body).replace("site\n\n_No response_", "site\n\nyes")
    said = place.inv("ada", *typed)
    assert (said.status, said.err) == (0, "")
    [pull] = place.hub.pulls()
    path = f"site/content/quotes/issue-{issue.number}.mdx"
    text = place.desk.git("show", f"{pull.head}:{path}")
    assert text.endswith("---\n\nIt finds \\{the\\} knee.\n")
    assert f'consent: "{url}"' in text
    assert "name:" not in text
    [remark] = place.hub.remarks
    assert f"quotes/issue-{issue.number}.mdx (Thanks) appears at once" in remark.body
    assert "1 more approval" in said.out
    for wrong, why in ((f"{url}1", "does not have the label"), ("https://github.com/a/b/issues/1", "is no issue of")):
        assert why in place.inv("ada", "content.quote", wrong, "--dry-run").err
