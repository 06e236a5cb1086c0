"""Where a proposal stands, of real commits; and that nobody comes by approvals that nobody gave."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.history import snapshot
from delivery.proposals import branches
from delivery.proposals.forge import Approval, State, Untold, Wanted
from delivery.proposals.owners import CODEOWNERS, Owned, by_name
from delivery.proposals.standing import judge, naming, standing
from delivery.rules.approvals import Needed
from delivery.rules.plan import Effect
from delivery.rules.problem import Problem
from tests.examples import examples
from tests.unit.proposals.desk import APPROVALS, GATED, HELD, PASSED, RAISED, Desk, desk, lines
from tests.unit.rules.files import DONE, NOW, POLICY, ROLLOUT, STABLE, TEXTS

pytestmark = pytest.mark.slow


@pytest.fixture(name="ours")
def _ours(tmp_path: Path) -> Desk:
    return desk(tmp_path)


def release(head: str, many: int) -> tuple[str, ...]:
    """What is missing of a change of one rollout that nobody approved."""
    approvals = "1 more approval" if many == 1 else f"{many} more approvals"
    return f"{approvals} of {head[:12]}", f"the approval of @espice/release for {ROLLOUT}"


# --- what merging it does -----------------------------------------------------------------------------------------


def test_a_raise_waits_for_two_others(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    found = ours.standing(made)
    assert (found.main, found.paths, found.problems, found.given) == (ours.forge.main(), (ROLLOUT,), (), ())
    assert found.plan
    assert (found.plan.effect, found.plan.approvals, found.plan.environment) == (Effect.wider, 2, "laptop")
    assert found.needed == Needed(2, ("somebody is offered what was not open to everyone",))
    assert found.missing == release(made.head, 2)
    ours.approve(made, "bo")
    assert ours.standing(made).missing == (f"1 more approval of {made.head[:12]}",)
    ours.approve(made, "cy")
    found = ours.standing(made)
    assert ([each.by for each in found.given], found.missing) == (["bo", "cy"], ())


def test_the_next_step_waits_for_one_and_says_what_was_seen(ours: Desk) -> None:
    ours.merged({ROLLOUT: lines(GATED)})
    made = ours.propose({ROLLOUT: lines(GATED, PASSED)})
    found = ours.standing(made)
    assert found.evidence == ("stable 1.4.0 to 25 %: 48 h at 10 %: *well*, says @ada",)
    assert found.missing == release(made.head, 1)
    ours.approve(made, "bo")
    assert ours.standing(made).missing == ()


def test_it_is_about_the_merge_with_main_as_it_is_now(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    before = ours.standing(made)
    main = ours.merged({STABLE: TEXTS[STABLE] + "# a word\n"})
    after = ours.standing(made)
    assert before.result
    assert after.result
    assert (after.main, after.paths) == (main, (ROLLOUT,))
    assert snapshot.at_commit(ours.repo, after.result, [STABLE])[STABLE] == (TEXTS[STABLE] + "# a word\n").encode()
    assert before.plan
    assert after.plan
    assert before.plan.hash == after.plan.hash  # a comment changes nothing
    ours.merged({DONE: lines(HELD, of=TEXTS[DONE])})
    moved = ours.standing(made)
    assert moved.plan
    assert moved.plan.hash != before.plan.hash


def test_code_of_main_that_changed_makes_another_plan_of_the_same_facts(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    before = ours.standing(made).plan
    ours.merged({APPROVALS: "COUNT = 3\n"})
    after = ours.standing(made).plan
    assert before
    assert after
    assert before.after == after.after
    assert before.hash != after.hash


def test_nothing_is_moved_by_looking(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    before = ours.repository.git("for-each-ref"), ours.repository.git("status", "--porcelain")
    ours.standing(made)
    assert (ours.repository.git("for-each-ref"), ours.repository.git("status", "--porcelain")) == before


# --- what is in its way -------------------------------------------------------------------------------------------


def test_a_conflict_with_main_is_a_sentence(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    ours.approve(made, "bo")
    ours.merged({ROLLOUT: lines(HELD)})
    found = ours.standing(made)
    assert (found.result, found.plan, found.needed, found.paths) == (None, None, None, ())
    assert [each.by for each in found.given] == ["bo"]
    assert found.missing == (f"both it and main changed {ROLLOUT}; make the change again, on main as it is now",)


def test_what_check_refuses_has_no_plan(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines('at: "2026-11-25T13:00:00Z", percent: 30')})
    found = ours.standing(made)
    assert found.plan is None
    assert [str(each) for each in found.problems] == [
        f"{ROLLOUT}:8: steps.3.percent: 30 is not on the ladder of stable; write 1, 10, 25, 50 or 100"
    ]
    assert found.missing == ("check refuses it: 1 problem", *release(made.head, 2))


def test_facts_that_cannot_be_read_leave_open_what_they_need(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: "rollout: ["})
    ours.approve(made, "bo", "cy")
    found = ours.standing(made)
    assert (found.plan, found.needed) == (None, None)
    assert found.missing == (
        "check refuses it: 1 problem",
        "what it needs cannot be told before its facts can be read and make a catalog",
    )


def test_facts_and_code_never_change_together(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED), APPROVALS: "COUNT = 0\n"})
    ours.approve(made, "bo", "cy")
    found = ours.standing(made)
    assert [str(each) for each in found.problems] == [
        f"{ROLLOUT}: changes together with code: {APPROVALS}; make two pull requests, the code first"
    ]
    assert found.missing == ("check refuses it: 1 problem",)


def test_what_is_wrong_on_main_does_not_stop_its_mending(ours: Desk) -> None:
    ours.merged({"releases/notes.txt": "x", STABLE: TEXTS[STABLE].replace("ladder: [1, ", "ladder: [10, 1, ")})
    made = ours.propose({STABLE: TEXTS[STABLE]})
    found = ours.standing(made)
    assert [each.path for each in found.problems] == ["releases/notes.txt"]
    ours.repository.git("rm", "-q", "releases/notes.txt")
    ours.merged({})
    ours.approve(made, "bo", "cy")
    found = ours.standing(made)
    assert found.plan
    assert (found.problems, found.missing) == ((), ())


@pytest.mark.parametrize("broken", ["approvals: [\n", None])
def test_facts_of_main_that_cannot_be_read_are_mended_by_two(ours: Desk, broken: str | None) -> None:
    ours.merged({POLICY: broken} if broken else {STABLE: TEXTS[STABLE].replace("ladder: [1, ", "ladder: [x, ")})
    made = ours.propose({POLICY: TEXTS[POLICY].replace("wider: 2", "wider: 1"), STABLE: TEXTS[STABLE]})
    found = ours.standing(made)
    why = "main's facts cannot be read, so nobody can tell what this does to users"
    assert found.needed
    assert (found.plan, found.problems) == (None, ())
    assert (found.needed.count, found.needed.why) == (2, (why,))
    ours.approve(made, "ruth")
    assert ours.standing(made).missing == (f"1 more approval of {made.head[:12]}",)
    ours.approve(made, "bo")
    assert ours.standing(made).missing == ()


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("releases/Policy.yaml", "releases/policy.yaml: differs only in case from releases/Policy.yaml"),
        ("DOCS/b.md", "docs: differs only in case from DOCS"),
        ("Docs/A.md", "docs/a.md: differs only in case from Docs/A.md"),
    ],
)
def test_what_some_disks_cannot_tell_apart_is_refused(ours: Desk, path: str, problem: str) -> None:
    found = ours.standing(ours.propose({path: "a: 1\n"}))
    told = [str(each) for each in found.problems]
    assert f"{problem}: disks of macOS and Windows hold one of them; keep one" in told
    assert len(told) == len(set(told))
    assert found.missing[0].startswith("check refuses it: ")


def test_what_else_check_finds_is_in_the_way_too(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(HELD)})
    ours.approve(made, "bo")
    asked: list[Sequence[str]] = []
    wrong = Problem("Pulumi.laptop.yaml", 0, "", "is missing", "restore it from git")
    found = standing(
        ours.repo,
        ours.forge,
        ours.forge.proposal(made.number),
        NOW,
        beside=lambda facts, files, _paths: [wrong] if facts and not asked.append(list(files(["docs"]))) else [],  # type: ignore[func-returns-value]
    )
    assert asked == [["docs/a.md"]]
    assert (found.problems, found.plan, found.missing) == ((wrong,), None, ("check refuses it: 1 problem",))


def test_what_main_has_already_is_nothing_to_merge(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    ours.approve(made, "bo", "cy")
    ours.merged({ROLLOUT: lines(RAISED)})
    assert ours.standing(made).missing == ("main has all of it already",)


def test_what_is_closed_or_merged_stays_so(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(HELD)})
    ours.approve(made, "bo")
    ours.forge.close(made.number)
    assert ours.standing(made).missing == ("it is closed, so nothing becomes of it any more",)
    made = ours.propose({ROLLOUT: lines(HELD)}, branch="another")
    ours.approve(made, "bo")
    ours.forge.merge(made.number, made.head, "Merge")
    assert ours.forge.proposal(made.number).state is State.merged
    assert ours.standing(made).missing == ("it is merged, so nothing becomes of it any more",)


# --- who agrees ---------------------------------------------------------------------------------------------------


def test_nobody_approves_what_they_had_a_hand_in(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    ours.approve(made, "bo", "Ada", "A Person")
    found = ours.standing(made)
    assert [each.by for each in found.given] == ["bo"]
    assert found.missing == (
        f"1 more approval of {made.head[:12]}; A Person and Ada had a hand in it, and nobody approves their own",
    )


def test_who_adds_a_commit_to_anothers_proposal_had_a_hand_in_it(ours: Desk) -> None:
    ours.propose({ROLLOUT: lines(RAISED)})
    for key, value in (("user.name", "Bo Lee"), ("user.email", "7+bo-lee@users.noreply.github.com")):
        ours.repository.git("config", key, value)
    made = ours.propose({ROLLOUT: lines(RAISED, of=TEXTS[ROLLOUT] + "  # a word\n")}, who="bo-lee")
    assert made.author == "ada"
    ours.approve(made, "bo-lee", "cy")
    found = ours.standing(made)
    assert [each.by for each in found.given] == ["cy"]
    assert found.missing == (
        f"1 more approval of {made.head[:12]}; bo-lee had a hand in it, and nobody approves their own",
    )


def test_who_asked_a_robot_for_it_had_a_hand_in_it(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(HELD)}, who="the-bot")
    message = "Hold stable\n\nRequested-by: Bo Lee <bo-lee@users.noreply.github.com>\n"
    head = branches.commit(ours.repo, ours.forge.main(), {ROLLOUT: lines(HELD).encode()}, message)
    made = ours.forge.propose(Wanted(made.branch, head, made.title, made.body))
    ours.approve(made, "Bo-Lee", "bo lee")
    assert ours.standing(made).given == ()
    ours.approve(made, "cy")
    assert ours.standing(made).missing == ()


def test_another_commit_needs_approvals_of_its_own(ours: Desk) -> None:
    first = ours.propose({ROLLOUT: lines(RAISED)})
    ours.approve(first, "bo", "cy")
    second = ours.propose({ROLLOUT: lines(RAISED.replace("13:00", "14:00"))})
    assert second.number == first.number
    ours.approve(second, "cy")
    found = ours.standing(second)
    assert [each.by for each in found.given] == ["cy"]
    assert f"1 more approval of {second.head[:12]}; bo approved another commit" in found.missing


def test_an_approval_that_names_a_plan_is_of_that_plan_alone(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(HELD)})
    ours.as_("bo").approve(made.number, made.head, naming(ours.standing(made).plan))
    assert ours.standing(made).missing == ()
    ours.merged({DONE: lines(HELD, of=TEXTS[DONE])})
    missing = ours.standing(made).missing
    assert missing[0] == f"1 more approval of {made.head[:12]}; bo approved another plan"
    ours.as_("bo").approve(made.number, made.head, naming(ours.standing(made).plan))
    assert ours.standing(made).missing == ()


def test_the_owner_of_what_changes_is_among_them(ours: Desk) -> None:
    made = ours.propose({POLICY: TEXTS[POLICY].replace("wider: 2", "wider: 1")})
    ours.approve(made, "bo", "cy")
    assert ours.standing(made).missing == (f"the approval of @ruth for {POLICY}",)
    ours.approve(made, "ruth")
    assert ours.standing(made).missing == ()


def test_documents_need_somebody_and_no_owner(ours: Desk) -> None:
    made = ours.propose({"docs/a.md": "b\n"})
    assert ours.standing(made).missing == (f"1 more approval of {made.head[:12]}",)


def test_a_proposal_that_changes_how_approvals_count_is_counted_as_main_counts(ours: Desk, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    code = f"from pathlib import Path\nPath({str(ran)!r}).touch()\ndef needed(*_):\n    return None\n"
    made = ours.propose({APPROVALS: code, "delivery/__init__.py": code, CODEOWNERS: "* @ada\n"})
    ours.approve(made, "ada")
    found = ours.standing(made)
    assert found.needed
    assert (found.needed.count, found.needed.owners) == (1, (CODEOWNERS, "delivery/__init__.py", APPROVALS))
    assert found.missing == (
        f"1 more approval of {made.head[:12]}; ada had a hand in it, and nobody approves their own",
        f"the approval of @espice/platform for {CODEOWNERS}, delivery/__init__.py and {APPROVALS}",
    )
    assert not ran.exists()


def test_a_policy_that_asks_for_less_does_not_count_for_its_own_change(ours: Desk) -> None:
    made = ours.propose({POLICY: TEXTS[POLICY].replace("wider: 2", "wider: 1"), ROLLOUT: lines(RAISED)})
    found = ours.standing(made)
    assert found.needed
    assert found.needed.count == 2
    assert found.missing[0] == f"2 more approvals of {made.head[:12]}"


# --- approvals, of all kinds --------------------------------------------------------------------------------------

HEAD, OTHER = "a" * 40, "b" * 40
people = st.sampled_from(["ada", "Ada", "bo", "BO", "cy", "dee"])
approvals = st.builds(lambda by, head: Approval(by, head, NOW), people, st.sampled_from([HEAD, OTHER]))
several = st.lists(approvals, max_size=8)
needs = st.builds(lambda count: Needed(count, ("it is wider",)), st.integers(1, 3))
ours_all = st.lists(
    st.sampled_from([Owned(("@espice/release",), ("a",)), Owned(("@bo",), ("b",)), Owned(("@cy", "@dee"), ("c",))]),
    unique=True,
)


@examples(200)
@given(several, needs, ours_all)
def test_only_others_count_each_once_and_only_for_this_commit(
    those: list[Approval], needed: Needed, owned: list[Owned]
) -> None:
    counted, missing = judge({"ada"}, those, HEAD, needed, owned, by_name)
    names = [each.by.casefold() for each in counted]
    assert len(names) == len(set(names))
    assert set(names) == {each.by.casefold() for each in those if each.head == HEAD} - {"ada"}
    assert all(each.head == HEAD for each in counted)
    if not missing:
        assert len(names) >= needed.count
        assert all(any("/" in owner or owner[1:] in names for owner in each.owners) and names for each in owned)


@examples(200)
@given(several, needs, ours_all)
def test_the_author_alone_and_approvals_of_another_commit_are_never_enough(
    those: list[Approval], needed: Needed, owned: list[Owned]
) -> None:
    void = [each for each in those if each.head != HEAD or each.by.casefold() == "ada"]
    counted, missing = judge({"ada"}, void, HEAD, needed, owned, by_name)
    assert counted == ()
    assert missing


@examples(200)
@given(several, approvals, needs, ours_all)
def test_one_more_approval_never_makes_more_missing(
    those: list[Approval], one: Approval, needed: Needed, owned: list[Owned]
) -> None:
    counted, missing = judge({"ada"}, those, HEAD, needed, owned, by_name)
    counted_then, missing_then = judge({"ada"}, [*those, one], HEAD, needed, owned, by_name)
    assert set(counted) <= set(counted_then)
    assert len(missing_then) <= len(missing)


def test_the_same_person_again_is_one_approval() -> None:
    twice = [Approval(by, HEAD, NOW + timedelta(minutes=n)) for n, by in enumerate(("bo", "Bo"))]
    missing = (f"1 more approval of {HEAD[:12]}",)
    assert judge({"ada"}, twice, HEAD, Needed(2, ()), (), by_name) == ((twice[0],), missing)


def test_where_the_forge_does_not_say_who_is_in_a_team_it_is_missing_and_why() -> None:
    def covers(owner: str, by: str) -> bool:
        if owner == "@espice/release":
            raise Untold(f"whether {by} is in {owner} is a secret")
        return by_name(owner, by)

    team, either = Owned(("@espice/release",), ("a",)), Owned(("@espice/release", "@bo"), ("b",))
    given = [Approval("bo", HEAD, NOW)]
    assert judge({"ada"}, given, HEAD, Needed(1, ()), (team, either), covers)[1] == (
        "the approval of @espice/release for a; whether bo is in @espice/release is a secret",
    )
