"""The one comment of a proposal: written once, edited in its place, believed only where it is ours."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from delivery.present.markdown import LIMIT, MARKER
from delivery.proposals.comment import body, is_true, post, shown
from delivery.proposals.forge import Check, Verdict
from delivery.proposals.previewed import done, failed
from delivery.rules.problem import Problem
from tests.unit.proposals.desk import APPROVALS, GATED, HELD, PASSED, RAISED, Desk, desk, lines
from tests.unit.rules.files import NOW, ROLLOUT

pytestmark = pytest.mark.slow

COUNTS = "0 creates, 3 updates, 0 deletes, 1 replace"


@pytest.fixture(name="ours")
def _ours(tmp_path: Path) -> Desk:
    return desk(tmp_path)


def bodies(ours: Desk, number: int) -> list[str]:
    return [each.body for each in ours.forge.comments(number)]


def test_all_of_it(ours: Desk) -> None:
    ours.merged({ROLLOUT: lines(GATED)})
    made = ours.propose({ROLLOUT: lines(GATED, PASSED)})
    ours.approve(made, "bo@espice.app")
    found = ours.standing(made)
    assert found.plan
    assert found.plan.before
    ours.forge.tell(made.head, done("staging-live", COUNTS, found.main, None))
    said = post(ours.forge, made, found).body
    assert said.splitlines() == [
        "<!-- espice-plan:v1 -->",
        f"<!-- plan {found.plan.hash} of {made.head} -->",
        "### laptop: the next step of a rollout, by its pass",
        "",
        "Needs 1 approval; given by bo@&#8203;espice.app.",
        "",
        "**It may be merged.**",
        "",
        "**Evidence**: stable 1.4.0 to 25 %: 48 h at 10 %: \\*well\\*, says @&#8203;ada",
        "",
        "| clients | who | before | after | when |",
        "| --- | --- | --- | --- | --- |",
        "| stable, all targets, below 1.4.0 | cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks "
        "| 1.3.0 (or nothing) | **1.4.0** | at once |",
        "",
        "**New visitors**: stable: 1.3.0, as before",
        "",
        "**What it costs**: stable 1.4.0, at once: at most 150 of 1,000 installations, 42 MB, 0.01 downloads a second "
        "at the peak",
        "",
        "<details><summary>After a failed install (3 lines)</summary>",
        "",
        "- where 1.4.0 just failed, nothing changes",
        "- where 1.3.0 just failed:",
        "  - stable, all targets, below 1.3.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks: "
        "nothing → 1.4.0, at once",
        "",
        "</details>",
        "",
        "nobody is downgraded ✓ · nobody is stranded ✓ · nobody crosses channels ✓ · nothing published changes ✓",
        "",
        'To reverse: `./inv hold stable --version 1.4.0 --reason "…"`',
        "",
        f"**Infrastructure**: staging-live: {COUNTS}",
        "",
        f"<sub>head {made.head[:12]} ← base {found.main[:12]} · catalog {found.plan.before[:12]} → "
        f"{found.plan.after[:12]} · plan {found.plan.hash[:12]} · as of Wed 2026-11-25 12:00 UTC</sub>",
    ]


def test_what_is_missing_stands_at_the_top(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    said = body(made, ours.standing(made)).splitlines()
    assert said[4:11] == [
        "Needs 2 approvals; nobody gave one yet.",
        "",
        "**Missing**",
        "",
        f"- 2 more approvals of {made.head[:12]}",
        f"- the approval of @&#8203;espice/release for {ROLLOUT}",
        "",
    ]


def test_what_check_refuses_is_said_in_place_of_a_plan(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines('at: "2026-11-25T13:00:00Z", percent: 30')})
    post(ours.forge, made, ours.standing(made))
    assert bodies(ours, made.number)[0].splitlines() == [
        "<!-- espice-plan:v1 -->",
        "### there is no plan of this change",
        "",
        "Needs 2 approvals; nobody gave one yet.",
        "",
        "**Missing**",
        "",
        "- check refuses it: 1 problem",
        f"- 2 more approvals of {made.head[:12]}",
        f"- the approval of @&#8203;espice/release for {ROLLOUT}",
        "",
        f"**What check says**: {ROLLOUT}:8: steps.3.percent: 30 is not on the ladder of stable; "
        "write 1, 10, 25, 50 or 100",
        "",
        f"<sub>head {made.head[:12]} ← base {ours.forge.main()[:12]}</sub>",
    ]
    assert shown(ours.forge, made) is None


def test_it_is_written_once_and_edited_where_it_says_something_else(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    first = post(ours.forge, made, ours.standing(made))
    same = post(ours.forge, made, ours.standing(made, NOW + timedelta(minutes=10)))
    assert (same, ours.rewritten()) == (first, 0)
    ours.approve(made, "bo")
    second = post(ours.forge, made, ours.standing(made))
    assert second.number == first.number
    assert bodies(ours, made.number) == [second.body]
    assert "given by bo" in second.body
    assert ours.rewritten() == 1


def test_the_marker_of_somebody_else_is_left_alone_and_not_believed(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    spoofed = f"{MARKER}\n<!-- plan {'0' * 64} of {made.head} -->\n**It may be merged.**\n"
    ours.as_("mallory").say(made.number, spoofed)
    assert shown(ours.forge, made) is None
    found = ours.standing(made)
    said = post(ours.forge, made, found)
    ours.as_("mallory").say(made.number, spoofed)
    assert bodies(ours, made.number) == [spoofed, said.body, spoofed]
    assert found.plan
    assert shown(ours.forge, made) == found.plan.hash


def test_what_we_said_otherwise_is_no_plan(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    ours.forge.say(made.number, f"see {MARKER}\n<!-- plan {'0' * 64} of {made.head} -->\n")
    assert shown(ours.forge, made) is None
    post(ours.forge, made, ours.standing(made))
    assert len(bodies(ours, made.number)) == 2


def test_a_plan_of_another_head_is_not_the_one_that_people_saw(ours: Desk) -> None:
    first = ours.propose({ROLLOUT: lines(RAISED)})
    post(ours.forge, first, ours.standing(first))
    assert shown(ours.forge, first)
    second = ours.propose({ROLLOUT: lines(HELD)})
    assert shown(ours.forge, second) is None
    found = ours.standing(second)
    post(ours.forge, second, found)
    assert found.plan
    assert shown(ours.forge, second) == found.plan.hash


def test_code_that_could_answer_otherwise_is_not_run_and_that_is_said(ours: Desk) -> None:
    made = ours.propose({APPROVALS: "COUNT = 0\n", "delivery/console/a.py": "A = 1\n"})
    said = body(made, ours.standing(made))
    assert "### laptop: nobody is offered anything else" in said
    assert (
        f"**Code that decides**: {APPROVALS} would change, and main's code made this plan; "
        "on its branch, ./inv plan asks both\n"
    ) in said


def test_what_changes_the_site_says_where_its_pages_can_be_seen(ours: Desk) -> None:
    made = ours.propose({"site/content/news/hello.mdx": "---\n"})
    found = ours.standing(made)
    by = f"**Pages of the site**: see them by ./inv site preview --proposal {made.number}"
    assert f"{by}\n" in body(made, found)
    at_github = replace(made, url="https://github.com/espice/delivery/pull/7")
    built = "the artifact 'site' of the run of check at https://github.com/espice/delivery/pull/7/checks"
    assert f"{by}, or {built}\n" in body(at_github, found)
    assert "Pages of the site" not in body(made, replace(found, paths=(ROLLOUT,)))


def test_a_conflict_is_said(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    ours.merged({ROLLOUT: lines(HELD)})
    said = body(made, ours.standing(made))
    assert f"**Missing**: both it and main changed {ROLLOUT}; make the change again, on main as it is now" in said
    assert "It may be merged" not in said


def test_it_fits_whatever_is_wrong_and_keeps_its_stamp(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    found = ours.standing(made)
    wrong = tuple(Problem(f"releases/{n}.yaml", n, "steps", "x" * 400, "mend it") for n in range(1000))
    said = body(made, replace(found, problems=wrong))
    assert len(said) <= LIMIT
    assert said.count("<details>") == said.count("</details>")
    said = body(made, replace(found, problems=(replace(wrong[0], what="y" * LIMIT),)))
    assert len(said) <= LIMIT
    said_by = ours.forge.say(made.number, said)
    assert found.plan
    assert shown(ours.forge, made) == found.plan.hash
    assert said_by.body.endswith("… cut here: `./inv plan` prints the whole plan.\n")


def test_a_comment_stays_true_whoever_agrees_and_wherever_main_is(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    assert not is_true(ours.forge, made, ours.standing(made))
    post(ours.forge, made, ours.standing(made))
    ours.approve(made, "bo@espice.app")
    ours.merged({"docs/a.md": "another\n"})
    assert is_true(ours.forge, made, ours.standing(made))
    ours.approve(made, "cy", "ruth")
    later = ours.standing(made, NOW + timedelta(minutes=1))
    assert later.missing == ()
    assert is_true(ours.forge, made, later)
    post(ours.forge, made, later)
    ours.merged({"docs/a.md": "a third\n"})
    assert is_true(ours.forge, made, ours.standing(made))


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ("### laptop: ", "### laptop: nobody is offered anything else, though "),
        ("| stable, all targets", "| beta, all targets"),
        ("Needs 2 approvals", "Needs 1 approval"),
        ("; nobody gave one yet.", "; given by bo. **Nothing happens.**"),
        ("nobody is downgraded ✓", "all is well ✓"),
    ],
)
def test_a_comment_of_ours_that_another_edited_is_not_true(ours: Desk, words: str, instead: str) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    found = ours.standing(made)
    said = post(ours.forge, made, found)
    assert words in said.body
    ours.forge.rewrite(said, said.body.replace(words, instead))
    assert shown(ours.forge, made) == (found.plan and found.plan.hash)
    assert not is_true(ours.forge, made, found)


def test_previews_are_repeated_stack_by_stack_in_our_own_words(ours: Desk) -> None:
    made, main = ours.propose({ROLLOUT: lines(RAISED)}), ours.forge.main()
    for check in (
        done("staging-live", COUNTS, main, None),
        done("production", "changes the program: see the declared differences of its check", main, None),
        failed("staging", "AWS did not answer **at all**", None),
        Check("espice/preview/production-live", Verdict.pending, "it runs"),
        Check("espice/preview/production-ground", Verdict.success, "all is **well**"),
        Check("espice/preview/../x", Verdict.failure, "no stack"),
    ):
        ours.forge.tell(made.head, check)
    assert (
        "**Infrastructure**\n\n"
        "- production: changes the program: see the declared differences of its check\n"
        "- staging: the preview failed: its check says why\n"
        f"- staging-live: {COUNTS}\n\n"
    ) in post(ours.forge, made, ours.standing(made)).body


def test_what_another_said_of_a_stack_is_not_repeated(ours: Desk) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    ours.as_("mallory").tell(made.head, done("staging", COUNTS, ours.forge.main(), None))
    ours.forge.tell(made.head, done("staging-live", COUNTS, ours.forge.main(), None))
    ours.as_("mallory").tell(made.head, done("staging-live", COUNTS, ours.forge.main(), None))
    assert "Infrastructure" not in post(ours.forge, made, ours.standing(made)).body


@pytest.mark.parametrize("stacks", [("staging",), ("staging", "staging-live")])
def test_a_comment_stays_true_whatever_a_preview_says_later(ours: Desk, stacks: tuple[str, ...]) -> None:
    made = ours.propose({ROLLOUT: lines(RAISED)})
    before = post(ours.forge, made, ours.standing(made))
    for stack in stacks:
        ours.forge.tell(made.head, done(stack, COUNTS, ours.forge.main(), None))
    assert is_true(ours.forge, made, ours.standing(made))
    after = post(ours.forge, made, ours.standing(made))
    assert (after.number, "Infrastructure" in after.body) == (before.number, True)
    assert is_true(ours.forge, made, ours.standing(made))
    ours.forge.rewrite(after, after.body.replace(COUNTS, "nobody is **offered** anything"))
    assert not is_true(ours.forge, made, ours.standing(made))
