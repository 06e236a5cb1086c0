"""What people see of a simulation: the picture's panels, the table, and the JSON."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from rich.console import Console

from delivery.present import plot
from delivery.present.simulation import adoption, exposure, machine, table
from delivery.rules.fleet import Fleet
from delivery.rules.simulate import Simulation, simulate
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOON, step, world

FLEET = Fleet(
    installs=1000,
    channels={"beta": 0.5, "stable": 0.5},
    targets={("linux-x86_64", "appimage"): 1.0},
    versions={channel: {"1.3.0": 1.0} for channel in ("beta", "stable")},
    failures={"1.4.0": 0.1},
    warmup=0,
)


@pytest.fixture(scope="module")
def made() -> Simulation:
    rollouts = {
        "stable/1.3.0": [step(100, -500)],
        "stable/1.4.0": [step(10, -1), step(50, 48)],
        "beta/1.3.0": [step(100, -500)],
        "beta/1.4.0": [step(100, 24)],
    }
    return simulate(worlds.table(world(rollouts)), FLEET, NOON - timedelta(hours=12), days=5)


def shown(panel: Axes) -> list[str]:
    legend = panel.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


# --- the picture --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG")])
def test_the_suffix_says_which_kind_and_the_same_simulation_gives_the_same_file(
    made: Simulation, tmp_path: Path, name: str, begins: bytes
) -> None:
    plot.save(made, tmp_path / name, "1,000 installations")
    first = (tmp_path / name).read_bytes()
    assert first.startswith(begins)
    plot.save(made, tmp_path / name, "1,000 installations")
    assert (tmp_path / name).read_bytes() == first


def test_another_suffix_is_refused(made: Simulation, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a.pdf is neither .svg nor .png"):
        plot.save(made, tmp_path / "a.pdf", "")
    assert not list(tmp_path.iterdir())


def test_three_panels_say_what_they_show_and_in_what(made: Simulation) -> None:
    panels = plot.figure(made, "1,000 installations").axes
    assert [(panel.get_title(loc="left"), panel.get_ylabel()) for panel in panels] == [
        ("Adoption: which version they have", "share of installations"),
        ("Exposure: to how many each rollout was given so far", "share of its channel's installations"),
        ("Load: update checks and downloads, means of an hour", "requests per second"),
        ("", "megabits per second"),
    ]
    assert [shown(panel) for panel in panels[:3]] == [
        ["1.4.0", "1.3.0"],
        ["stable/1.4.0", "beta/1.4.0"],
        ["checks at the edge", "at the origin", "downloads (right)"],
    ]


def test_a_version_looks_the_same_in_all_panels(made: Simulation) -> None:
    first, second = plot.figure(made, "").axes[:2]
    new, (stable, beta) = first.lines[0], second.lines
    assert (new.get_color(), new.get_linestyle()) == (stable.get_color(), stable.get_linestyle())
    assert stable.get_color() == beta.get_color()
    assert stable.get_markerfacecolor() != beta.get_markerfacecolor()


def test_curves_are_told_apart_without_colour() -> None:
    assert len({str(dash) for _, dash, _ in plot._LOOKS}) == len({mark for *_, mark in plot._LOOKS}) == len(plot._LOOKS)
    greys = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b in (to_rgb(colour) for colour, *_ in plot._LOOKS)]
    assert all(grey < 0.75 for grey in greys)  # and from the paper


# --- the curves ---------------------------------------------------------------------------------------------------


def test_curves_are_percents_newest_first(made: Simulation) -> None:
    has, given = adoption(made, 6), exposure(made, 6)
    assert [curve.name for curve in has] == ["1.4.0", "1.3.0"]
    assert sum(float(curve.values[-1]) for curve in has) == pytest.approx(100)
    assert [curve.name for curve in given] == ["stable/1.4.0", "beta/1.4.0"]
    assert all(0 <= value <= 100 for curve in given for value in curve.values)


def test_where_there_are_too_many_those_that_matter_most_are_shown(made: Simulation) -> None:
    assert [curve.name for curve in adoption(made, 1)] == ["1.3.0"]
    assert [curve.name for curve in exposure(made, 1)] == ["beta/1.4.0"]


# --- words and numbers --------------------------------------------------------------------------------------------


def test_the_table_has_a_day_a_row(made: Simulation) -> None:
    said = Console(file=StringIO(), width=200)
    said.print(table(made))
    lines = said.file.getvalue().splitlines()  # type: ignore[attr-defined] # a StringIO
    assert [line.split()[:3] for line in lines if "GB" in line] == [
        ["Wed", "25", "Nov"],
        ["Thu", "26", "Nov"],
        ["Fri", "27", "Nov"],
        ["Sat", "28", "Nov"],
        ["Sun", "29", "Nov"],
    ]
    assert "10.0% of those to 1.4.0" in " ".join(lines)


def test_json_has_an_item_for_each_hour(made: Simulation) -> None:
    found = machine(made)
    assert list(found) == [
        "start",
        "hours",
        "seed",
        "installs",
        "adoption",
        "exposed",
        "seen",
        "failures",
        "checks_per_second",
        "origin_per_second",
        "bytes_per_second",
    ]
    assert found["start"] == "2026-11-25T00:00:00+00:00"
    assert found["hours"] == 120 == len(found["checks_per_second"]) == len(found["adoption"]["1.4.0"])
    assert [sum(both) for both in zip(*found["adoption"].values(), strict=True)] == [1000] * 120
    assert list(found["failures"]) == ["1.4.0"]
