"""GitHub as a forge: against a stand-in over real HTTP, whose every answer is held against GitHub's own schemas."""

import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from shutil import copytree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.history.git import git
from delivery.proposals import branches
from delivery.proposals.forge import (
    Check,
    ForgeError,
    Moved,
    NoProposal,
    Proposal,
    State,
    Unreachable,
    Untold,
    Verdict,
)
from delivery.proposals.github import GitHub, Review, _host, newest
from delivery.proposals.github_api import Patience
from tests.github.bare import Bare
from tests.github.faults import Fault, secondary_limit, used_up
from tests.github.hub import Hub
from tests.github.kept import Person, Remark, Status
from tests.github.kept import Review as Given
from tests.github.server import stand_in
from tests.unit.proposals.forge_contract import *  # noqa: F403 - these are tests, to be run here
from tests.unit.proposals.forge_contract import HALT, RAISE, START, SUBJECT, proposed, wanted

pytestmark = pytest.mark.slow

NAME = "espice/delivery"
TOKENS = {who: f"ghp_{who}{'S3cret' * 5}" for who in ("ada", "bo", "cy", "dee", "app[bot]")}
ONE = "releases/one.yaml"
RENEW = "make a new one on GitHub and set GITHUB_TOKEN to it"
LATER = "try again later"
EMPTY = {"description": None, "target_url": None}


@dataclass
class AtGitHub:
    """The stand-in, a clone of it, and how long anybody here waited for it."""

    api: str
    hub: Hub
    repo: Path
    waited: list[float] = field(default_factory=list)

    def forge(self, who: str, name: str = NAME, answer_s: float = 20.0) -> GitHub:
        patience = Patience(answer=answer_s, pause=self.waited.append)
        return GitHub(self.repo, name, self.api, TOKENS.get(who, who), patience)

    def branch(self, name: str, commit: str) -> None:
        git(self.repo, "push", "--quiet", str(self.hub.bare.folder), f"{commit}:refs/heads/{name}")

    def asked(self, method: str, path: str) -> int:
        """How many such requests there were."""
        return self.hub.asked.count((method, path))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, and what it was pushed to."""
    folder = tmp_path_factory.mktemp("start")
    bare, repo = Bare(folder / f"{NAME}.git"), folder / "clone"
    bare.make()
    repo.mkdir()
    git(repo, "init", "--quiet", "--template=", "--initial-branch=main")
    for key, value in (("user.name", "Ada"), ("user.email", "ada@espice.app"), ("commit.gpgsign", "false")):
        git(repo, "config", key, value)
    for path, data in START.items():
        (repo / path).parent.mkdir(exist_ok=True)
        (repo / path).write_bytes(data)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "-m", "Start")
    git(repo, "push", "--quiet", str(bare.folder), "main")
    return folder


@pytest.fixture
def place(tmp_path: Path, start: Path) -> Iterator[AtGitHub]:
    """Ada, Bo and Cy may write there; Dee may only read, as anybody in public."""
    people = {token: Person(who, "read" if who == "dee" else "write") for who, token in TOKENS.items()}
    folder = copytree(start, tmp_path / "github")
    with stand_in(folder, NAME, people) as found:
        yield AtGitHub(found.api, found.hub, folder / "clone")


def one(place: AtGitHub, branch: str = RAISE) -> Proposal:
    """A proposal of Ada's."""
    return proposed(place, {ONE: b"3\n"}, branch)


# --- many, and of strangers -----------------------------------------------------------------------------------------


def test_all_pages_are_read(place: AtGitHub) -> None:
    made = one(place)
    place.hub.remarks += [Remark(number, made.number, "bo", f"{number}") for number in range(250)]
    place.hub.reviews += [
        Given(number, made.number, "bo", "APPROVED" if number == 249 else "COMMENTED", "", made.head)
        for number in range(250)
    ]
    place.hub.statuses += [
        Status(
            number, made.head, "bo", {"state": "success", "context": f"{number}", "description": "", "target_url": None}
        )
        for number in range(150)
    ]
    for number in range(101):
        place.hub.fork_pull("eve", made.head, f"fork-{number}", "Hello")
    ada = place.forge("ada")
    assert [each.body for each in ada.comments(made.number)] == [f"{number}" for number in range(250)]
    assert [each.by for each in ada.approvals(made.number)] == ["bo"]
    assert {each.name for each in ada.checks(made.head)} == {f"{number}" for number in range(150)}
    assert [each.number for each in ada.proposals()] == list(range(102, 0, -1))


def test_what_a_deleted_account_said_stays_and_is_nobody_s(place: AtGitHub) -> None:
    made = one(place)
    place.hub.remarks.append(Remark(1, made.number, None, "<!-- espice-plan:v1 -->"))
    place.hub.reviews.append(Given(2, made.number, None, "APPROVED", "", made.head))
    (comment,) = place.forge("ada").comments(made.number)
    assert (comment.author, comment.is_ours) == ("ghost", False)
    assert list(place.forge("ada").approvals(made.number)) == []


def test_who_may_edit_anybody_s_comment_at_github_edits_only_their_own_here(place: AtGitHub) -> None:
    theirs = place.forge("bo").say(one(place).number, "mine")
    with pytest.raises(ForgeError) as error:
        place.forge("ada").rewrite(theirs, "ours")
    assert str(error.value) == f"comment {theirs.number} is by bo, not by ada; write one of your own"
    assert place.hub.remarks[0].body == "mine"


def test_a_fork_s_branch_of_the_same_name_is_another(place: AtGitHub) -> None:
    head = wanted(place, {ONE: b"6\n"}).commit
    git(place.repo, "push", "--quiet", str(place.hub.bare.folder), f"{head}:refs/heads/theirs")
    theirs = place.hub.fork_pull("espice", head, RAISE, "Trust me")
    theirs.home = "espice/fork"  # of the same owner, whom GitHub's filter names alone
    ours = one(place)
    assert ours.number != theirs.number
    assert place.forge("ada").proposal(theirs.number).branch == f"espice:{RAISE}"
    assert {each.number: each.is_foreign for each in place.forge("ada").proposals()} == {
        theirs.number: True,
        ours.number: False,
    }
    place.forge("ada").close(theirs.number)
    assert place.hub.bare.tip(f"refs/heads/{RAISE}") == ours.head


def test_what_a_killed_run_pushed_is_taken_over_and_more_than_that_is_not(place: AtGitHub) -> None:
    asked, ada = wanted(place, {ONE: b"4\n"}), place.forge("ada")
    place.branch(RAISE, wanted(place, {ONE: b"3\n"}).commit)
    assert ada.propose(asked).head == asked.commit
    for files in ({"releases/two.yaml": b"3\n"}, {ONE: b"3\n", "new": b""}):
        place.branch("other", branches.commit(place.repo, ada.main(), files, "mine"))
        with pytest.raises(ForgeError, match="holds commits of its own"):
            ada.propose(wanted(place, {ONE: b"5\n"}, "other"))
        place.hub.bare.drop("refs/heads/other")


def test_a_program_is_who_its_token_says(place: AtGitHub) -> None:
    made = one(place)
    assert place.forge("app[bot]").me() == "app[bot]"
    assert place.forge("app[bot]").say(made.number, "the plan").is_ours


def test_only_people_who_may_merge_agree(place: AtGitHub) -> None:
    made = one(place)
    for who in ("dee", "app[bot]", "bo"):
        place.forge(who).approve(made.number, made.head, "fine")
    assert [each.by for each in place.forge("ada").approvals(made.number)] == ["bo"]


def test_github_knows_who_wrote_a_commit_and_who_made_it_whatever_names_they_chose(place: AtGitHub) -> None:
    place.hub.people[TOKENS["cy"]] = Person("cy", more_mails=("c@espice.app",))
    hands = (("Bo Lee", "bo@users.noreply.github.com"), ("Somebody", "c@espice.app"), ("ada", "nobody@espice.app"))
    head = place.forge("ada").main()
    for (author, mail), (committer, theirs) in pairwise(hands):
        by = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": mail}
        by |= {"GIT_COMMITTER_NAME": committer, "GIT_COMMITTER_EMAIL": theirs}
        made = branches.commit(place.repo, head, {ONE: mail.encode()}, "what")
        head = branches.commit_tree(place.repo, f"{made}^{{tree}}", "what", head, by=by)
    git(place.repo, "push", "--quiet", str(place.hub.bare.folder), f"{head}:refs/heads/theirs")
    number = place.hub.fork_pull("eve", head, "theirs", "Trust me").number
    assert place.forge("ada").makers(number) == {"eve", "bo", "cy"}


def test_of_too_many_commits_nobody_can_say_who_made_them(place: AtGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    made = one(place)
    monkeypatch.setattr(Hub, "commits", lambda *_: [(made.head, "bo", None)] * 250)
    with pytest.raises(ForgeError) as error:
        place.forge("ada").makers(made.number)
    assert str(error.value) == "#1 has 250 commits or more, and GitHub lists no others; make it of fewer"


def test_only_who_is_in_a_team_speaks_for_it_and_github_is_asked_once(place: AtGitHub) -> None:
    place.hub.teams["espice/release"] = {"bo"}
    ada = place.forge("ada")
    for _ in range(2):
        assert ada.covers("@espice/release", "Bo")
        assert not ada.covers("@espice/release", "cy")
        assert not ada.covers("@other/release", "bo")
    assert sum("/memberships/" in path for _, path in place.hub.asked) == 3


def test_a_token_that_may_read_no_members_does_not_say_who_is_in_a_team(place: AtGitHub) -> None:
    place.hub.people["ghs_actions"] = Person("github-actions[bot]", sees_members=False)
    place.hub.teams["espice/release"] = {"bo"}
    judge = place.forge("ghs_actions")
    for _ in range(2):
        with pytest.raises(Untold) as error:
            judge.covers("@espice/release", "bo")
        mend = "give it the right Members: read in espice"
        assert str(error.value) == f"whether bo is in @espice/release may not be read with this token: {mend}"
    assert sum("/memberships/" in path for _, path in place.hub.asked) == 1


def test_a_review_that_asks_for_changes_takes_an_approval_back_and_a_comment_does_not(place: AtGitHub) -> None:
    made, ada = one(place), place.forge("ada")
    place.forge("bo").approve(made.number, made.head, "fine")
    bo = Person("bo")
    place.hub.review(bo, made.number, {"event": "COMMENT", "body": "by the way"})
    assert [each.by for each in ada.approvals(made.number)] == ["bo"]
    place.hub.review(bo, made.number, {"event": "REQUEST_CHANGES", "body": "wait"})
    assert list(ada.approvals(made.number)) == []
    place.forge("bo").approve(made.number, made.head, "fine again")
    assert [each.by for each in ada.approvals(made.number)] == ["bo"]
    place.hub.reviews[-1].state = "DISMISSED"
    assert list(ada.approvals(made.number)) == []


def test_approving_twice_is_approving_once(place: AtGitHub) -> None:
    made = one(place)
    for _ in range(2):
        place.forge("bo").approve(made.number, made.head, "fine")
    assert len(place.hub.reviews) == 1


def test_nobody_approves_what_they_opened(place: AtGitHub) -> None:
    made = one(place)
    with pytest.raises(ForgeError) as error:
        place.forge("ada").approve(made.number, made.head, "I like it")
    assert str(error.value) == (
        f"GitHub did not approve #{made.number}: Unprocessable Entity: Review Can not approve your own pull request; "
        "mend that, then try again"
    )


def test_what_is_for_another_branch_is_no_proposal(place: AtGitHub) -> None:
    made, ada = one(place), place.forge("ada")
    git(place.repo, "push", "--quiet", str(place.hub.bare.folder), "main:refs/heads/other")
    place.hub.pull(made.number).base = "other"
    with pytest.raises(NoProposal) as error:
        ada.merge(made.number, made.head, SUBJECT)
    assert str(error.value) == f"#{made.number} is to be merged to other, not to main: it is no proposal"
    assert list(ada.proposals()) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["APPROVED", "CHANGES_REQUESTED", "DISMISSED", "COMMENTED", "PENDING"]),
            st.sampled_from(["1", "2", None]),
        )
    ),
    st.randoms(),
)
def test_the_newest_opinion_of_each_person_decides(said: list[tuple[str, str, str | None]], chance: object) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    who = {name: {"login": name, "type": "User"} for name in "ab"}
    reviews = [
        convert({"user": who[name], "state": state, "commit_id": head, "submitted_at": start + timedelta(seconds=at)})
        for at, (name, state, head) in enumerate(said)
    ]
    expected = {}
    for name, state, head in said:
        if state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            expected[name] = head if state == "APPROVED" else None
    chance.shuffle(reviews)  # type: ignore[attr-defined]
    assert {each.by: each.head for each in newest(reviews)} == {name: head for name, head in expected.items() if head}


def test_no_program_agrees() -> None:
    said = {"state": "APPROVED", "commit_id": "1", "submitted_at": "2026-11-01T00:00:00Z"}
    assert list(newest([convert({**said, "user": {"login": "app[bot]", "type": "Bot"}})])) == []


def convert(review: dict[str, object]) -> Review:
    """As it is read from an answer."""
    return msgspec.convert(review, Review)


# --- names and words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "branch",
    [
        "releases/$(touch${IFS}pwned)`id`;rm&&x|y>z",
        "releases/ü-日本-🌶-e\u0301-\u202eevil",
        "releases/a#b%2fc&d=e+f",
        "releases/--force",
        "refs/heads/main",
        'releases/"quoted\'s"<b>',
    ],
)
def test_a_branch_s_name_is_a_name_whatever_it_looks_like(place: AtGitHub, branch: str) -> None:
    ada, main = place.forge("ada"), place.forge("ada").main()
    first = one(place, branch)
    second = proposed(place, {ONE: b"4\n"}, branch)
    assert (second.number, second.branch, second.head) == (
        first.number,
        branch,
        place.hub.bare.tip(f"refs/heads/{branch}"),
    )
    assert [each.branch for each in ada.proposals()] == [branch]
    assert ada.main() == main
    ada.close(first.number)
    assert place.hub.bare.tip(f"refs/heads/{branch}") is None
    assert not list(place.repo.rglob("pwned"))


def test_words_that_are_too_many_are_refused_by_github_s_own(place: AtGitHub) -> None:
    with pytest.raises(ForgeError) as error:
        place.forge("ada").propose(wanted(place, {ONE: b"3\n"}, title="x" * 257))
    assert str(error.value) == (
        f"GitHub did not open a pull request for {RAISE}: Validation Failed: title is too long (maximum is 256 "
        "characters); mend that, then try again"
    )


def test_a_check_says_what_fits_and_an_error_is_a_failure(place: AtGitHub) -> None:
    head, ada = one(place).head, place.forge("ada")
    ada.tell(head, Check("espice/plan", Verdict.pending, "ä" * 200))
    place.hub.tell(Person("bo"), head, {"state": "error", "context": "ci"})
    assert {each.name: (each.verdict, each.says) for each in ada.checks(head)} == {
        "espice/plan": (Verdict.pending, "ä" * 139 + "…"),
        "ci": (Verdict.failure, ""),
    }


@pytest.mark.parametrize(
    ("api", "host"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.github.com/", "https://github.com"),
        ("https://git.example/api/v3", "https://git.example"),
    ],
)
def test_git_goes_where_the_api_belongs_to(api: str, host: str) -> None:
    assert _host(api) == host


# --- what GitHub refuses --------------------------------------------------------------------------------------------


def test_a_token_that_nobody_has_is_refused_and_the_mend_said(place: AtGitHub) -> None:
    with pytest.raises(ForgeError) as error:
        place.forge("ghp_unknown").proposals()
    assert str(error.value) == (
        f"GitHub did not list the pull requests: Bad credentials; it does not know this token: {RENEW}"
    )
    assert place.waited == []


@pytest.mark.parametrize("token", ["", "ghp_a b", "ghp_a\nX-Evil: 1", "ghp_ä"])
def test_what_is_no_token_is_not_sent(place: AtGitHub, token: str) -> None:
    with pytest.raises(ForgeError) as error:
        GitHub(place.repo, NAME, place.api, token)
    assert str(error.value) == f"the token for GitHub is empty or has characters that no token has; {RENEW}"


def test_a_right_that_a_token_lacks_is_named(place: AtGitHub) -> None:
    made, dee = one(place), place.forge("dee")
    with pytest.raises(ForgeError) as error:
        dee.tell(made.head, Check("espice/plan", Verdict.success, "ok"))
    assert str(error.value) == (
        f"GitHub did not set espice/plan on {made.head[:12]}: Resource not accessible by personal access token; "
        "give the token the right Commit statuses: write in espice/delivery"
    )
    with pytest.raises(ForgeError) as error:
        dee.merge(made.number, made.head, SUBJECT)
    assert "the right Contents: write" in str(error.value)


def test_who_may_not_push_is_told_so(place: AtGitHub) -> None:
    with pytest.raises(ForgeError) as error:
        place.forge("dee").propose(wanted(place, {ONE: b"3\n"}))
    assert str(error.value).startswith(f"git could not push {RAISE}: ")
    assert str(error.value).endswith("give the token the right Contents: write, or mend what it names")


def test_another_repository_s_name_is_not_found(place: AtGitHub) -> None:
    with pytest.raises(ForgeError) as error:
        place.forge("ada", "espice/other").proposals()
    assert str(error.value) == (
        "GitHub did not list the pull requests: espice/other has none that this token may see; "
        "give it the right Pull requests: read"
    )
    with pytest.raises(ForgeError) as error:
        place.forge("ada", "espice/other").main()
    assert str(error.value) == "espice/other has no branch main on GitHub that this token may see"


def test_a_number_that_nothing_has_is_no_proposal(place: AtGitHub) -> None:
    with pytest.raises(NoProposal) as error:
        place.forge("ada").proposal(7)
    assert str(error.value) == "espice/delivery has no proposal #7 on GitHub that this token may see"


def test_what_conflicts_is_refused_in_github_s_words(place: AtGitHub) -> None:
    first, second = one(place), proposed(place, {ONE: b"4\n"}, HALT)
    place.forge("ada").merge(first.number, first.head, SUBJECT)
    with pytest.raises(ForgeError) as error:
        place.forge("ada").merge(second.number, second.head, SUBJECT)
    assert str(error.value) == (
        f"GitHub did not merge #{second.number}: Pull Request is not mergeable; mend that, then try again"
    )


# --- what moves meanwhile -------------------------------------------------------------------------------------------


def test_a_head_that_moves_between_the_look_and_the_merge_is_not_merged(place: AtGitHub) -> None:
    made, ada = one(place), place.forge("ada")
    main, other = ada.main(), pushed(place, b"evil\n")
    meanwhile = Fault(method="PUT", path="/merge", meanwhile=lambda: place.hub.bare.set(f"refs/heads/{RAISE}", other))
    place.hub.faults.append(meanwhile)
    with pytest.raises(Moved) as error:
        ada.merge(made.number, made.head, SUBJECT)
    words = "Head branch was modified. Review and try the merge again."
    assert str(error.value) == f"GitHub did not merge #{made.number}: {words}"
    assert ada.main() == main


def test_a_base_that_moves_meanwhile_is_moved_too(place: AtGitHub) -> None:
    made = one(place)
    words = "Base branch was modified. Review and try the merge again."
    place.hub.faults.append(Fault(405, words, method="PUT"))
    with pytest.raises(Moved):
        place.forge("ada").merge(made.number, made.head, SUBJECT)


@pytest.mark.parametrize("step", ["/info/refs", "/git-receive-pack"])
def test_what_somebody_pushes_meanwhile_is_not_pushed_over(place: AtGitHub, step: str) -> None:
    one(place)
    again, other = wanted(place, {ONE: b"4\n"}), pushed(place, b"theirs\n")
    place.hub.faults.append(Fault(path=step, meanwhile=lambda: place.hub.bare.set(f"refs/heads/{RAISE}", other)))
    with pytest.raises(Moved) as error:
        place.forge("ada").propose(again)
    assert str(error.value) == f"git could not push {RAISE}: somebody moved it in the meantime; try again"
    assert place.hub.bare.tip(f"refs/heads/{RAISE}") == other
    assert place.forge("ada").propose(again).head == again.commit


def test_what_was_pushed_and_never_opened_is_opened_by_the_next(place: AtGitHub) -> None:
    asked = wanted(place, {ONE: b"3\n"})
    place.hub.faults.append(Fault(403, "Resource not accessible by integration", method="POST", path="/pulls"))
    with pytest.raises(ForgeError):
        place.forge("ada").propose(asked)
    assert place.hub.bare.tip(f"refs/heads/{RAISE}") == asked.commit
    assert proposed(place, {ONE: b"4\n"}).head == place.hub.bare.tip(f"refs/heads/{RAISE}")


def test_what_main_has_by_the_time_it_is_opened_leaves_no_branch(place: AtGitHub) -> None:
    asked = wanted(place, {ONE: b"3\n"})
    merged = Fault(method="POST", path="/pulls", meanwhile=lambda: place.hub.bare.set("refs/heads/main", asked.commit))
    place.hub.faults.append(merged)
    with pytest.raises(ForgeError, match="No commits between"):
        place.forge("ada").propose(asked)
    assert place.hub.bare.branches() == ["main"]


def test_whoever_is_second_at_opening_updates_what_the_first_opened(place: AtGitHub) -> None:
    asked = wanted(place, {ONE: b"3\n"}, title="Ours")
    said = {"head": RAISE, "base": "main", "title": "Theirs"}
    first = Fault(method="POST", path="/pulls", meanwhile=lambda: place.hub.open_pull(Person("bo"), said))
    place.hub.faults.append(first)
    made = place.forge("ada").propose(asked)
    assert (made.author, made.title) == ("bo", "Ours")
    assert len(place.hub.pulls()) == 1


def pushed(place: AtGitHub, data: bytes) -> str:
    """A commit that is there, of somebody who pushed it."""
    commit = branches.commit(place.repo, "main", {ONE: data}, "Theirs")
    git(place.repo, "push", "--quiet", str(place.hub.bare.folder), f"{commit}:refs/heads/theirs")
    return commit


# --- what breaks ----------------------------------------------------------------------------------------------------


def test_what_only_reads_is_tried_again(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(502, times=2, path="/pulls"))
    assert list(place.forge("ada").proposals()) == []
    assert place.waited == [0.5, 1.0]


def test_what_stays_broken_is_given_up(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(500, times=100))
    with pytest.raises(Unreachable) as error:
        place.forge("ada").me()
    assert str(error.value) == f"GitHub did not say whose token this is: it answered 500; {LATER}"
    assert (place.waited, len(place.hub.asked)) == ([0.5, 1.0, 2.0], 4)


def test_a_broken_git_is_tried_later(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(503, path=".git/", times=10))
    with pytest.raises(Unreachable) as error:
        place.forge("ada").propose(wanted(place, {ONE: b"3\n"}))
    assert str(error.value).startswith(f"git could not push {RAISE}: ")
    assert str(error.value).endswith(LATER)


def test_nobody_there_is_unreachable(place: AtGitHub) -> None:
    place.api = "http://127.0.0.1:9"
    with pytest.raises(Unreachable) as error:
        place.forge("ada").proposals()
    assert str(error.value) == f"GitHub could not be reached to list the pull requests; {LATER}"


def test_an_answer_that_does_not_come_in_time_is_none(place: AtGitHub) -> None:
    made = one(place)
    place.hub.faults.append(Fault(method="POST", path="/comments", slow_s=60))
    with pytest.raises(Unreachable) as error:
        place.forge("ada", answer_s=0.3).say(made.number, "hello")
    assert str(error.value) == f"GitHub could not be reached to comment on #{made.number}; {LATER}"


def test_a_page_of_a_proxy_is_no_answer(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(200, times=10))
    with pytest.raises(Unreachable) as error:
        place.forge("ada").proposals()
    words = "GitHub did not list the pull requests: what it answered is no JSON"
    assert str(error.value) == f"{words}; {LATER}"
    with pytest.raises(Unreachable, match="no JSON"):
        place.forge("ada").me()


def test_what_may_have_been_done_is_not_done_again(place: AtGitHub) -> None:
    made = one(place)
    place.hub.faults.append(Fault(502, method="POST"))
    with pytest.raises(Unreachable) as error:
        place.forge("ada").tell(made.head, Check("espice/plan", Verdict.success, "ok"))
    assert str(error.value) == f"GitHub did not set espice/plan on {made.head[:12]}: it answered 502; {LATER}"
    assert place.asked("POST", f"/repos/{NAME}/statuses/{made.head}") == 1


def test_what_was_done_though_its_answer_was_lost_is_found(place: AtGitHub) -> None:
    ada = place.forge("ada")
    ada.open_issue("A halt was used", "Look at it")
    for path in ("/pulls", "/comments", "/issues", "/merge"):
        place.hub.faults.append(Fault(502, path=path, method="PUT" if path == "/merge" else "POST", done=True))
    made = ada.propose(wanted(place, {ONE: b"3\n"}))
    assert [each.number for each in place.hub.pulls()] == [made.number]
    said = ada.say(made.number, "the plan")
    assert [each.id for each in place.hub.remarks] == [said.number]
    assert ada.open_issue("A halt was used", "Look at it").endswith(f"/{made.number + 1}")
    assert len(place.hub.issues) == 3
    assert ada.merge(made.number, made.head, SUBJECT) == ada.main() == place.hub.pulls()[0].merged_as
    assert all(not each.times for each in place.hub.faults)


def test_what_was_not_done_is_said_not_to_be(place: AtGitHub) -> None:
    made, ada = one(place), place.forge("ada")
    ada.say(made.number, "something else")
    for path in ("/comments", "/issues", "/merge"):
        place.hub.faults.append(Fault(502, path=path, method="PUT" if path == "/merge" else "POST"))
    with pytest.raises(Unreachable):
        ada.say(made.number, "the plan")
    with pytest.raises(Unreachable):
        ada.open_issue("A halt was used", "Look at it")
    with pytest.raises(Unreachable):
        ada.merge(made.number, made.head, SUBJECT)
    assert (len(place.hub.remarks), len(place.hub.issues)) == (1, 1)
    assert ada.proposal(made.number).state is State.open


def test_what_another_merged_meanwhile_is_not_ours(place: AtGitHub) -> None:
    made, other = one(place), pushed(place, b"theirs\n")

    def merged() -> None:
        place.hub.bare.set(f"refs/heads/{RAISE}", other)
        place.hub.merge(Person("bo"), made.number, {"sha": other})

    place.hub.faults.append(Fault(502, method="PUT", meanwhile=merged))
    with pytest.raises(Unreachable):
        place.forge("ada").merge(made.number, made.head, SUBJECT)


def test_main_is_never_pushed_to(place: AtGitHub) -> None:
    before, asked = place.forge("ada").main(), wanted(place, {ONE: b"3\n"}, "main")
    with pytest.raises(ForgeError) as error:
        place.forge("ada").propose(asked)
    assert str(error.value) == "main is what proposals are merged to; name another branch"
    assert place.hub.bare.tip("refs/heads/main") == before


def test_what_is_merged_is_merged_though_its_branch_stays(place: AtGitHub) -> None:
    made, ada = one(place), place.forge("ada")
    place.hub.faults.append(Fault(502, method="DELETE"))
    assert ada.merge(made.number, made.head, SUBJECT) == ada.main()
    assert place.hub.bare.tip(f"refs/heads/{RAISE}") == made.head
    assert proposed(place, {ONE: b"5\n"}).number > made.number


# --- limits ---------------------------------------------------------------------------------------------------------


def test_who_is_asked_to_wait_a_little_waits_that_long(place: AtGitHub) -> None:
    made = one(place)
    place.hub.faults.append(secondary_limit(7, times=2))
    place.forge("ada").tell(made.head, Check("espice/plan", Verdict.success, "ok"))
    assert place.waited == [7.0, 7.0]
    assert len(place.hub.statuses) == 1


def test_who_is_asked_to_wait_long_gives_up_and_says_so(place: AtGitHub) -> None:
    place.hub.faults += [secondary_limit(600), Fault(429, "Too many requests")]
    for seconds in (600, 60):
        with pytest.raises(Unreachable) as error:
            place.forge("ada").proposals()
        assert str(error.value) == f"GitHub did not list the pull requests: it asks to wait {seconds} s; try again then"
    assert place.waited == []


def test_all_waiting_together_has_its_limit(place: AtGitHub) -> None:
    place.hub.faults.append(secondary_limit(12, times=10))
    with pytest.raises(Unreachable):
        place.forge("ada").proposals()
    assert place.waited == [12.0]


def test_requests_that_are_used_up_come_back_at_their_time(place: AtGitHub) -> None:
    place.hub.faults += [used_up(int(time.time()) - 5), used_up(int(time.time()) + 3000)]
    with pytest.raises(Unreachable, match=r"it asks to wait (29\d\d|3000) s; try again then"):
        place.forge("ada").proposals()
    assert place.waited == [1.0]


# --- the token ------------------------------------------------------------------------------------------------------


def test_the_token_is_in_no_argument_address_error_or_file(
    place: AtGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))  # the arguments of every git and of what it starts
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    asked, ada = wanted(place, {ONE: b"3\n"}), place.forge("ada")
    made = ada.propose(asked)
    errors = [repr(ada), repr(ada.remote)]
    for fault in (
        Fault(502, path=".git/", times=9),
        Fault(401, path=".git/", times=9),
        Fault(403, path=".git/", times=9),
    ):
        place.hub.faults = [fault]
        with pytest.raises(ForgeError) as refused:
            ada.propose(wanted(place, {ONE: b"4\n"}))
        errors.append(str(refused.value))
    place.hub.faults = [Fault(500, times=99)]
    with pytest.raises(ForgeError) as broken:
        ada.merge(made.number, made.head, SUBJECT)
    errors += [str(broken.value), repr(broken.value.__cause__)]
    written = [each.read_text(errors="replace") for each in place.repo.rglob("*") if each.is_file()]
    everything = "\n".join([*errors, *written, trace.read_text()])
    assert "git-receive-pack" in everything
    for secret in (TOKENS["ada"], b64encode(f"x-access-token:{TOKENS['ada']}".encode()).decode()):
        assert secret not in everything


def test_the_token_follows_nobody_to_another_address(place: AtGitHub) -> None:
    asked = wanted(place, {ONE: b"3\n"})
    there = {"Location": f"{place.api}/elsewhere.git/info/refs?service=git-receive-pack"}
    place.hub.faults.append(Fault(301, headers=there, path=".git/", times=9))
    with pytest.raises(ForgeError) as error:
        place.forge("ada").propose(asked)
    mend = "give origin its new address, or GITHUB_REPOSITORY its new name"
    assert str(error.value) == f"git could not push {RAISE}: the repository has another name now; {mend}"
    assert not [path for _, path in place.hub.asked if "elsewhere" in path]


def test_what_actions_checkout_left_is_not_sent_beside_it(place: AtGitHub) -> None:
    git(place.repo, "config", f"http.{place.api}/.extraheader", "Authorization: Basic c3RhbGU6c3RhbGU=")
    made = one(place)
    assert place.hub.bare.tip(f"refs/heads/{RAISE}") == made.head


def test_what_git_is_told_by_its_environment_it_is_told_still(place: AtGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    place.hub.faults.append(Fault(503, path=".git/", times=9))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{place.hub.bare.folder}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{place.api}/{NAME}.git")
    made = one(place)
    assert place.hub.bare.tip(f"refs/heads/{RAISE}") == made.head
