"""What the site draws of a circuit is what ngspice computed from the netlist that lies beside it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.site import simulate
from delivery.site.check import check
from delivery.site.simulate import CIRCUITS, NoSimulation, drawn, read, reduce, stale

ROOT = Path(__file__).resolve().parents[3]
NETLIST = """* Divider
*! x time s
*! y voltage V
*! trace 1 v(out) the output
*! points 3
v1 in 0 1
"""
POINTS = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300).map(
    lambda ys: [(float(x), y) for x, y in enumerate(ys)]
)


def circuits(**changed: bytes | None) -> dict[str, bytes]:
    """Ours, by path, with some changed or (None) taken away: the name of each with an underscore for the dot."""
    found = {f"{CIRCUITS}/{file.name}": file.read_bytes() for file in (ROOT / CIRCUITS).iterdir()}
    for name, data in changed.items():
        path = f"{CIRCUITS}/{name.replace('_', '.')}"
        found.pop(path, None)
        if data is not None:
            found[path] = data
    return found


def test_every_drawn_circuit_was_simulated_from_the_netlist_beside_it() -> None:
    assert list(stale(circuits())) == []


def test_data_of_a_netlist_that_changed_or_went_is_refused() -> None:
    there = circuits(rectifier_cir=b"* louder\n", noise_cir=None)
    assert {str(each) for each in stale({**there, "site/content/circuits/new.cir": b""})} == {
        "site/content/circuits/rectifier.json: was not made from rectifier.cir as it is now; "
        "run ./inv site simulate --name rectifier",
        "site/content/circuits/new.json: was not made from new.cir as it is now; run ./inv site simulate --name new",
        "site/content/circuits/noise.json: is data of noise.cir, which is not there; take it away",
    }


def test_traces_that_are_no_traces_are_told_too() -> None:
    for wrong in (b"", b"[]", b"{}", b'"'):
        [told] = stale(circuits(rectifier_json=wrong))
        assert told.path == "site/content/circuits/rectifier.json"


def test_check_says_it() -> None:
    found = check(circuits(rectifier_cir=b"* louder\n"), datetime(2026, 11, 24, tzinfo=UTC))
    assert "site/content/circuits/rectifier.json" in {each.path for each in found}


def test_without_ngspice_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSimulation, match="apt-get install ngspice"):
        simulate.simulate(ROOT, "rectifier")


def test_an_unknown_circuit_is_answered_with_those_there_are() -> None:
    with pytest.raises(NoSimulation, match=r"there is no circuit recitfier; there are: .*rectifier"):
        simulate.simulate(ROOT, "recitfier")


def test_each_run_of_a_netlist_is_a_trace_of_its_own() -> None:
    written = " time v(out)\n 0 1\n 1 2.000049\n time v(out)\n 0 3\n 1 4\n"
    assert [each["points"] for each in drawn(read(NETLIST), written)] == [[[0, 1], [1, 2]], [[0, 3], [1, 4]]]


def test_a_vector_that_was_not_written_is_named() -> None:
    with pytest.raises(ValueError, match=r"it wrote no v\(out\), but v\(in\)"):
        drawn(read(NETLIST), " time v(in)\n 0 1\n")


@pytest.mark.parametrize("line", ["x", "y", "trace", "points"])
def test_a_netlist_says_all_that_is_drawn(line: str) -> None:
    netlist = "\n".join(each for each in NETLIST.splitlines() if not each.startswith(f"*! {line}"))
    with pytest.raises(ValueError, match=f"a line `\\*! {line} …` is missing"):
        read(netlist)


@given(POINTS, st.integers(3, 100))
def test_reducing_keeps_both_ends_the_order_and_nothing_new(points: simulate.Points, count: int) -> None:
    kept = reduce(points, count)
    assert len(kept) == min(count, len(points))
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert kept == sorted(set(kept))
    assert set(kept) <= set(points)


@given(st.integers(1, 998))
def test_reducing_keeps_a_lone_spike(at: int) -> None:
    points = [(float(x), 5.0 if x == at else 0.0) for x in range(1000)]
    assert points[at] in reduce(points, 20)


def test_the_site_reads_what_is_written() -> None:
    for name in simulate.names(ROOT):
        data = json.loads((ROOT / CIRCUITS / f"{name}.json").read_bytes())
        assert set(data) == {"netlist_sha256", "ngspice", "title", "x", "y", "series"}, name
