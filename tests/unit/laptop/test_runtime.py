"""From realised clouds to recipes of processes: builds unpacked, ports kept, and nginx asked before it is told."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from delivery.laptop import runtime
from delivery.laptop.places import Places
from delivery.laptop.runtime import EdgeRefused, Wanted
from tests.unit.laptop.edge_records import Records, api, bucket, headers, joined, zone

UPDATES, DOWNLOADS = "updates.espice.localhost", "downloads.espice.localhost"
PORTS = {"edge": 8400, "updates": 8401, "downloads": 8402, "site": 8403, "aws": 8404}
DOMAINS = {"updates": UPDATES, "downloads": DOWNLOADS}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    places.state.mkdir(parents=True)
    return places


def realised(places: Places, **routing: Any) -> Records:
    """A ledger with two published versions whose zips are there."""
    records = joined(api(UPDATES, **routing), bucket(DOWNLOADS, "espice-laptop-downloads"))
    for name, version in records["aws:lambda/function:Function"]["f"]["versions"].items():
        code = places.state / f"{name}.zip"
        code.write_bytes(zipped({"delivery/endpoint/main.py": f"VERSION = {name}\n"}))
        version["code"] = str(code)
    return records


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return buffer.getvalue()


def wanted(places: Places, records: Records) -> Wanted:
    return runtime.wanted(records, places, PORTS, DOMAINS, "espice")


def test_each_version_with_a_share_runs_from_its_own_zip(places: Places) -> None:
    first, second = wanted(places, realised(places, weights={"2": 0.1})).endpoints
    assert [first["name"], second["name"]] == ["endpoint-1-11111111", "endpoint-2-22222222"]
    assert first["port"] != second["port"]
    for number, entry in (("1", first), ("2", second)):
        assert (Path(entry["cwd"]) / "delivery/endpoint/main.py").read_text() == f"VERSION = {number}\n"
        assert entry["env"]["PYTHONPATH"] == entry["cwd"]  # and nothing of the checkout
        assert entry["env"]["VERSION"] == number  # the function's own variables
        assert entry["env"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8404"
        assert str(entry["port"]) in entry["command"]


def test_each_build_says_what_it_is_and_its_share(places: Places) -> None:
    told = [
        {name: entry[name] for name in ("function", "version", "sha256", "weight")}
        for entry in wanted(places, realised(places)).endpoints
    ]
    assert told == [
        {"function": "updates:live", "version": "1", "sha256": "1" * 64, "weight": 1.0},
        {"function": "updates:live", "version": "2", "sha256": "2" * 64, "weight": 0.0},
    ]


def test_an_older_version_without_a_share_does_not_run(places: Places) -> None:
    [only] = wanted(places, realised(places, live="2")).endpoints
    assert only["name"].startswith("endpoint-2-")


def test_what_runs_keeps_its_port_over_the_next_commit(places: Places) -> None:
    [before] = wanted(places, realised(places, live="2")).endpoints
    one, two = wanted(places, realised(places)).endpoints
    assert two["port"] == before["port"] != one["port"]


def test_another_build_under_the_same_version_is_another_process(places: Places) -> None:
    """After AWS lost its memory versions are counted from 1 again."""
    records = realised(places, live="2")
    [before] = wanted(places, records).endpoints
    records["aws:lambda/function:Function"]["f"]["versions"]["2"]["sha256"] = "f" * 64
    [after] = wanted(places, records).endpoints
    assert before["name"] != after["name"]
    assert before["cwd"] != after["cwd"]


def test_half_an_unpacked_build_is_not_taken_for_one(places: Places) -> None:
    half = places.builds / f"{'1' * 64}.half"
    half.mkdir(parents=True)
    (half / "delivery").mkdir()
    entry = wanted(places, realised(places)).endpoints[-1]
    assert (Path(entry["cwd"]) / "delivery/endpoint/main.py").exists()
    assert not half.exists()


def test_ports_that_cannot_be_remembered_are_chosen_anew(places: Places) -> None:
    (places.state / "endpoints.json").write_text("{")
    [entry] = wanted(places, realised(places, live="2")).endpoints
    assert json.loads((places.state / "endpoints.json").read_text()) == {entry["name"]: entry["port"]}


def test_the_edge_is_reloaded_only_for_another_configuration(places: Places) -> None:
    records = realised(places)
    assert wanted(places, records).nginx["changed"] is True
    assert wanted(places, records).nginx["changed"] is False
    more = joined(records, zone(headers({"X-Robots-Tag": {"operation": "set", "value": "noindex"}})))
    assert wanted(places, more).nginx["changed"] is True
    [scripts] = [line for line in (places.edge / "nginx.conf").read_text().splitlines() if "js_path" in line]
    assert "X-Robots-Tag" in (Path(scripts.split('"')[1]) / "zone.js").read_text()


def test_what_nginx_does_not_take_leaves_the_configuration_in_force(places: Places) -> None:
    wanted(places, realised(places))
    before = (places.edge / "nginx.conf").read_text()
    broken = joined(realised(places), bucket('downloads"; nonsense', "espice-laptop-downloads"))
    with pytest.raises(EdgeRefused, match=r"^nginx does not take the edge's configuration: .*nonsense"):
        wanted(places, broken)
    assert (places.edge / "nginx.conf").read_text() == before
