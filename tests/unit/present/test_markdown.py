"""The plan as the comment on its pull request."""

from delivery.present.markdown import LIMIT, MARKER, comment
from delivery.rules.plan import Plan, plan
from tests.unit.rules.worlds import NOON, catalog, step, world

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
        "Without a cohort (static manifests, new visitors): stable: 1.3.0, as before",
        "",
        "nobody is downgraded ✓ · nobody crosses channels ✓ · nothing published changes ✓",
        "",
        'To reverse: `./inv hold stable --version 1.4.0 --reason "…"`',
        "",
        f"<sub>head aaaaaaaaaaaa ← base bbbbbbbbbbbb · catalog {found.before[:12]} → {found.after[:12]} · "
        "as of Wed 2026-11-25 12:00 UTC</sub>",
    ]


def test_a_plan_of_nothing_has_no_table() -> None:
    same = catalog(world(TEN))
    text = comment(plan(same, same, NOON, world(TEN).policy.value))
    assert "nobody is offered anything else" in text
    assert "|" not in text


def test_a_comment_fits_the_forge_and_says_where_it_was_cut() -> None:
    many = world({f"channel-{n}/1.0.0": [step(1, n), step(10, n + 0.5), step(100, n + 500)] for n in range(40)})
    found = plan(None, catalog(many), NOON, many.policy.value)
    whole = comment(found, limit=10**9)
    cut = comment(found, limit=5000)
    assert len(whole) > 5000 >= len(cut)
    assert cut.startswith(MARKER)
    assert cut.endswith("\n\n… cut here: `./inv plan` prints the whole plan.\n")
    assert all(line in whole.splitlines() for line in cut.splitlines()[:-1])
    assert len(comment(found)) <= LIMIT
