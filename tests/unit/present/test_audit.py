"""How an audit is worded where little is known, and how it is drawn."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from matplotlib.dates import num2date

from delivery.present import audit, audit_plot
from delivery.present.audit import Audit, Audited, People
from delivery.present.audit_page import page
from delivery.present.chronicle import Row
from delivery.rules.dora import Change, TakenBack, figures
from tests.unit.present.test_chronicle import AT, ONE

WEEK = timedelta(days=7)
NOBODY = People(("A Person",), "The Forge")


def audited(*changes: Audited) -> Audit:
    taken = [each.taken for each in changes if each.taken]
    dora = figures([each.change for each in changes], taken, None, AT + WEEK, AT + WEEK, WEEK)
    return Audit("main", "c" * 40, None, AT + WEEK, "stable", "laptop", WEEK, "nothing runs here", changes, (), dora)


def one(people: People = NOBODY, taken: TakenBack | None = None, summary: str = "stable: 1.3.0 → 1.4.0") -> Audited:
    change = Change(ONE.id, AT - timedelta(minutes=5), AT, AT + timedelta(seconds=90), "wider")
    return Audited(Row(ONE, "wider", summary, ("stable",), ()), people, change, taken)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (86_400, "1 d"),
        (187_300, "2 d 4 h"),
    ],
)
def test_durations_are_told_in_two_units_at_most(seconds: float, words: str) -> None:
    assert audit.lasted(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (NOBODY, "not recorded"),
        (People(("A Person",), "The Forge", 7, approved_by=()), "nobody"),
        (People(("A Person",), "The Forge", 7, approved_by=("B", "a person <a@espice.app>")),
         "B and a person <a@espice.app> (their own)"),
    ],
)  # fmt: skip
def test_nobody_approved_is_not_the_same_as_not_recorded(people: People, words: str) -> None:
    assert dict(audit.roles(people))["approved by"] == words


def test_of_nothing_nothing_is_said() -> None:
    found = audited()
    assert found.title == "Audit of stable, laptop, main at cccccccccccc: the first change to Wed 2026-12-02 23:30 UTC"
    assert [(each.name, each.value) for each in audit.figures(found)] == [
        ("deployment frequency", "no change yet"),
        ("lead time, commit to merge", "not recorded"),
        ("lead time, merge to live", "not recorded"),
        ("change failure rate", "no change offered anything"),
        ("time to restore", "nothing was taken back"),
    ]
    assert audit.figures(found)[0].of == "0 changes"
    assert "No change of facts was merged in this time." in page(found)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (0, ""),
        (1, "; 1 more is so recent that it may yet be taken back"),
        (2, "; 2 more are so recent that they may yet be taken back"),
    ],
)
def test_what_may_yet_be_taken_back_is_told_where_there_is_any(changes: int, words: str) -> None:
    found = audited(*(one() for _ in range(changes)))
    made = replace(found, dora=replace(found.dora, offered=2, recent=changes))
    assert audit.figures(made)[3].of == f"0 of 2 that offered something, taken back within 7 days{words}"


def test_the_page_escapes_what_people_wrote() -> None:
    found = page(audited(one(People(("<b>",), "&"), summary="<script>alert(1)</script>")))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in found
    assert "by &lt;b&gt;; requested by not recorded; approved by not recorded; merged by &amp;" in found
    assert "<script" not in found


def test_the_axis_of_time_ends_with_the_audit_and_each_day_says_its_month() -> None:
    drawn = audit_plot.figure(audited(one()))
    drawn.canvas.draw()
    took = drawn.axes[1]
    assert [num2date(each).date() for each in took.get_xlim()] == [date(2026, 11, 23), date(2026, 12, 2)]
    days = [label.get_text() for label in took.get_xticklabels()]
    assert (days[0], days[-1]) == ("23 Nov", "02 Dec")
    assert took.get_yticklabels()[0].get_text() == "≤ 1 s"


def test_points_are_drawn_only_for_what_is_recorded(tmp_path: Path) -> None:
    back = TakenBack(ONE.id, AT, "b" * 40, AT + timedelta(hours=1), "held")
    unknown = Audited(one().row, NOBODY, Change(ONE.id, AT, AT, None, "narrower"))
    weeks, took = audit_plot.figure(audited(one(taken=back), unknown)).axes
    assert [line.get_label() for line in took.lines] == [
        "commit to merge (2 recorded)",
        "merge to live (1 recorded)",
        "to restore (1 recorded)",
    ]
    assert [bar.get_height() for bar in weeks.patches] == [1, 1]
    audit_plot.save(audited(), tmp_path / "empty.svg")
    with pytest.raises(ValueError, match=r"^a.pdf is neither .svg nor .png$"):
        audit_plot.save(audited(), tmp_path / "a.pdf")
