"""The plan as the comment on its pull request."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.present.markdown import LIMIT, MARKER, Review, Shown, comment, is_same, shown
from delivery.rules.catalog import Told
from delivery.rules.plan import Plan, plan
from tests.unit.rules.worlds import NOON, catalog, step, stop, world

pytestmark = pytest.mark.slow

TEN = {"stable/1.3.0": [step(100)], "stable/1.4.0": [step(10)]}


def raise_() -> Plan:
    after = world({**TEN, "stable/1.4.0": [step(10), step(25, 2)]})
    return plan(catalog(world(TEN)), catalog(after), NOON, after.policy.value)


def test_a_raise() -> None:
    found = raise_()
    assert found.before
    assert comment(found, head="a" * 40, base="b" * 40).splitlines() == [
        "<!-- espice-plan:v1 -->",
        "### laptop: wider: someone gets a version that was not open to everyone before",
        "",
        "Needs 2 approvals.",
        "",
        "| clients | who | before | after | when |",
        "| --- | --- | --- | --- | --- |",
        "| stable, all targets, below 1.4.0 | cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks "
        "| 1.3.0 (or nothing) | **1.4.0** | from Wed 2026-11-25 14:00 UTC |",
        "",
        "**New visitors**: stable: 1.3.0, as before",
        "",
        "**What it costs**: stable 1.4.0, from Wed 2026-11-25 14:00 UTC: at most 150 of 1,000 installations, 150 kB, "
        "0.01 downloads a second at the peak",
        "",
        "<details><summary>After a failed install (3 lines)</summary>",
        "",
        "- where 1.4.0 just failed, nothing changes",
        "- where 1.3.0 just failed:",
        "  - stable, all targets, below 1.3.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks: "
        "nothing → 1.4.0, from Wed 2026-11-25 14:00 UTC",
        "",
        "</details>",
        "",
        "nobody is downgraded ✓ · nobody is stranded ✓ · nobody crosses channels ✓ · nothing published changes ✓",
        "",
        'To reverse: `./inv hold stable --version 1.4.0 --reason "…"`',
        "",
        f"<sub>head aaaaaaaaaaaa ← base bbbbbbbbbbbb · catalog {found.before[:12]} → {found.after[:12]} · "
        f"plan {found.hash[:12]} · as of Wed 2026-11-25 12:00 UTC</sub>",
    ]


def test_a_plan_of_nothing_has_no_table() -> None:
    same = catalog(world(TEN))
    text = comment(plan(same, same, NOON, world(TEN).policy.value))
    assert "nobody is offered anything else" in text
    assert "|" not in text


def many() -> Plan:
    """A change of forty files on forty channels."""
    facts = world({f"channel-{n}/1.0.0": [step(1, n), step(10, n + 0.5), step(100, n + 500)] for n in range(40)})
    return plan(None, catalog(facts), NOON, facts.policy.value)


def test_a_change_of_many_files_is_a_folded_table_for_each_channel() -> None:
    text = comment(many())
    assert len(text) <= LIMIT
    assert text.count("<details>") == text.count("</details>") == 44  # and four sections that are long or quiet
    assert re.search("<details><summary>channel-7: [0-9]+ populations</summary>", text)


def test_a_comment_that_does_not_fit_shows_the_first_rows_of_each_table_and_keeps_promises_and_the_way_back() -> None:
    whole, cut = comment(many(), limit=10**9), comment(many(), limit=30_000)
    assert len(whole) > 30_000 >= len(cut)
    assert " more: `./inv plan` prints them all." in cut
    assert cut.count("<details>") == cut.count("</details>")
    for kept in ("nobody is downgraded ✓", "To reverse: `./inv hold channel-39 --version 1.0.0", "<sub>catalog none →"):
        assert kept in cut


def test_a_comment_that_cannot_fit_says_where_it_was_cut() -> None:
    cut = comment(many(), limit=5000)
    assert len(cut) <= 5000
    assert cut.startswith(MARKER)
    assert cut.endswith("\n\n… cut here: `./inv plan` prints the whole plan.\n")


def test_the_end_of_a_halt_is_said_and_whether_anything_of_it_may_be_offered_again() -> None:
    before, policy = catalog(world(TEN)), world(TEN).policy.value
    decided = replace(before, decided=("2026-11-25-113000-stable",))
    begins = "the halt 2026-11-25-113000-stable ends, and from then on the facts speak"
    said = comment(plan(before, decided, NOON, policy))
    assert f"{begins}: whatever else it holds may be offered again, which these facts cannot tell" in said
    stops = catalog(world(TEN, stops=[stop("stable")])).stops
    said = comment(plan(before, replace(decided, stops=stops), NOON, policy))
    assert f"{begins}: they stop all of stable" in said


def test_what_people_wrote_is_text_and_calls_nobody() -> None:
    told = Told("hello", ("stable",), ">=1.0.0", NOON, "<b>@everyone</b> | [x](y) `z`", None, None, "a.yaml:1")
    after = replace(catalog(world(TEN)), notices=(told,))
    text = comment(plan(catalog(world(TEN)), after, NOON, world(TEN).policy.value))
    assert "&lt;b>@&#8203;everyone&lt;/b> | \\[x\\](y) 'z'" in text


def test_what_people_wrote_ends_no_line_and_no_escape_and_is_no_entity() -> None:
    text = r"\[x\](https://evil.example) &#64;everyone" + "\n# a title\r<!-- plan -->"
    told = Told("hello", ("stable",), ">=1.0.0", NOON, text, None, None, "a.yaml:1")
    after = replace(catalog(world(TEN)), notices=(told,))
    said = comment(plan(catalog(world(TEN)), after, NOON, world(TEN).policy.value))
    assert r"\\\[x\\\](https://evil.example) &amp;#64;everyone # a title &lt;!-- plan -->" in said


def test_only_a_reviewed_plan_is_stamped_and_the_stamp_is_read_back() -> None:
    found, head = raise_(), "a" * 40
    review = Review(None, (), ("a word",))
    assert shown(comment(found, head=head, base="b" * 40)) is None
    said = comment(found, head=head, base="b" * 40, review=review)
    for each in (said, said.replace("\n", "\r\n")):  # as some forges give texts back
        assert shown(each) == Shown(found.hash, head)
    assert shown(f"> {said}") is None


def test_two_that_differ_in_when_they_were_made_are_the_same() -> None:
    one, other = raise_(), raise_()
    later = replace(other, now=other.now + timedelta(minutes=5))
    assert is_same(comment(one), comment(later).replace("\n", "\r\n").rstrip())
    assert not is_same(comment(one), comment(replace(later, approvals=3)))
