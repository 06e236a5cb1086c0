"""A change on its way to main, as people type it: on a laptop alone, with git and nothing else."""

import json
import os
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from delivery.commands.propose import branch
from delivery.commands.proposed import Shown, listed
from delivery.history import snapshot
from delivery.laptop import status as reports
from delivery.proposals import branches, choose, comment
from delivery.proposals.forge import Forge, Proposal, State, Unreachable, Wanted
from delivery.proposals.local import Local
from delivery.proposals.standing import Standing
from tests.laptop.system import env, now
from tests.unit.commands import desk as typing
from tests.unit.commands.desk import Desk, Said, standing_in

pytestmark = pytest.mark.slow

MOMENT = now()
WHY = ("--reason", "crashes at start")
HOLD = ("hold", "stable", *WHY, "--at", MOMENT, "--pr")
STEPS = "releases/rollouts/stable/1.4.0.yaml"
HELD = f'  - {{hold: 0, at: "{MOMENT}", reason: "crashes at start"}}'
ASKED = "Requested-by: A Maintainer <maintainer@espice.localhost>"
OF_PLAN = {"main", "plan", "problems", "errors", "warnings"}
WHILE_OPEN = OF_PLAN | {"needed", "evidence", "missing", "announced", "pages", "previews"}
READ = "read it: ./inv proposal {}"
AGAIN = "read it again: ./inv proposal {}"


@pytest.fixture(autouse=True)
def _alone(alone: Desk) -> None:
    """All of it is proposed in the repository itself."""


def good(said: Said) -> list[str]:
    """What a task printed that had nothing to complain about."""
    assert (said.status, said.err) == (0, ""), said
    return said.out.splitlines()


def lying_here(desk: Desk) -> tuple[str, ...]:
    """All that --pr leaves alone: where HEAD is, what is staged and what is changed."""
    return (*(desk.git(*asked) for asked in (("rev-parse", "HEAD"), ("symbolic-ref", "HEAD"))), desk.changed())


def shown(desk: Desk, number: int) -> Any:
    """A proposal as machines read it."""
    said = desk.inv("proposal", str(number), "--json")
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


def proposed(desk: Desk, number: int) -> list[str]:
    """The lines that a proposal adds; it is one commit of one file, and takes none away."""
    head = shown(desk, number)["head"]
    assert desk.git("rev-list", "--count", f"main..{head}") == "1\n"
    diff = desk.git("show", "--format=", "--unified=0", head).splitlines()
    assert not [line for line in diff if line.startswith("-") and not line.startswith("---")]
    return [line[1:] for line in diff if line.startswith("+") and not line.startswith("+++")]


# --- the walk -----------------------------------------------------------------------------------------------------


def test_a_change_is_proposed_read_approved_by_another_and_merged(desk: Desk) -> None:
    before = lying_here(desk)
    lines = good(desk.inv(*HOLD))
    assert lines[:2] == [STEPS, f"+ {HELD}"]
    assert lines[3] == "opened proposal 1: Hold stable 1.4.0 at 0 %"
    assert sum(line.startswith("Plan for laptop at") for line in lines) == 1
    assert READ.format(1) in lines
    assert lying_here(desk) == before
    assert proposed(desk, 1) == [HELD]

    page = "\n".join(good(desk.inv("proposal", "1")))
    assert [line for line in lines if line.startswith("catalog ")] == [
        line for line in page.splitlines() if line.startswith("catalog ")
    ]
    head = shown(desk, 1)["head"]
    assert page.startswith("1: Hold stable 1.4.0 at 0 %\nby A Maintainer, ")
    assert f"releases/hold-stable-1.4.0 at {head}" in page
    assert "proved narrower" in page
    assert "./inv merge" not in page
    assert page.endswith(f"./inv approve 1 --head {head[:12]} --as NAME\n./inv close 1")

    assert desk.inv("merge", "1").status == 1
    assert good(desk.inv("approve", "1", "--head", head[:12], "--as", "Bea")) == [
        f"Bea approved proposal 1 at {head[:12]}: Hold stable 1.4.0 at 0 %",
        "  nothing is missing: ./inv merge 1",
    ]
    (merged,) = good(desk.inv("merge", "1", "--as", "Bea"))
    at = desk.git("rev-parse", "main").strip()
    assert merged == f"merged proposal 1 as {at}: Hold stable 1.4.0 at 0 %"
    assert desk.git("show", f"main:{STEPS}").splitlines()[-1] == HELD
    assert desk.read(STEPS).splitlines()[-1] == HELD  # main is checked out here, so its files follow
    assert desk.changed() == ""
    assert desk.git("log", "-1", "--format=%s%n%b", "main").strip() == (
        f"Hold stable 1.4.0 at 0 % (#1)\nProposal: 1\n{ASKED}\nApproved-by: Bea"
    )
    assert good(desk.inv("proposals")) == ["no proposal is open"]
    assert shown(desk, 1)["merged_as"] == at
    assert [(each["by"], each["head"]) for each in shown(desk, 1)["given"]] == [("Bea", head)]
    assert desk.inv("proposal", "1").out.splitlines()[-1].startswith("    Bea agreed, ")


def test_what_is_proposed_says_why_and_who_asked_for_it(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    said = shown(desk, 1)
    assert desk.git("log", "-1", "--format=%B", said["head"]).strip().split("\n\n") == [
        "Hold stable 1.4.0 at 0 %",
        "crashes at start",
        ASKED,
    ]
    assert (said["title"], said["body"]) == ("Hold stable 1.4.0 at 0 %", f"crashes at start\n\n{ASKED}")


def test_the_list_says_what_each_does_and_what_it_still_needs(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("stop", "beta", *WHY, "--pr"))
    table = "\n".join(good(desk.inv("proposals")))
    assert table.index("Stop beta") < table.index("Hold stable")
    assert [" ".join(line.split()) for line in table.splitlines() if "A Maintainer" in line] == [
        "2 Stop beta A Maintainer narrower 1 approval",
        "1 Hold stable 1.4.0 A Maintainer narrower 1 approval",
    ]
    assert {"at 0 %", "@espice/release"} <= {line.strip() for line in table.replace("   ", "\n").splitlines()}
    assert max(map(len, table.splitlines())) <= 80
    machine = json.loads(desk.inv("proposals", "--json").out)
    assert [(each["number"], each["state"], each["needed"]["count"]) for each in machine] == [
        (2, "open", 1),
        (1, "open", 1),
    ]
    assert all(each["missing"] for each in machine)


def test_a_difference_is_shown_where_it_is_asked_for(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    assert desk.inv("proposal", "1", "--diff").out.endswith(f"\n+{HELD}\n")
    assert "diff" not in shown(desk, 1)
    assert json.loads(desk.inv("proposal", "1", "--diff", "--json").out)["diff"].endswith(f"\n+{HELD}\n")


def test_a_closed_one_is_neither_approved_nor_merged(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("approve", "1", "--as", "Cy"))
    assert good(desk.inv("close", "1")) == ["closed proposal 1: Hold stable 1.4.0 at 0 %"]
    closed = Said(1, "", "proposal 1 is closed; ./inv proposals lists those that are open\n")
    assert desk.inv("approve", "1", "--as", "Bea") == closed
    assert desk.inv("merge", "1") == closed
    assert desk.inv("close", "1") == closed
    (row,) = (line for line in good(desk.inv("proposals", "--state", "closed")) if "Hold stable" in line)
    assert row.split()[-1] == "closed"
    machine = shown(desk, 1)
    assert [each["by"] for each in machine["given"]] == ["Cy"]
    assert {name for name, value in machine.items() if value is None} == {"url", "merged_as", *WHILE_OPEN}
    assert desk.git("branch", "--list", "releases/*") == ""


@pytest.mark.parametrize(
    ("missing", "brief"),
    [
        ("2 more approvals of 3eaaab11b4c3; Bea approved another commit", "2 approvals"),
        ("the approval of @espice/release or @bea for product.yaml", "@espice/release or @bea"),
        ("main has all of it already", "main has all of it already"),
    ],
)
def test_a_row_says_briefly_what_is_missing_and_cuts_nothing(missing: str, brief: str) -> None:
    said = Proposal(7, "b", "c" * 40, "A title " + "x" * 90, "", "Bea", State.open, datetime.now(UTC))
    needs = Standing("m", None, (), None, (), (), None, (), (missing,))
    wide, narrow = (Console(width=width, file=StringIO(), soft_wrap=True) for width in (200, 60))
    for each in (wide, narrow):
        each.print(listed([Shown(said, needs)]))
    (row,) = (line for line in _printed(wide).splitlines() if "Bea" in line)
    assert row.rstrip().endswith(f"cannot be told   {brief}")
    assert _printed(narrow).count("x") == _printed(wide).count("x")
    assert "…" not in _printed(narrow)


def _printed(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


# --- the same again -----------------------------------------------------------------------------------------------


def test_another_value_changes_the_proposal_that_is_open(desk: Desk) -> None:
    good(desk.inv("raise", "stable", "25", "--pr"))
    first = shown(desk, 1)["head"]
    lines = good(desk.inv("raise", "stable", "50", "--gate", "default", "--because", "skips a rung", "--pr"))
    assert "changed proposal 1: Raise stable 1.4.0 to 50 %" in lines
    assert shown(desk, 1)["head"] != first
    (line,) = proposed(desk, 1)
    assert "percent: 50" in line
    assert len(json.loads(desk.inv("proposals", "--json").out)) == 1


@pytest.mark.parametrize("at", [(), ("--at", MOMENT)])
def test_the_very_same_changes_nothing_and_keeps_who_agreed(desk: Desk, at: tuple[str, ...]) -> None:
    typed = ("hold", "stable", *WHY, *at, "--pr")
    good(desk.inv(*typed))
    head = shown(desk, 1)["head"]
    good(desk.inv("approve", "1", "--as", "Bea"))
    lines = good(desk.inv(*typed))
    assert "nothing changed: proposal 1 says this already" in lines
    assert lines[1] == f"+ {proposed(desk, 1)[0]}"  # and not what was typed just now
    assert lines[-2:] == [READ.format(1), "  nothing is missing: ./inv merge 1"]
    assert shown(desk, 1)["head"] == head


def test_another_moment_is_another_change(desk: Desk) -> None:
    good(desk.inv("hold", "stable", *WHY, "--at", now(-5), "--pr"))
    lines = good(desk.inv("hold", "stable", *WHY, "--at", now(-3), "--pr"))
    assert "changed proposal 1: Hold stable 1.4.0 at 0 %" in lines


def test_a_changed_proposal_is_approved_anew(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    read = shown(desk, 1)["head"][:12]
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("hold", "stable", "--reason", "loses work", "--pr"))
    head = shown(desk, 1)["head"][:12]
    stale = desk.inv("approve", "1", "--head", read, "--as", "Cy")
    assert stale == Said(1, "", f"proposal 1 is at {head} now, not at {read}; {AGAIN.format(1)}\n")
    assert shown(desk, 1)["given"] == []
    assert desk.inv("merge", "1").status == 1


# --- another's work -----------------------------------------------------------------------------------------------


def pushed(desk: Desk, parent: str, path: str, *, instead: bool = False) -> str:
    """A commit that Bea puts on the branch of a proposal: behind the one there, or instead of it."""
    files = {path: (desk.repo / path).read_bytes() + b"# by Bea\n"}
    new = branches.commit(desk.repo, parent, files, "Bea's")
    by = ("-c", "user.name=Bea", "-c", "user.email=bea@espice.localhost")
    tree, onto = desk.git("rev-parse", f"{new}^{{tree}}").strip(), "main" if instead else parent
    made = desk.git(*by, "commit-tree", "-p", onto, "-m", "Bea's", tree).strip()
    desk.git("branch", "-f", "releases/hold-stable-1.4.0", made)
    return made


def test_a_commit_of_another_is_replaced_by_name_only(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    made = pushed(desk, "main", STEPS, instead=True)
    lines = good(desk.inv(*HOLD))
    assert f"changed proposal 1: Hold stable 1.4.0 at 0 % (replaces {made[:12]} by Bea)" in lines


@pytest.mark.parametrize(
    ("path", "instead", "holds"),
    [
        (STEPS, False, "2 commits"),
        ("README.md", False, "changes of README.md"),
        ("README.md", True, "changes of README.md"),
    ],
)
def test_a_branch_that_holds_more_is_not_overwritten(desk: Desk, path: str, instead: bool, holds: str) -> None:
    good(desk.inv(*HOLD))
    made = pushed(desk, "main" if instead else shown(desk, 1)["head"], path, instead=instead)
    mend = "./inv merge 1 or ./inv close 1, then type it again"
    refused = f"branch releases/hold-stable-1.4.0 of proposal 1 holds {holds}, which would be lost; {mend}\n"
    assert desk.inv(*HOLD) == Said(1, "", refused)
    assert shown(desk, 1)["head"] == made


def test_the_branch_names_the_fact_as_well_where_what_is_done_does_not() -> None:
    """So the stop of a day and that of a halt, or those of two halts, never take each other's place."""
    assert branch("Raise stable 1.4.0 to 25 %", STEPS) == "releases/raise-stable-1.4.0"
    stop = branch("Stop beta", "releases/stops/2026-11-23-beta.yaml")
    halt = branch("Stop beta, as it is halted", "releases/stops/2026-11-23-160456-beta.yaml")
    assert (stop, halt) == ("releases/stop-beta-2026-11-23-beta", "releases/stop-beta-2026-11-23-160456-beta")


def test_one_whom_git_does_not_know_is_told_how_to_say_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true", "GIT_CONFIG_GLOBAL": os.devnull}
    unknown = {name: value for name, value in env().items() if not name.endswith("_EMAIL")} | config
    desk.git("config", "--unset", "user.email")
    for name in ("EMAIL", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(typing, "env", lambda: unknown)
    said = desk.inv(*HOLD)
    assert said == Said(1, "", "git does not know your e-mail; git config user.email you@example.org\n")


def test_an_interruption_once_it_is_open_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comment, "post", interrupted)
    said = desk.inv(*HOLD)
    assert (said.status, said.err) == (
        130,
        "interrupted: proposal 1 is open, but what it needs may not be said there; type it again\n",
    )


# --- what lies here -----------------------------------------------------------------------------------------------


def test_what_is_changed_or_committed_here_is_no_part_of_it(desk: Desk) -> None:
    desk.git("switch", "-q", "-c", "mine")
    desk.append(STEPS, "# mine")
    desk.append("README.md", "staged")
    desk.git("add", "README.md")
    before = lying_here(desk)
    lines = good(desk.inv(*HOLD))
    assert f"{STEPS} is another here than on main, where the proposal stands; it was left alone" in lines
    assert lying_here(desk) == before
    assert proposed(desk, 1) == [HELD]
    desk.git("reset", "-q", "--hard")
    desk.git("switch", "-q", "releases/hold-stable-1.4.0")
    assert "left alone" not in "\n".join(good(desk.inv(*HOLD)))  # what lies here is the proposal itself
    desk.git("switch", "-q", "main")


def test_a_dry_run_proposes_nothing(desk: Desk) -> None:
    before = desk.git("for-each-ref")
    lines = good(desk.inv(*HOLD, "--dry-run"))
    assert lines[-1] == "dry run: nothing was proposed"
    assert desk.git("for-each-ref") == before


@pytest.mark.parametrize("typed", [("hold", "stable", *WHY), ("sample", "1.6.0"), ("switch", "staging")])
def test_to_commit_and_to_propose_exclude_one_another(desk: Desk, typed: tuple[str, ...]) -> None:
    said = desk.inv(*typed, "--commit", "--pr")
    assert said == Said(2, "", "--commit makes it true here, --pr asks others first; leave out one of them\n")


def test_a_sample_is_proposed_as_well(desk: Desk) -> None:
    lines = good(desk.inv("sample", "1.6.0", "--pr"))
    assert lines[0] == "releases/versions/1.6.0.yaml"
    assert "opened proposal 1: Add sample version 1.6.0" in lines
    assert sum(line.startswith("Plan for laptop at") for line in lines) == 1
    offer = './inv start beta 1.6.0 --evidence "a sample: nothing to update" --pr'
    assert lines[-1] == f"to offer it to somebody, once it is merged: {offer}"
    assert desk.changed() == ""
    assert desk.git("show", "--name-only", "--format=", shown(desk, 1)["head"]) == "releases/versions/1.6.0.yaml\n"


# --- who ----------------------------------------------------------------------------------------------------------


def test_nobody_approves_their_own(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    own = "proposal 1 is your own, A Maintainer; somebody else must agree to it\n"
    assert desk.inv("approve", "1") == Said(1, "", own)
    assert desk.inv("approve", "1", "--as", "a maintainer").status == 1
    assert shown(desk, 1)["given"] == []


def test_what_needs_two_is_not_merged_by_one(desk: Desk) -> None:
    good(desk.inv("raise", "stable", "25", "--pr"))
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("approve", "1", "--as", "Bea"))
    said = desk.inv("merge", "1")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[0] == "proposal 1 was not merged:"
    assert len(said.err.splitlines()) == 2
    assert "approval" in said.err
    assert good(desk.inv("approve", "1", "--as", "Cy"))[-1] == "  nothing is missing: ./inv merge 1"
    good(desk.inv("merge", "1"))


# --- two at once --------------------------------------------------------------------------------------------------


def test_of_two_that_race_the_second_is_read_again(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("stop", "stable", *WHY, "--pr"))
    for number in ("1", "2"):
        good(desk.inv("approve", number, "--as", "Bea"))
    good(desk.inv("merge", "1"))
    anew = f"what it does to users is not what its comment said; that is written anew: {AGAIN.format(2)}"
    head = shown(desk, 2)["head"][:12]
    other = f"1 more approval of {head}; Bea approved another plan"
    assert desk.inv("merge", "2").err.splitlines()[1:2] == [f"  {other}"]
    assert anew not in desk.inv("merge", "2").err
    good(desk.inv("approve", "2", "--as", "Bea"))
    assert desk.git("log", "--format=%s", "-1", "main") == "Hold stable 1.4.0 at 0 % (#1)\n"
    assert good(desk.inv("merge", "2"))[0].startswith("merged proposal 2 as ")


def test_an_approval_of_what_changed_meanwhile_is_refused_once(desk: Desk) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("stop", "stable", *WHY, "--pr"))
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("merge", "1"))
    anew = f"what it does to users is not what its comment said; that is written anew: {AGAIN.format(2)}\n"
    assert desk.inv("approve", "2", "--as", "Bea") == Said(1, "", anew)
    good(desk.inv("approve", "2", "--as", "Bea"))


def test_two_of_the_same_lines_conflict_until_one_is_proposed_anew(desk: Desk) -> None:
    good(desk.inv("critical", "stable", "--below", "1.3.0", *WHY, "--pr"))
    good(desk.inv(*HOLD))
    for name in ("Bea", "Cy"):
        good(desk.inv("approve", "1", "--as", name))
    good(desk.inv("merge", "1"))
    missing = " ".join(shown(desk, 2)["missing"])
    assert STEPS in missing
    assert "what it does to users cannot be told" in desk.inv("proposal", "2").out
    assert "cannot be told" in desk.inv("proposals").out
    assert desk.inv("merge", "2").status == 1
    assert "changed proposal 2: Hold stable 1.4.0 at 0 %" in good(desk.inv(*HOLD))
    assert proposed(desk, 2) == [HELD]
    good(desk.inv("approve", "2", "--as", "Bea"))
    good(desk.inv("merge", "2"))


def test_a_main_that_moves_before_it_is_merged_is_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("approve", "1", "--as", "Bea"))

    class Slow(Local):
        def merge(self, number: int, head: str, message: str, onto: str | None = None) -> str:
            desk.git("commit", "-q", "--allow-empty", "-m", "somebody was faster")
            return super().merge(number, head, message, onto)

    monkeypatch.setattr(choose, "forge", lambda repo, **_: Slow(repo, "A Maintainer"))
    said = desk.inv("merge", "1")
    assert (said.status, said.out) == (1, "")
    assert "main has moved in the meantime; read the proposal again, then try again" in said.err
    assert desk.git("log", "-1", "--format=%s", "main").strip() == "somebody was faster"


def test_a_main_that_moves_while_it_is_merged_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("approve", "1", "--as", "Bea"))

    class Slow(Local):
        """Merges onto whatever main is, as GitHub does."""

        def merge(self, number: int, head: str, message: str, onto: str | None = None) -> str:  # noqa: ARG002
            desk.git("commit", "-q", "--allow-empty", "-m", "somebody was faster")
            return super().merge(number, head, message)

    monkeypatch.setattr(choose, "forge", lambda repo, **_: Slow(repo, "A Maintainer"))
    said = desk.inv("merge", "1")
    onto = desk.git("rev-parse", "--short=12", "main^1").strip()
    moved = f"main moved to {onto} just before, so this may do more than its comment says"
    assert (said.status, said.err) == (0, f"{moved}; see what it did: ./inv plan --base {onto}\n")


def test_a_forge_that_is_away_after_the_merge_hides_no_merge(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("approve", "1", "--as", "Bea"))
    done: list[str] = []

    class Gone(Local):
        def main(self) -> str:
            if done:
                raise Unreachable("nobody answers")
            return super().main()

        def merge(self, number: int, head: str, message: str, onto: str | None = None) -> str:
            done.append(super().merge(number, head, message, onto))
            return done[0]

    monkeypatch.setattr(choose, "forge", lambda repo, **_: Gone(repo, "A Maintainer"))
    said = desk.inv("merge", "1")
    away = "nobody answers; it is merged, but whether main had moved just before is not known\n"
    assert said == Said(0, f"merged proposal 1 as {done[0]}: Hold stable 1.4.0 at 0 %\n", away)


def test_evidence_is_read_with_the_plan(desk: Desk) -> None:
    good(desk.inv("sample", "1.6.0", "--commit"))
    good(desk.inv("start", "beta", "1.6.0", "--evidence", "1.5.0-beta.1 updates on all targets", "--pr"))
    page = good(desk.inv("proposal", "1"))
    [evidence] = [line for line in page if line.startswith("    evidence: ")]
    assert "1.5.0-beta.1 updates on all targets" in evidence
    assert shown(desk, 1)["evidence"] == [evidence.removeprefix("    evidence: ")]


def test_one_comment_says_it_all_whoever_typed(desk: Desk) -> None:
    good(desk.inv("raise", "stable", "25", "--pr"))
    for name in ("Bea", "Cy"):
        good(desk.inv("approve", "1", "--as", name))
    (comment,) = Local(desk.repo, "A Maintainer").comments(1)
    assert "Bea" in comment.body
    assert "Cy" in comment.body


def test_where_a_laptop_follows_main_it_says_what_comes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    good(desk.inv(*HOLD))
    good(desk.inv("approve", "1", "--as", "Bea"))
    monkeypatch.setattr(reports, "running", lambda _: {"pid": 1})
    _, comes = good(desk.inv("merge", "1"))
    assert comes == "the laptop follows main: it goes live by itself; ./inv status says when"


# --- what may come from anybody -----------------------------------------------------------------------------------


def test_a_title_is_text_to_shell_and_terminal_alike(desk: Desk) -> None:
    title = "$(touch pwned) `touch pwned`; [bold]ünï 🚀\x1b[31m\u202e"
    forge, repo = Local(desk.repo, "Mallory"), desk.repo
    main = forge.main()
    data = snapshot.at_commit(repo, main, ["README.md"])["README.md"]
    with standing_in(repo):
        commit = branches.commit(repo, main, {"README.md": data + b"\nmore\n"}, title)
    forge.propose(Wanted("attack", commit, title, f"{title}\n\nApproved-by: Bea"))
    legible = "$(touch pwned) `touch pwned`; [bold]ünï 🚀�[31m�"
    for typed in (("proposals",), ("proposal", "1"), ("approve", "1", "--as", "Bea"), ("merge", "1")):
        said = desk.inv(*typed)
        assert "\x1b" not in said.out + said.err
        assert "\u202e" not in said.out + said.err
    assert legible in desk.inv("proposal", "1").out
    assert desk.changed() == ""
    assert not (repo / "pwned").exists()
    good(desk.inv("close", "1"))


@pytest.mark.parametrize("task", ["proposal", "approve", "merge", "close"])
def test_a_number_that_there_is_not(desk: Desk, task: str) -> None:
    said = desk.inv(task, "7")
    assert (said.status, said.out) == (1, "")
    assert "7" in said.err
    assert desk.inv(task, "seven") == Said(2, "", "number seven: is not a whole number from 1 to 1000000000\n")


def test_a_state_that_there_is_not(desk: Desk) -> None:
    said = desk.inv("proposals", "--state", "gone")
    assert said == Said(2, "", "--state gone: is none; write open, merged or closed\n")


# --- a forge that is away -----------------------------------------------------------------------------------------


class Cut:
    """A real forge behind a wire that is cut at one of its doors."""

    def __init__(self, forge: Forge, door: str) -> None:
        self.forge, self.door = forge, door

    def __getattr__(self, name: str) -> Any:
        if name == self.door:
            raise Unreachable("nobody answers")
        return getattr(self.forge, name)


@pytest.mark.parametrize(
    ("door", "says"),
    [
        ("main", "nothing was proposed; type it again"),
        ("proposals", "nothing was proposed; type it again"),
        (
            "propose",
            "whether branch releases/hold-stable-1.4.0 was pushed is not known; type it again: that is safe",
        ),
        ("comments", "proposal 1 is open, but what it needs is not said there; type it again"),
    ],
)
def test_a_forge_that_is_away_leaves_nothing_half_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, door: str, says: str
) -> None:
    before = lying_here(desk)
    with monkeypatch.context() as cut:
        cut.setattr(choose, "forge", lambda repo, **_: Cut(Local(repo, "A Maintainer"), door))
        said = desk.inv(*HOLD)
    assert (said.status, said.err) == (1, f"nobody answers; {says}\n")
    assert lying_here(desk) == before
    lines = good(desk.inv(*HOLD))
    assert READ.format(1) in lines
    assert proposed(desk, 1) == [HELD]
