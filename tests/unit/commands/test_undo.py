"""./inv undo as people and workflows type it: one change that takes a merged one back, and never a fact taken out."""

import json
from typing import Any

import pytest

from tests.laptop.system import now
from tests.unit.commands.desk import Desk, timeless

pytestmark = pytest.mark.slow

WHY = ("--reason", "a failed probe")
STEPS = "releases/rollouts/stable/1.4.0.yaml"
POLICY = "releases/policy.yaml"
FREEZE = ("freeze", "advent", "--from", "2099-12-01T00:00:00Z", "--until", "2099-12-24T00:00:00Z", *WHY)


@pytest.fixture(autouse=True)
def _alone(alone: Desk) -> None:
    """All of it is proposed in the repository itself."""


def good(desk: Desk, *arguments: str) -> list[str]:
    """What a task printed that had nothing to complain about."""
    said = desk.inv(*arguments)
    assert (said.status, said.err) == (0, ""), said
    return timeless(said.out).splitlines()


def half(desk: Desk, *arguments: str) -> tuple[list[str], list[str]]:
    """What it printed, and what it says is not taken back."""
    said = desk.inv("undo", *WHY, *arguments)
    assert said.status == 0, said
    return timeless(said.out).splitlines(), timeless(said.err).splitlines()


def undone(desk: Desk, *arguments: str) -> list[str]:
    return good(desk, "undo", *WHY, *arguments)


def machine(desk: Desk, *arguments: str) -> Any:
    said = desk.inv("undo", *WHY, "--json", *arguments)
    assert (said.status, said.err) == (0, ""), said
    return json.loads(said.out)


def raised(desk: Desk) -> str:
    """The commit that raised 1.4.0 on stable to 25 %."""
    good(desk, "raise", "stable", "25", "--because", "for a test", "--commit")
    return desk.git("rev-parse", "HEAD").strip()


def coded(desk: Desk) -> str:
    """The commit that added a file of code, moved one and changed one that can be run."""
    desk.write("delivery/rules/new.py", "NEW = True\n")
    desk.git("mv", "delivery/rules/ranges.py", "delivery/rules/spans.py")
    desk.append("inv", "# more")
    return committed(desk, "Change code")


def committed(desk: Desk, subject: str) -> str:
    desk.git("add", "-A")
    desk.git("commit", "-q", "-m", subject)
    return desk.git("rev-parse", "HEAD").strip()


def lines_of(desk: Desk, ref: str = "HEAD") -> list[str]:
    """What a commit changed: paths, and how many lines came and went."""
    return desk.git("show", "--numstat", "--no-renames", "--format=", ref).replace("\t", " ").splitlines()


def test_a_raise_is_taken_back_by_a_hold_in_one_commit(desk: Desk) -> None:
    commit = raised(desk)
    said = undone(desk, "--commit")
    assert said[:2] == [STEPS, '+   - {hold: 10, at: "<at>", reason: "a failed probe"}']
    assert said[-1] == 'committed: Undo "Raise stable 1.4.0 to 25 %"'
    assert lines_of(desk) == [f"1 0 {STEPS}"]
    why = f"a failed probe\n\nTakes back what commit {commit} let reach more."
    assert desk.git("log", "-1", "--format=%B").strip() == f'Undo "Raise stable 1.4.0 to 25 %"\n\n{why}'
    again = './inv resume stable 25 --version 1.4.0 --reason "…"'
    assert undone(desk, "--commit") == [f"<id>: nothing to undo: it offers nobody more; to take that back: {again}"]
    assert undone(desk, "--commit", "--change", commit) == [
        "<id>: nothing to undo: what it let reach more is taken back already"
    ]


def test_two_channels_are_taken_back_together_and_staged_where_nothing_else_is_said(desk: Desk) -> None:
    good(desk, "stop", "beta", "--reason", "a report", "--commit")
    good(desk, "lift", "stop", "beta", "--reason", "it was nothing")
    good(desk, "raise", "stable", "25", "--because", "for a test")
    committed(desk, "Lift the stop, and raise")
    said = undone(desk)
    stop = f"releases/stops/{now()[:10]}-2-beta.yaml"
    assert said[-1] == (
        f"staged {stop} {STEPS}; commit it, or take it back by git rm -f {stop} && git checkout HEAD -- {STEPS}"
    )
    assert desk.changed().splitlines() == [f"M  {STEPS}", f"A  {stop}"]
    assert "stop: {channel: beta}" in desk.read(stop).splitlines()


def test_a_merge_is_compared_with_main_before_it(desk: Desk) -> None:
    good(desk, "raise", "stable", "25", "--because", "for a test", "--pr")
    desk.git("merge", "-q", "--no-ff", "releases/raise-stable-1.4.0", "-m", "Merge the raise")
    said = machine(desk, "--dry-run")
    commit = desk.git("rev-parse", "HEAD").strip()
    assert said == {
        "commit": commit,
        "subject": "Merge the raise",
        "by": "facts",
        "says": "",
        "branch": f"releases/undo-{commit[:12]}",
        "paths": [STEPS],
        "remains": [],
        "status": 0,
    }


def test_typed_twice_it_is_the_same_proposal_and_nothing_here_moves(desk: Desk) -> None:
    commit = raised(desk)
    first = undone(desk, "--pr")
    assert 'opened proposal 1: Undo "Raise stable 1.4.0 to 25 %"' in first
    assert "nothing changed: proposal 1 says this already" in undone(desk, "--pr")
    assert (desk.git("rev-parse", "HEAD").strip(), desk.changed()) == (commit, "")
    assert lines_of(desk, f"releases/undo-{commit[:12]}") == [f"1 0 {STEPS}"]


def test_what_no_line_of_a_fact_can_take_back_is_said(desk: Desk) -> None:
    good(desk, "lift", "withdrawal", "1.4.0-beta.1", "--reason", "mended", "--commit")
    files = "the files of 1.4.0-beta.1 can be downloaded again, where they were hide"
    said, left = half(desk, "--commit")
    assert said[0].startswith("<id>: nothing to undo: it offers nobody more")
    assert left == [f"not taken back: {files}"]


def test_edits_beside_facts_that_need_no_undoing_are_named_until_they_are_set_back(desk: Desk) -> None:
    before = desk.read(POLICY)
    good(desk, *FREEZE)
    desk.append(POLICY, "# a remark")
    commit = committed(desk, "Freeze, and remark on it")
    lift = './inv lift freeze advent --reason "…"'
    says = f"it offers nobody more; to take that back: {lift}"
    rest = f"{POLICY}: set it back by hand, if need be"
    assert half(desk, "--commit") == (
        [f"<id>: nothing to undo by facts: {says}"],
        [f"not taken back: {rest}"],
    )
    said = json.loads(desk.inv("undo", *WHY, "--json", "--commit").out)
    assert (said["by"], said["says"], said["remains"]) == (None, says, [rest])
    desk.write(POLICY, before)
    committed(desk, "Set it back")
    assert undone(desk, "--commit", "--change", commit) == [f"<id>: nothing to undo: {says}"]


@pytest.mark.parametrize("reason", ["", "   ", "two\nlines"])
def test_without_a_reason_nothing_is_taken_back_neither_by_facts_nor_by_a_revert(desk: Desk, reason: str) -> None:
    for change in (raised, coded):
        head = change(desk)
        for way in ("--commit", "--pr"):
            said = desk.inv("undo", "--reason", reason, way)
            assert (said.status, said.out) == (2, "")
            quoted = json.dumps(reason)
            assert said.err == f"--reason: {quoted} is not a sentence on one line, not empty; write one\n"
        assert desk.git("rev-parse", "HEAD").strip() == head
    assert "revert/" not in desk.git("for-each-ref")


def test_what_nobody_notices_needs_no_undoing(desk: Desk) -> None:
    good(desk, "sample", "1.6.0", "--commit")
    assert undone(desk, "--commit") == ["<id>: nothing to undo: it offers nobody more"]


def test_code_is_reverted_in_one_commit_and_files_keep_what_they_may(desk: Desk) -> None:
    before = desk.git("rev-parse", "HEAD^{tree}")
    commit = coded(desk)
    paths = ["delivery/rules/new.py", "delivery/rules/ranges.py", "delivery/rules/spans.py", "inv"]
    what = "reverts <id> Change code"
    assert undone(desk, "--dry-run") == [what, *paths, "dry run: nothing was committed"]
    assert undone(desk, "--commit") == [what, *paths, 'committed: Undo "Change code"']
    assert desk.git("rev-parse", "HEAD^{tree}") == before
    assert desk.changed() == ""
    says = f'Undo "Change code"\n\na failed probe\n\nThis reverts commit {commit}.'
    assert desk.git("log", "-1", "--format=%B").strip() == says
    assert undone(desk, "--commit", "--change", commit) == ["<id>: nothing to undo: everything is as it was before it"]


def test_code_is_proposed_the_same_way_and_typed_twice_it_is_the_same_proposal(desk: Desk) -> None:
    before = desk.git("rev-parse", "HEAD^{tree}")
    commit = coded(desk)
    assert 'opened proposal 1: Undo "Change code"' in undone(desk, "--pr")
    assert "nothing changed: proposal 1 says this already" in undone(desk, "--pr")
    assert desk.git("rev-parse", f"revert/{commit[:12]}^{{tree}}") == before
    assert (desk.git("rev-parse", "HEAD").strip(), desk.changed()) == (commit, "")


def test_what_was_changed_again_since_is_named_and_nothing_is_half_written(desk: Desk) -> None:
    commit = coded(desk)
    desk.append("inv", "# and more")
    later = committed(desk, "Change it again")
    said = desk.inv("undo", *WHY, "--commit", "--change", commit)
    assert (said.status, said.out) == (1, "")
    assert timeless(said.err) == "inv changed again since <id>; take it back there by hand\n"
    assert (desk.git("rev-parse", "HEAD").strip(), desk.changed()) == (later, "")


def test_facts_that_are_edited_go_back_as_they_were(desk: Desk) -> None:
    before = desk.read(POLICY)
    desk.append(POLICY, "# a remark")
    committed(desk, "Remark on the policy")
    assert undone(desk, "--commit")[-1] == 'committed: Undo "Remark on the policy"'
    assert desk.read(POLICY) == before


def test_an_edit_that_facts_stand_on_by_now_stays(desk: Desk) -> None:
    nightly = "releases/channels/nightly.yaml"
    desk.write(nightly, desk.read("releases/channels/beta.yaml").replace("channel: beta", "channel: nightly"))
    merged = committed(desk, "Add nightly")
    said = desk.inv("undo", *WHY, "--commit")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[0].startswith(f"{nightly}: was merged and is gone; restore it; ")
    assert (desk.git("rev-parse", "HEAD").strip(), desk.changed()) == (merged, "")


def test_lines_of_facts_are_taken_back_and_edits_beside_them_are_named(desk: Desk) -> None:
    good(desk, "raise", "stable", "25", "--because", "for a test")
    desk.append(POLICY, "# a remark")
    committed(desk, "Raise, and remark on it")
    said = desk.inv("undo", *WHY, "--commit")
    assert (said.status, said.err) == (0, f"not taken back: {POLICY}: set it back by hand, if need be\n")
    assert lines_of(desk) == [f"1 0 {STEPS}"]


def test_all_since_a_commit_is_taken_back_as_one_and_its_code_is_named(desk: Desk) -> None:
    was = desk.git("rev-parse", "HEAD").strip()
    good(desk, "stop", "beta", "--reason", "a report", "--commit")
    raised(desk)
    code = coded(desk)
    good(desk, "sample", "1.6.0", "--commit")
    commit = desk.git("rev-parse", "HEAD").strip()
    says = f"the code of {code[:12]} Change code: ./inv undo --change {code[:12]}, if need be"
    said = desk.inv("undo", *WHY, "--since", was, "--pr", "--json")
    assert (said.status, said.err) == (0, f"not taken back: {says}\n"), said
    branch, subject = f"releases/undo-{was[:12]}-{commit[:12]}", f"what was merged since {was[:12]}"
    assert json.loads(said.out) == {
        "commit": commit,
        "subject": subject,
        "by": "facts",
        "says": "",
        "branch": branch,
        "paths": [STEPS],
        "remains": [says],
        "status": 0,
    }
    assert '{hold: 10, at: "' in desk.git("show", branch)
    why = f"a failed probe\n\nTakes back what commits {was}..{commit} let reach more."
    assert desk.git("log", "-1", "--format=%B", branch).startswith(f"Undo {subject}\n\n{why}\n")


def test_all_code_since_a_commit_is_reverted_as_one(desk: Desk) -> None:
    was, before = desk.git("rev-parse", "HEAD", "HEAD^{tree}").split()
    coded(desk)
    desk.append("inv", "# and more")
    commit = committed(desk, "Change it again")
    said = undone(desk, "--since", was, "--commit")
    assert (said[0], said[-1]) == ("reverts what was merged since <id>", "committed: Undo what was merged since <id>")
    assert desk.git("rev-parse", "HEAD^{tree}").strip() == before
    assert f"This reverts commits {was}..{commit}." in desk.git("log", "-1", "--format=%B")


def test_since_a_commit_that_nothing_was_merged_after_there_is_nothing_to_undo(desk: Desk) -> None:
    assert undone(desk, "--since", "HEAD", "--commit") == ["<id>: nothing to undo: everything is as it was before it"]


def wrong(desk: Desk, *arguments: str) -> str:
    said = desk.inv("undo", *WHY, *arguments)
    assert (said.status, said.out) == (2, ""), said
    return timeless(said.err).strip()


def test_what_makes_no_sense_is_refused_with_what_to_type(desk: Desk) -> None:
    first = desk.git("rev-list", "--max-parents=0", "HEAD").strip()
    assert wrong(desk, "--commit", "--pr") == (
        "--commit makes it true here, --pr asks others first; leave out one of them"
    )
    assert wrong(desk, "--change", first) == ("<id> is the first commit, and there is nothing before it to go back to")
    desk.git("checkout", "-q", "-b", "aside")
    aside = coded(desk)
    assert wrong(desk) == (
        "what is no line of a fact is taken back by a commit of its own; say --pr, --commit or --dry-run"
    )
    desk.git("checkout", "-q", "main")
    assert wrong(desk, "--change", aside) == ("<id> is not behind <id>, so it did nothing there; name a merged commit")
    assert wrong(desk, "--since", aside) == (
        "<id> is not behind <id>; name a commit of main that is older, after --since"
    )
    coded(desk)
    desk.git("checkout", "-q", "--detach")
    assert wrong(desk, "--commit") == (
        "no branch is checked out here, so nothing would hold the commit; git switch main, or say --pr"
    )
    desk.git("checkout", "-q", "main")
    desk.append(STEPS, '  - {at: "2026-11-20T14:00:00Z", percent: 25, because: for a test}')
    desk.append("inv", "# more")
    committed(desk, "Both")
    assert wrong(desk) == f"<id> Both changes {STEPS} together with code, inv; take back each by itself, by hand"
