"""Ways around what people read and agree to, tried against a stand-in for GitHub."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from delivery.commands.judge import APPROVALS
from delivery.present.markdown import MARKER
from delivery.proposals import branches
from delivery.proposals.owners import CODEOWNERS
from tests.github.faults import Fault, secondary_limit
from tests.github.kept import Person
from tests.laptop.system import now
from tests.unit.commands.desk import Said
from tests.unit.commands.test_proposals_at_github import HOLD, AtGitHub, place

pytestmark = pytest.mark.slow

__all__ = ["place"]

ANEW = "what it does to users is not what its comment said; that is written anew: read it again: ./inv proposal 1"
POLICY = "releases/policy.yaml"
STEPS, HELD = "releases/rollouts/stable/1.4.0.yaml", "releases/hold-stable-1.4.0"
STOP = ("stop", "stable", "--reason", "crashes at start", "--at", "2026-11-20T00:00:00Z", "--pr")


def pushed(place: AtGitHub, branch: str, files: Mapping[str, bytes], title: str) -> str:
    """A commit of somebody who may push, over whatever was there."""
    commit = branches.commit(place.desk.repo, "main", files, title)
    place.desk.git("push", "-q", "-f", str(place.hub.bare.folder), f"{commit}:refs/heads/{branch}")
    return commit


def opened(place: AtGitHub, who: str, branch: str, title: str) -> int:
    """A pull request as GitHub's own page opens it."""
    place.hub.people.setdefault(f"token-of-{who}", Person(who))
    return place.hub.open_pull(Person(who), {"title": title, "body": title, "head": branch, "base": "main"}).number


def said_of(place: AtGitHub, head: str) -> tuple[str | None, str | None]:
    """The newest word of the check that main's ruleset requires, and whose it is."""
    (found,) = (each for each in place.hub.newest(head) if each.said["context"] == APPROVALS)
    return found.said["state"], found.author


# --- two at once, and what is moved between reading and merging -------------------------------------------------------


def test_of_two_that_race_the_second_is_agreed_to_anew(place: AtGitHub) -> None:
    for number, typed in (("1", HOLD), ("2", STOP)):
        place.inv("ada", *typed)
        place.inv("bea", "approve", number, "--head", place.hub.pull(int(number)).head)
    place.inv("bot", "judge")
    first, second = (place.hub.pull(number).head for number in (1, 2))
    assert [said_of(place, each)[0] for each in (first, second)] == ["success", "success"]
    place.inv("ada", "merge", "1")
    said = place.inv("ada", "merge", "2")
    assert said.err.splitlines() == [
        "proposal 2 was not merged:",
        f"  1 more approval of {second[:12]}; bea approved another plan",
        "  the approval of @espice/developers or @espice/platform or @espice/release for "
        "releases/stops/2026-11-20-stable.yaml",
        f"  {ANEW.replace('proposal 1', 'proposal 2')}",
    ]
    place.inv("bot", "judge")
    assert said_of(place, second)[0] == "pending"
    place.inv("bea", "approve", "2", "--head", second)
    place.inv("bot", "judge")
    assert said_of(place, second)[0] == "success"
    assert place.inv("ada", "merge", "2").status == 0


def test_a_push_over_what_people_agreed_to_is_not_merged_even_in_the_last_moment(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.hub.review(Person("bea"), 1, {"event": "APPROVE", "commit_id": place.hub.pull(1).head})  # by GitHub's button
    main = place.hub.bare.tip("refs/heads/main")
    wider = {STEPS: f'{place.desk.read(STEPS)}  - {{at: "{now()}", percent: 25}}\n'.encode()}
    evil = pushed(place, "elsewhere", wider, "Hold stable 1.4.0 at 0 %")

    def push() -> None:
        place.hub.bare.set(f"refs/heads/{HELD}", evil)

    place.hub.faults.append(Fault(method="PUT", path="/merge", meanwhile=push))
    words = "Head branch was modified. Review and try the merge again."
    assert place.inv("ada", "merge", "1") == Said(1, "", f"GitHub did not merge #1: {words}\n")
    said = place.inv("ada", "merge", "1")
    assert said.err.splitlines() == [
        "proposal 1 was not merged:",
        f"  2 more approvals of {evil[:12]}; bea approved another commit",
        f"  the approval of @espice/release for {STEPS}",
        f"  {ANEW}",
    ]
    assert place.hub.bare.tip("refs/heads/main") == main
    place.inv("bot", "judge")
    assert said_of(place, evil) == ("pending", "bot")


# --- words that only look like ours -----------------------------------------------------------------------------------


def test_a_marker_and_a_check_of_somebody_else_are_neither_believed_nor_touched(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    head, mal = place.hub.pull(1).head, Person("mal")
    spoofed = place.hub.remarks[0].body.replace("1 more approval", "no approval")
    place.hub.say(mal, 1, spoofed)
    place.hub.tell(mal, head, {"state": "success", "context": APPROVALS, "description": "2 approvals of exactly this"})
    place.inv("bot", "judge")
    assert said_of(place, head) == ("pending", "bot")
    assert [(each.author, each.body == spoofed) for each in place.hub.remarks] == [
        ("ada", False),
        ("mal", True),
        ("bot", False),
    ]
    assert all(each.body.startswith(MARKER) for each in place.hub.remarks)
    place.inv("bea", "approve", "1", "--head", head)
    place.hub.people["token-of-cem"] = Person("cem")
    assert place.inv("cem", "merge", "1") == Said(1, "", f"proposal 1 was not merged:\n  {ANEW}\n")
    assert place.inv("cem", "merge", "1").status == 0


def test_a_pull_request_that_edits_how_approvals_count_is_counted_as_main_counts(
    place: AtGitHub, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    code = f"from pathlib import Path\nPath({str(ran)!r}).touch()\n".encode()
    paths = ("delivery/__init__.py", "delivery/commands/judge.py", "delivery/rules/approvals.py", "tasks.py", "inv")
    files = {**dict.fromkeys(paths, code), CODEOWNERS: b"* @mal @ada\n", ".github/workflows/judge.yml": b"on: push\n"}
    head = pushed(place, "mend", files, "Mend a typing error")
    place.hub.people["token-of-mal"] = Person("mal", more_mails=("maintainer@espice.localhost",))
    opened(place, "mal", "mend", "Mend a typing error")
    place.inv("ada", "approve", "1", "--head", head)
    place.shell.setenv("GITHUB_TOKEN", "token-of-bot")
    said = place.desk.terminal("judge")  # in a process of its own, so that its code would be loaded
    security = "the approval of @espice/security for .github/CODEOWNERS and .github/workflows/judge.yml"
    platform = "@espice/platform for delivery/__init__.py, delivery/commands/judge.py, inv and tasks.py"
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"proposal 1 at {head[:12]}: pending, missing: ")
    assert security in said.out
    assert platform in said.out
    assert said_of(place, head) == ("pending", "bot")
    said = place.desk.terminal("merge", "1")
    assert (said.status, security in said.err) == (1, True)
    assert not ran.exists()


@pytest.mark.parametrize("branch", ["$(touch${IFS}pwned)", "a;touch${IFS}pwned;b", "-x`touch${IFS}pwned`", "a'\"b"])
def test_a_title_and_a_branch_are_text_to_every_task(place: AtGitHub, branch: str) -> None:
    title = "$(touch pwned) `touch pwned`; touch pwned # '\" [red]\x1b[31m\u202e"
    legible = title.replace("\x1b", "\ufffd").replace("\u202e", "\ufffd")
    place.shell.chdir(place.desk.repo)
    head = pushed(place, branch, {"docs/README.md": b"more\n"}, title)
    opened(place, "ada", branch, title)
    said = place.inv("bea", "proposal", "1").out
    assert said.startswith(f"1: {legible}\n")
    assert f"{branch} at {head}" in said
    for who, *typed in (
        ("bot", "judge"),
        ("bea", "proposals"),
        ("bea", "approve", "1", "--head", head),
        ("bot", "merge", "1"),
    ):
        last = place.inv(who, *typed)
        assert (last.status, last.err) == (0, "")
        assert not {"\x1b", "\u202e"} & {*last.out}
    subject = place.desk.git("log", "-1", "--format=%s", str(place.hub.bare.tip("refs/heads/main"))).strip()
    assert subject == f"{legible} (#1)"
    assert place.desk.changed() == ""
    assert not list(place.desk.repo.parent.rglob("pwned"))


# --- a GitHub that is in trouble --------------------------------------------------------------------------------------


def test_a_limit_an_error_and_a_lost_answer_leave_one_proposal_and_one_merge(place: AtGitHub) -> None:
    place.hub.faults.append(secondary_limit(600))
    said = place.inv("ada", *HOLD)
    assert (said.status, said.out) == (1, "")
    assert said.err.endswith(": it asks to wait 600 s; try again then; nothing was proposed; type it again\n")
    place.hub.faults.append(secondary_limit(600, times=3))
    assert place.inv("bot", "judge").err.endswith(": it asks to wait 600 s; try again then\n")
    place.hub.faults[:] = [Fault(502, method="POST", path="/pulls", done=True)]
    assert place.inv("ada", *HOLD).status == 0
    assert len(place.hub.pulls()) == 1
    place.hub.faults[:] = [Fault(502, method="POST", path="/reviews")]
    said = place.inv("bea", "approve", "1", "--head", place.hub.pull(1).head)
    assert (said.status, "it answered 502; try again later" in said.err) == (1, True)
    assert place.inv("bea", "approve", "1", "--head", place.hub.pull(1).head).status == 0
    place.hub.faults[:] = [Fault(502, method="PUT", path="/merge")]
    said = place.inv("ada", "merge", "1")
    assert said.err.endswith("; whether it was merged is not known; ./inv proposal 1 says so\n")
    place.hub.faults[:] = [Fault(502, method="PUT", path="/merge", done=True)]
    assert place.inv("ada", "merge", "1").out.startswith("merged proposal 1 as ")
    assert place.hub.pull(1).merged_as == place.hub.bare.tip("refs/heads/main")


# --- what others wrote, and what nobody can read ----------------------------------------------------------------------


def test_a_comment_that_another_edited_is_written_anew_before_it_is_merged(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.inv("bea", "approve", "1", "--head", place.hub.pull(1).head)
    (remark,) = place.hub.remarks
    true = remark.body
    stamp = "\n".join(true.split("\n")[:2])
    place.hub.rewrite(Person("mal"), remark.id, f"{stamp}\n### laptop: nobody is offered anything else\n")
    assert place.inv("ada", "merge", "1") == Said(1, "", f"proposal 1 was not merged:\n  {ANEW}\n")
    assert "| clients | who |" in place.hub.remarks[0].body
    assert place.inv("ada", "merge", "1").status == 0


def test_facts_of_main_that_nobody_can_read_are_mended_by_a_proposal(place: AtGitHub) -> None:
    bare, good = str(place.hub.bare.folder), place.desk.read(POLICY).encode()
    files = {POLICY: b"approvals: [\n", CODEOWNERS: b"* @bea\n"}
    bad = branches.commit(place.desk.repo, "main", files, "Break it")
    place.desk.git("push", "-q", bare, f"{bad}:refs/heads/main")
    head = branches.commit(place.desk.repo, bad, {POLICY: good}, "Mend it")
    place.desk.git("push", "-q", bare, f"{head}:refs/heads/mend")
    place.hub.open_pull(Person("ada"), {"title": "Mend it", "body": "", "head": "mend", "base": "main"})
    place.inv("bea", "approve", "1", "--head", head)
    said = place.inv("ada", "merge", "1")
    assert said.err.splitlines() == ["proposal 1 was not merged:", f"  1 more approval of {head[:12]}", f"  {ANEW}"]
    assert "there is no plan of this change" in place.hub.remarks[-1].body
    place.inv("bot", "approve", "1", "--head", head)
    said = place.inv("ada", "merge", "1")
    assert (said.status, said.err) == (0, "")
    assert place.desk.git("show", f"{place.hub.bare.tip('refs/heads/main')}:{POLICY}").encode() == good
