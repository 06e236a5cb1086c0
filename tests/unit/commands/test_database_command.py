"""A look into the laptop's database, real, and what is said where there is none."""

import json
import os
from pathlib import Path

import pytest

from delivery.commands import database
from delivery.laptop import ports
from delivery.laptop.places import Places
from delivery.laptop.processes import started
from tests.unit.events.parts import server


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A checkout."""
    monkeypatch.setattr(database, "ROOT", tmp_path)
    return Places(tmp_path)


def runs(places: Places, url: str | None) -> None:
    """As `up` writes it, with this process for its supervisor."""
    places.report.parent.mkdir(parents=True, exist_ok=True)
    said = {"phase": "ready", "pid": os.getpid(), "started": started(os.getpid()), "commit": None, "outcomes": {}}
    places.report.write_text(json.dumps({**said, "database": url}))


def url(port: int) -> str:
    return f"postgresql://owner@127.0.0.1:{port}/telemetry"


def test_without_a_laptop_there_is_no_database(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert database.db("", False) == 1
    runs(places, None)
    assert database.db("select 1", True) == 1
    assert capsys.readouterr().err == "no database runs here; ./inv up starts one\n" * 2


def test_one_that_does_not_answer_is_told(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    runs(places, url(ports.free()))
    assert database.db("select 1", False) == 1
    assert capsys.readouterr().err.startswith("the database does not answer: ")


def test_it_says_where_it_is_and_what_it_answers(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(tmp_path / "database", master="owner") as port:
        runs(places, url(port))
        assert database.db("", False) == 0
        assert capsys.readouterr().out == f"{url(port)}\n"
        assert database.db("", True) == 0
        assert json.loads(capsys.readouterr().out) == {"url": url(port)}
        query = "select 1 as one, null as nothing, '2026-11-25T12:00Z'::timestamptz as at, gen_random_uuid() as id"
        assert database.db(query, True) == 0
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["one"], row["nothing"], row["at"], len(row["id"])) == (1, None, "2026-11-25T12:00:00Z", 36)
        assert database.db("select repeat('wide ', 30) as words", False) == 0
        assert "wide " * 29 in capsys.readouterr().out
        assert database.db("selct 1", False) == 2
        assert capsys.readouterr().err == 'the database says: syntax error at or near "selct"\n'
        assert database.db("create table a ()", False) == 2
        assert "read-only transaction" in capsys.readouterr().err
