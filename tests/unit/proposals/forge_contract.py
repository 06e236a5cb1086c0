"""What every forge does, whichever keeps the proposals. A test module for an adapter imports all of it, and has a
fixture `place`: a new forge whose main is at one commit of `START`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from delivery.history import snapshot
from delivery.history.git import git, line
from delivery.proposals import branches
from delivery.proposals.forge import (
    Approval,
    Check,
    Forge,
    ForgeError,
    Moved,
    NoProposal,
    Proposal,
    State,
    Verdict,
    Wanted,
)

START = {"releases/one.yaml": b"1\n", "releases/two.yaml": b"2\n"}
RAISE, HALT = "releases/raise-stable-1.4.0", "releases/halt-beta"
SUBJECT = "Merge proposal"


class Place(Protocol):
    """A forge, and people who use it."""

    repo: Path  # the repository in which they make their commits

    def forge(self, who: str) -> Forge:
        """The forge, with this person signed in to it."""

    def branch(self, name: str, commit: str) -> None:
        """A branch that somebody made in the forge by themself."""


def wanted(
    place: Place, files: Mapping[str, bytes], branch: str = RAISE, title: str = "Raise stable", body: str = "It is good"
) -> Wanted:
    """A commit on main as it is now."""
    main = place.forge("ada").main()
    return Wanted(branch, branches.commit(place.repo, main, files, f"{title}\n\n{body}\n"), title, body)


def proposed(place: Place, files: Mapping[str, bytes], branch: str = RAISE) -> Proposal:
    """Ada's."""
    return place.forge("ada").propose(wanted(place, files, branch))


def test_each_is_signed_in_as_themselves(place: Place) -> None:
    assert (place.forge("ada").me(), place.forge("bo").me()) == ("ada", "bo")


def test_main_is_where_the_repository_can_read_it(place: Place) -> None:
    assert snapshot.at_commit(place.repo, place.forge("ada").main(), ["releases"]) == START


def test_a_proposal_is_read_as_it_was_made(place: Place) -> None:
    asked = wanted(place, {"releases/one.yaml": b"3\n"}, title='Raise `stable` to "25" %', body="It is good.\n\n- ü")
    before = datetime.now(UTC) - timedelta(minutes=1)
    made = place.forge("ada").propose(asked)
    assert (made.branch, made.head, made.title, made.body) == (RAISE, asked.commit, asked.title, asked.body)
    assert (made.author, made.state, made.merged_as) == ("ada", State.open, None)
    assert before < made.opened < datetime.now(UTC) + timedelta(minutes=1)
    assert place.forge("bo").proposal(made.number) == made


def test_a_proposal_leaves_main_where_it_is(place: Place) -> None:
    before = place.forge("ada").main()
    proposed(place, {"releases/one.yaml": b"3\n"})
    assert place.forge("ada").main() == before


def test_who_proposes_for_the_same_branch_again_updates_the_same_proposal(place: Place) -> None:
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    again = wanted(place, {"releases/one.yaml": b"4\n"}, title="Raise more", body="It is very good")
    second = place.forge("bo").propose(again)
    assert (second.number, second.head, second.title, second.body) == (
        first.number,
        again.commit,
        "Raise more",
        "It is very good",
    )
    assert (second.author, second.opened) == ("ada", first.opened)
    assert place.forge("ada").proposals() == [second]


def test_the_same_proposal_twice_is_one(place: Place) -> None:
    asked = wanted(place, {"releases/one.yaml": b"3\n"})
    assert place.forge("ada").propose(asked) == place.forge("ada").propose(asked)


def test_each_branch_has_its_own_proposal_and_the_newest_comes_first(place: Place) -> None:
    one, two = proposed(place, {"releases/one.yaml": b"3\n"}), proposed(place, {"releases/two.yaml": b"3\n"}, HALT)
    assert two.number > one.number
    assert list(place.forge("bo").proposals()) == [two, one]
    assert list(place.forge("bo").proposals(State.merged)) == []


def test_a_branch_of_somebody_s_own_is_not_overwritten(place: Place) -> None:
    asked = wanted(place, {"releases/one.yaml": b"3\n"})
    by = {f"GIT_{role}_NAME": "Bea Brown" for role in ("AUTHOR", "COMMITTER")}
    theirs = branches.commit_tree(place.repo, f"{asked.commit}^{{tree}}", "mine", f"{asked.commit}^", by=by)
    place.branch(RAISE, theirs)
    with pytest.raises(ForgeError) as error:
        place.forge("ada").propose(asked)
    what = "is a branch here that holds commits of its own and is no proposal's"
    assert str(error.value) == f"{RAISE} {what}; rename it by git branch -m, then try again"
    assert list(place.forge("ada").proposals()) == []


def test_main_is_no_branch_to_propose(place: Place) -> None:
    with pytest.raises(ForgeError):
        proposed(place, {"releases/one.yaml": b"3\n"}, "main")


def test_there_is_no_proposal_that_nobody_made(place: Place) -> None:
    with pytest.raises(NoProposal):
        place.forge("ada").proposal(99)


def test_comments_are_read_in_the_order_in_which_they_were_said(place: Place) -> None:
    number = proposed(place, {"releases/one.yaml": b"3\n"}).number
    ours, theirs = place.forge("ada").say(number, "The *plan*\n\n| a | b |\n"), place.forge("bo").say(number, "why?")
    assert (ours.author, ours.is_ours, theirs.author, theirs.is_ours) == ("ada", True, "bo", True)
    seen = [(each.number, each.author, each.body.strip(), each.is_ours) for each in place.forge("ada").comments(number)]
    assert seen == [
        (ours.number, "ada", "The *plan*\n\n| a | b |", True),
        (theirs.number, "bo", "why?", False),
    ]


def test_a_proposal_without_comments_has_none(place: Place) -> None:
    one, two = proposed(place, {"releases/one.yaml": b"3\n"}), proposed(place, {"releases/two.yaml": b"3\n"}, HALT)
    place.forge("ada").say(one.number, "hello")
    assert list(place.forge("ada").comments(two.number)) == []


def test_a_comment_of_ours_is_edited_in_its_place(place: Place) -> None:
    ada = place.forge("ada")
    number = proposed(place, {"releases/one.yaml": b"3\n"}).number
    first, second = ada.say(number, "first"), ada.say(number, "second")
    ada.rewrite(first, "another")
    assert [(each.number, each.body) for each in ada.comments(number)] == [
        (first.number, "another"),
        (second.number, "second"),
    ]


def test_a_comment_of_another_is_not_edited(place: Place) -> None:
    number = proposed(place, {"releases/one.yaml": b"3\n"}).number
    theirs = place.forge("bo").say(number, "<!-- espice-plan:v1 --> a marker proves nothing")
    (seen,) = place.forge("ada").comments(number)
    assert not seen.is_ours
    for comment in (seen, theirs):  # as each of them sees it
        with pytest.raises(ForgeError):
            place.forge("ada").rewrite(comment, "ours")
    assert [each.body for each in place.forge("bo").comments(number)] == [theirs.body]


def test_nothing_is_said_of_what_is_not_there(place: Place) -> None:
    with pytest.raises(NoProposal):
        place.forge("ada").say(99, "hello")


def test_nobody_agrees_at_first(place: Place) -> None:
    assert list(place.forge("ada").approvals(proposed(place, {"releases/one.yaml": b"3\n"}).number)) == []


def test_an_approval_names_who_agrees_to_what_and_when(place: Place) -> None:
    made = proposed(place, {"releases/one.yaml": b"3\n"})
    before = datetime.now(UTC) - timedelta(minutes=1)
    place.forge("bo").approve(made.number, made.head, "good")
    (given,) = place.forge("ada").approvals(made.number)
    assert given == Approval("bo", made.head, given.at, "good")
    assert before < given.at < datetime.now(UTC) + timedelta(minutes=1)


def test_an_approval_stays_with_the_commit_that_it_was_given_to(place: Place) -> None:
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    place.forge("bo").approve(first.number, first.head, "good")
    second = proposed(place, {"releases/one.yaml": b"4\n"})
    assert second.number == first.number
    assert [(each.by, each.head) for each in place.forge("ada").approvals(first.number)] == [("bo", first.head)]


def test_the_newest_word_of_each_person_counts(place: Place) -> None:
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    for who in ("bo", "cy"):
        place.forge(who).approve(first.number, first.head, "good")
    second = proposed(place, {"releases/one.yaml": b"4\n"})
    place.forge("bo").approve(second.number, second.head, "good, too")
    given = {each.by: each.head for each in place.forge("ada").approvals(first.number)}
    assert given == {"bo": second.head, "cy": first.head}
    assert len(place.forge("ada").approvals(first.number)) == 2


def test_what_is_no_longer_the_head_is_not_approved(place: Place) -> None:
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    proposed(place, {"releases/one.yaml": b"4\n"})
    with pytest.raises(Moved):
        place.forge("bo").approve(first.number, first.head, "good")
    assert list(place.forge("ada").approvals(first.number)) == []


def test_who_opened_it_had_a_hand_in_it_and_who_agreed_had_none(place: Place) -> None:
    made = proposed(place, {"releases/one.yaml": b"3\n"})
    place.forge("bo").approve(made.number, made.head, "good")
    assert set(place.forge("cy").makers(made.number)) == {"ada"}


def test_a_person_speaks_only_for_themself(place: Place) -> None:
    ada = place.forge("ada")
    assert (ada.covers("@Bo", "bo"), ada.covers("@bo", "cy"), ada.covers("bo@espice.app", "bo")) == (True, False, False)


def test_the_newest_word_of_each_check_counts(place: Place) -> None:
    ada = place.forge("ada")
    head = proposed(place, {"releases/one.yaml": b"3\n"}).head
    approvals, plan = Check("espice/approvals", Verdict.pending, "0 of 2"), Check("espice/plan", Verdict.success, "ok")
    for check in (approvals, plan, Check("espice/approvals", Verdict.failure, "not yet: 1 of 2")):
        ada.tell(head, check)
    last = Check("espice/approvals", Verdict.success, "2 of 2", "https://espice.app/plans/1")
    ada.tell(head, last)
    assert {each.name: each for each in place.forge("bo").checks(head)} == {last.name: last, plan.name: plan}
    assert len(ada.checks(head)) == 2


def test_a_check_is_of_whoever_said_it_last(place: Place) -> None:
    head = proposed(place, {"releases/one.yaml": b"3\n"}).head
    for who in ("ada", "bo"):
        place.forge(who).tell(head, Check("espice/plan", Verdict.success, "ok", by="nobody"))
    assert [each.by for each in place.forge("ada").checks(head)] == ["bo"]


def test_a_check_is_of_one_commit_only(place: Place) -> None:
    ada = place.forge("ada")
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    ada.tell(first.head, Check("espice/approvals", Verdict.success, "2 of 2"))
    assert list(ada.checks(proposed(place, {"releases/one.yaml": b"4\n"}).head)) == []


def test_a_merge_puts_a_merge_commit_on_main_with_the_message(place: Place) -> None:
    made, before = proposed(place, {"releases/one.yaml": b"3\n"}), place.forge("ada").main()
    merged_as = place.forge("bo").merge(made.number, made.head, f"{SUBJECT} {made.number}\n\nIt is ü")
    assert place.forge("ada").main() == merged_as
    assert line(place.repo, "rev-list", "--parents", "--max-count=1", merged_as).split() == [
        merged_as,
        before,
        made.head,
    ]
    assert line(place.repo, "log", "--max-count=1", "--format=%B", merged_as) == f"{SUBJECT} {made.number}\n\nIt is ü"
    assert snapshot.at_commit(place.repo, merged_as, ["releases"]) == {**START, "releases/one.yaml": b"3\n"}


def test_a_merged_proposal_says_so(place: Place) -> None:
    made = proposed(place, {"releases/one.yaml": b"3\n"})
    merged_as = place.forge("bo").merge(made.number, made.head, SUBJECT)
    seen = place.forge("ada").proposal(made.number)
    assert (seen.state, seen.merged_as, seen.head) == (State.merged, merged_as, made.head)
    assert (seen.title, seen.author) == (made.title, "ada")
    assert list(place.forge("ada").proposals()) == []
    assert list(place.forge("ada").proposals(State.merged)) == [seen]
    assert list(place.forge("ada").proposals(State.closed)) == []


def test_a_merge_takes_the_branch_away_so_that_its_name_makes_another_proposal(place: Place) -> None:
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    place.forge("bo").merge(first.number, first.head, SUBJECT)
    second = proposed(place, {"releases/one.yaml": b"4\n"})
    assert second.number > first.number
    assert (second.state, second.branch) == (State.open, RAISE)


def test_two_that_touch_other_files_are_both_merged(place: Place) -> None:
    one, two = proposed(place, {"releases/one.yaml": b"3\n"}), proposed(place, {"releases/two.yaml": b"4\n"}, HALT)
    for each in (one, two):
        place.forge("bo").merge(each.number, each.head, SUBJECT)
    main = place.forge("ada").main()
    assert snapshot.at_commit(place.repo, main, ["releases"]) == {
        "releases/one.yaml": b"3\n",
        "releases/two.yaml": b"4\n",
    }
    assert git(place.repo, "rev-list", "--count", "--first-parent", main).strip() == b"3"


def test_two_that_touch_the_same_lines_are_not_both_merged(place: Place) -> None:
    one, two = proposed(place, {"releases/one.yaml": b"3\n"}), proposed(place, {"releases/one.yaml": b"4\n"}, HALT)
    merged_as = place.forge("bo").merge(one.number, one.head, SUBJECT)
    with pytest.raises(ForgeError):
        place.forge("bo").merge(two.number, two.head, SUBJECT)
    assert place.forge("ada").main() == merged_as
    assert place.forge("ada").proposal(two.number).state is State.open


def test_a_head_that_moved_is_not_merged(place: Place) -> None:
    first, before = proposed(place, {"releases/one.yaml": b"3\n"}), place.forge("ada").main()
    second = proposed(place, {"releases/one.yaml": b"4\n"})
    with pytest.raises(Moved):
        place.forge("bo").merge(first.number, first.head, SUBJECT)
    assert place.forge("ada").main() == before
    assert place.forge("ada").proposal(first.number) == second


def test_nothing_is_merged_onto_a_main_that_moved_since_it_was_judged(place: Place) -> None:
    one, two = proposed(place, {"releases/one.yaml": b"3\n"}), proposed(place, {"releases/two.yaml": b"4\n"}, HALT)
    judged = place.forge("bo").main()
    merged_as = place.forge("bo").merge(one.number, one.head, SUBJECT, judged)
    with pytest.raises(Moved, match="main has moved in the meantime; read the proposal again, then try again"):
        place.forge("bo").merge(two.number, two.head, SUBJECT, judged)
    assert place.forge("ada").main() == merged_as
    place.forge("bo").merge(two.number, two.head, SUBJECT, merged_as)


def test_what_is_merged_is_not_merged_again(place: Place) -> None:
    made = proposed(place, {"releases/one.yaml": b"3\n"})
    merged_as = place.forge("bo").merge(made.number, made.head, SUBJECT)
    with pytest.raises(ForgeError):
        place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert place.forge("ada").main() == merged_as


def test_what_is_closed_is_not_merged(place: Place) -> None:
    made, before = proposed(place, {"releases/one.yaml": b"3\n"}), place.forge("ada").main()
    place.forge("ada").close(made.number)
    with pytest.raises(ForgeError):
        place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert place.forge("ada").main() == before


def test_a_closed_proposal_takes_its_branch_with_it_and_its_name_makes_another(place: Place) -> None:
    first = proposed(place, {"releases/one.yaml": b"3\n"})
    place.forge("ada").close(first.number)
    seen = place.forge("bo").proposal(first.number)
    assert (seen.state, seen.merged_as, seen.head) == (State.closed, None, first.head)
    assert list(place.forge("bo").proposals()) == []
    assert list(place.forge("bo").proposals(State.closed)) == [seen]
    second = proposed(place, {"releases/one.yaml": b"4\n"})
    assert second.number > first.number


def test_what_nobody_made_is_neither_approved_nor_merged_nor_closed(place: Place) -> None:
    ada = place.forge("ada")
    with pytest.raises(NoProposal):
        ada.approve(99, ada.main(), "good")
    with pytest.raises(NoProposal):
        ada.merge(99, ada.main(), SUBJECT)
    with pytest.raises(NoProposal):
        ada.close(99)


def test_each_issue_is_somewhere_else(place: Place) -> None:
    ada = place.forge("ada")
    one, two = ada.open_issue("A halt was used", "Look at it"), ada.open_issue("A halt was used", "Look at it")
    assert one
    assert one != two


def test_an_issue_is_found_again_by_its_title_and_by_whomever(place: Place) -> None:
    ada, bo = place.forge("ada"), place.forge("bo")
    before = datetime.now(UTC).replace(microsecond=0)
    assert bo.issue("A halt was used", before) is None
    where = ada.open_issue("A halt was used", "Look at it")
    ada.open_issue("Another", "Look at it")
    assert bo.issue("A halt was used", before) == where
    assert bo.issue("A halt was", before) is None
    assert bo.issue("A halt was used", before + timedelta(hours=1)) is None


def test_an_issue_is_no_proposal(place: Place) -> None:
    place.forge("ada").open_issue("A halt was used", "Look at it")
    assert list(place.forge("ada").proposals()) == []
    made = proposed(place, {"releases/one.yaml": b"3\n"})
    assert list(place.forge("ada").proposals()) == [made]


def test_a_title_and_a_body_are_text_whatever_a_shell_would_make_of_them(place: Place) -> None:
    nasty = "$(touch pwned) `id` ; rm -rf . && \"'\\ %s {} <!-- -->"
    made = place.forge("ada").propose(wanted(place, {"releases/one.yaml": b"3\n"}, title=nasty, body=nasty))
    assert (made.title, made.body) == (nasty, nasty)
