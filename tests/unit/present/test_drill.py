"""What people see of a drill: the story, the table, the JSON and the picture."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from delivery.present import drill_plot
from delivery.present.drill import Ask, Phase, Report, Rung, machine, table, told

KIND, OTHER = "stable 1.2.0 cohort 8", "stable 1.4.0 up to date"
REPORT = Report(
    name="endpoint-killed",
    what="the endpoint is killed",
    expected="the static manifest answers until it was started again",
    kinds=(KIND, OTHER),
    phases=(
        Phase("all is well", 0.0, 1.0, broken=False),
        Phase("the endpoint is dead", 1.0, 3.0, broken=True),
        Phase("mended", 3.0, 6.0, broken=False),
    ),
    asks=(
        Ask(0.5, 0.6, KIND, Rung.endpoint, "1.4.0"),
        Ask(0.5, 0.6, OTHER, Rung.endpoint, None),
        Ask(1.5, 1.6, KIND, Rung.static, "1.3.0"),
        Ask(1.5, 1.6, OTHER, Rung.nobody, None),
        Ask(3.5, 3.6, KIND, Rung.static, "1.3.0"),
        Ask(4.5, 4.6, KIND, Rung.endpoint, "1.4.0"),
        Ask(4.5, 4.6, OTHER, Rung.endpoint, None),
    ),
    recovered=0.6,
    problems=(),
)
BAD = replace(
    REPORT,
    asks=(*REPORT.asks, Ask(2.0, 2.1, KIND, Rung.static, "1.5.0", "1.5.0 is for others only")),
    recovered=None,
    problems=("a sentence", "another one"),
)


def test_the_story_has_what_was_broken_when_who_answered_and_the_verdict() -> None:
    assert list(told(REPORT)) == [
        "endpoint-killed: the endpoint is killed",
        "     0.0 s  all is well",
        "     1.0 s  the endpoint is dead",
        "     3.0 s  mended",
        "  answered while broken: 50.0%, wrong offers: 0",
        "  all as before: 0.6 s after the mend",
        "  expected: the static manifest answers until it was started again",
        "  passed",
    ]
    assert list(told(BAD))[4:] == [
        "  answered while broken: 66.7%, wrong offers: 1",
        "  all as before: never",
        "  expected: the static manifest answers until it was started again",
        "  FAILED",
        "    a sentence",
        "    another one",
    ]


def test_what_was_measured_besides_is_told_to_people_and_machines() -> None:
    noted = replace(REPORT, notes=("the flood was answered 750 times a second",))
    assert list(told(noted))[-3] == "  the flood was answered 750 times a second"
    assert machine(noted)["notes"] == ["the flood was answered 750 times a second"]


def test_the_table_counts_for_each_kind_who_answered_before_meanwhile_and_after() -> None:
    printed = StringIO()
    Console(file=printed, width=150).print(table(REPORT))
    rows = {line.strip()[: len(KIND)]: line.split()[-12:] for line in printed.getvalue().splitlines() if "1." in line}
    assert rows[KIND] == ["1", "0", "0", "0", "0", "1", "0", "0", "1", "1", "0", "0"]
    assert rows[OTHER[: len(KIND)]] == ["1", "0", "0", "1", "0", "0", "1", "0", "1", "0", "0", "1"]


def test_machines_get_all_of_it() -> None:
    said = machine(REPORT)
    assert said["answers"][KIND]["while broken"] == {"endpoint": 0, "static": 1, "nobody": 0, "none": 0}
    assert said["phases"][1] == {"what": "the endpoint is dead", "from_s": 1.0, "to_s": 3.0, "broken": True}
    assert {
        name: said[name] for name in ("drill", "passed", "answered", "wrong_offers", "recovered_s", "problems")
    } == {
        "drill": "endpoint-killed",
        "passed": True,
        "answered": 0.5,
        "wrong_offers": 0,
        "recovered_s": 0.6,
        "problems": [],
    }
    assert machine(BAD)["recovered_s"] is None


def test_the_picture_has_a_row_for_each_kind_and_marks_wrong_offers() -> None:
    [panel] = drill_plot.figure(BAD).axes
    assert [label.get_text() for label in panel.get_yticklabels()] == [KIND, OTHER]
    legend = panel.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "the endpoint, or the edge's copy",
        "the static manifest",
        "nobody",
        "a wrong offer",
    ]


def test_the_same_drill_gives_the_same_picture_and_it_holds_its_words(tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    drill_plot.save(REPORT, one)
    drill_plot.save(REPORT, other)
    assert one.read_bytes() == other.read_bytes()
    assert "all as before: 0.6 s after the mend" in one.read_text()
    with pytest.raises(ValueError, match=r"one\.txt is neither \.svg nor \.png"):
        drill_plot.save(REPORT, tmp_path / "one.txt")
