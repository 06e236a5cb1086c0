"""drill as it is typed, up to where a laptop would start."""

import json

import pytest

from delivery.commands import drill as task
from delivery.drills.every import DRILLS


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("endpoint", "", "3"), f"there is no drill endpoint; there are {', '.join(DRILLS)}, and all"),
        (("flood", "", "soon"), "--seconds soon: is no number of seconds up to 600; write it like 5"),
        (("flood", "", "601"), "--seconds 601: is no number of seconds up to 600; write it like 5"),
        (("flood", "flood.txt", "3"), "--plot flood.txt: is neither an .svg nor a .png file; name one"),
        (("flood", "nowhere/flood.svg", "3"), "--plot nowhere/flood.svg: there is no folder nowhere; make it first"),
        (("all", "all.svg", "3"), "--plot: draws one drill; name one"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_starts(
    capsys: pytest.CaptureFixture[str], typed: tuple[str, str, str], said: str
) -> None:
    assert task.drill(*typed, as_json=False) == 2
    assert capsys.readouterr().err.strip() == said


def test_the_list_has_every_drill_with_what_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert task.drill("list", "", "3", as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["drill"] for each in listed] == list(DRILLS)
    assert all(each["what"] and each["expected"] for each in listed)
    assert task.drill("list", "", "3", as_json=False) == 0
    assert f"-> {DRILLS['flood'].expected}" in capsys.readouterr().out


def test_each_drill_has_stages_and_none_may_reach_somebody_who_may_not_answer() -> None:
    for drill in DRILLS.values():
        assert drill.stages, drill.name
        assert all(stage.reaches in stage.answers for stage in drill.stages), drill.name


def test_the_documents_have_every_drill() -> None:
    written = (task.ROOT / "docs/drills.md").read_text()
    assert [name for name in DRILLS if f"`{name}`" not in written] == []
